"""Lines of the log: one for each thing that happened, whatever somebody sent, and nowhere but where they belong."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from django.conf import settings

LOGS = """
import logging, logging.config, sys, structlog
from config.logs import logging_by
logging.config.dictConfig(logging_by(level="INFO", is_for_people=False))
said = sys.stdin.read()
structlog.get_logger("portal").info("signed_in", name=said, **{"user_agent": said})
logging.getLogger("library").warning("met %s", said)
"""


@pytest.mark.parametrize(
    "sent",
    ['x\n{"event": "forged", "level": "info"}', "x\r\nforged", 'x", "event": "forged', "x\u2028forged\x1b[2J\x00"],
)
class TestALine:
    def test_is_one_whatever_was_sent(self, sent: str) -> None:
        ran = subprocess.run(
            [sys.executable, "-c", LOGS], input=sent, cwd=settings.BASE_DIR, capture_output=True, check=True, text=True
        )

        ours, library = (json.loads(line) for line in ran.stderr.splitlines())
        assert (ours["event"], ours["name"], ours["user_agent"]) == ("signed_in", sent, sent)
        assert library["event"].startswith("met x")
        assert ran.stdout == ""
