"""The simulation's commands as an owner runs them, in a process of their own, and what they print."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parents[2]
LONGEST_SECONDS = 600
CHECKS = (
    "refunded twice",
    "more than one living refund for a request",
    "missing on one side",
    "stuck",
    "payments refunded above what was captured",
    "payments that differ from the processor's",
    "keys sent after 23 hours",
    "false messages taken",
    "ledger entries that are not as written",
    "currencies that do not tie",
)


@dataclass(frozen=True)
class Printed:
    """What a run printed, and its exit status."""

    status: int
    text: str

    def count(self, what: str) -> int:
        """Read the number before some words; 0 when they were not said."""
        found = re.search(rf"^ *([\d,]+) {re.escape(what)}", self.text, re.MULTILINE)
        return int(found[1].replace(",", "")) if found else 0

    def total(self, what: str) -> int:
        """Read the number behind a heading."""
        found = re.search(rf"^ *{re.escape(what)}[^:\n]*: ([\d,]+)$", self.text, re.MULTILINE)
        assert found, self.text
        return int(found[1].replace(",", ""))


def command(*words: str) -> list[str]:
    """Write the command line."""
    return [sys.executable, "manage.py", *words]


def surroundings(**more: str) -> dict[str, str]:
    """Give the command the settings of the tests."""
    return {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", **more}


def run(*words: str, **more: str) -> Printed:
    """Run a command to its end."""
    done = subprocess.run(
        command(*words),
        cwd=PROJECT,
        env=surroundings(**more),
        capture_output=True,
        text=True,
        timeout=LONGEST_SECONDS,
        check=False,
    )
    return Printed(done.returncode, done.stdout + done.stderr)
