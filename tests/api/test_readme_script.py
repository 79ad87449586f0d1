"""The script of `config/api.md`, run as it stands there against a live server."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings

from config.kernel.tokens import ApiToken
from tests.harness.people import settle

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer

    from tests.harness.world import World

ISSUED = re.compile(r"\$\(\.venv/bin/python manage\.py issue_token (\w+)\)")


def script() -> str:
    """Cut it out."""
    (found,) = re.findall(r"```sh\n(API=.*?)```", (Path(settings.BASE_DIR) / "config/api.md").read_text(), re.DOTALL)
    return str(found)


def token_of(named: re.Match[str]) -> str:
    """Issue a token: the command would look into the database of the demo."""
    _, token = ApiToken.objects.create(user=settle(named[1]))
    return str(token)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
class TestTheScript:
    def test_ends_with_the_report_of_three_cases(self, live_server: LiveServer, world: World) -> None:
        words, count = ISSUED.subn(token_of, script())
        words = words.replace("http://127.0.0.1:8000", live_server.url)

        done = subprocess.run(
            ["/bin/bash", "-euo", "pipefail", "-c", words], capture_output=True, text=True, check=False
        )

        assert done.returncode == 0, done.stderr + done.stdout
        assert count == 3
        report = json.loads(done.stdout)["version"]
        assert report["count"] == 3
        assert {(row["outcome"], row["minor"]) for row in report["would"]} == {
            ("allow", 120_00),
            ("require_approval", 9_000_00),
            ("block", 40_000_00),
        }
