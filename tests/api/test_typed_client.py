"""A typed client, made from our schema by somebody else's generator, files a request and reads it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from config.kernel.tokens import ApiToken
from tests.harness.people import settle

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer

    from tests.harness.world import World

BIN = Path(sys.executable).parent
GENERATOR = {
    "package_name_override": "redress_client",
    # Files are bytes to it, whatever they are called.
    "content_type_overrides": {"application/zip": "application/octet-stream", "image/webp": "application/octet-stream"},
}

CALLER = """
import sys
from redress_client import AuthenticatedClient
from redress_client.api.refund_requests import file_refund_request, list_refund_requests, read_refund_request
from redress_client.models import AskedLineBodyRequest, ConditionEnum, NewRequestBodyRequest, Problem, RequestAnswer

def main(address: str, token: str, order: str) -> None:
    client = AuthenticatedClient(base_url=address, token=token)
    body = NewRequestBodyRequest(
        channel="shop-uk", order=order, reason="changed_mind",
        lines=[AskedLineBodyRequest(line="1", quantity=1, condition=ConditionEnum.UNOPENED)],
    )
    filed = file_refund_request.sync(client=client, body=body, idempotency_key="typed-1")
    assert isinstance(filed, RequestAnswer), filed
    read = read_refund_request.sync(filed.reference, client=client)
    assert isinstance(read, RequestAnswer), read
    assert read.amount_minor == filed.amount_minor
    nobody = read_refund_request.sync("RR-NONE", client=client)
    assert isinstance(nobody, Problem), nobody
    print(read.reference, read.state, read.amount_minor, read.currency, nobody.code)

main(*sys.argv[1:])
"""


def run(*words: str | Path, cwd: Path) -> str:
    """Run a command, with the programs of this environment in reach; what it complains of fails the test."""
    reach = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"}
    done = subprocess.run(
        [str(word) for word in words], cwd=cwd, env=reach, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
class TestATypedClient:
    def test_files_a_request_and_reads_it(self, tmp_path: Path, live_server: LiveServer, world: World) -> None:
        order = world.order(unit_minor=100_00)
        _, token = ApiToken.objects.create(user=settle("amir"))
        (tmp_path / "schema.json").write_bytes(Client().get("/api/schema/?format=json").content)
        (tmp_path / "config.json").write_text(json.dumps(GENERATOR))
        (tmp_path / "caller.py").write_text(CALLER)

        # Whatever the generator cannot express it leaves out with a warning; here a warning is a failure.
        run(
            BIN / "openapi-python-client", "generate", "--path", "schema.json", "--output-path", "redress_client",
            "--meta", "none", "--config", "config.json", "--fail-on-warning", cwd=tmp_path,
        )  # fmt: skip
        run(
            BIN / "mypy", "--strict", "--follow-imports", "silent", "--cache-dir", tmp_path / "cache", "caller.py",
            cwd=tmp_path,
        )  # fmt: skip
        told = run(sys.executable, "caller.py", live_server.url, str(token), order.external_id, cwd=tmp_path)

        reference, state, minor, currency, code = told.split()
        assert (state, minor, currency, code) == ("awaiting_approval", "10000", "GBP", "not_found")
        assert reference.startswith("RR-")
