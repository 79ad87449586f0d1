"""The table of checks, limits and figures names what exists, and adds up."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from tests.architecture.test_asvs import names_in

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = (ROOT / "config/deploy/readiness.md").read_text(encoding="utf-8")
STATES: Final = ("held", "missed", "open")

ROWS: Final = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if re.search(rf"\| ({'|'.join(STATES)}) \|$", line)
]


class TestTheTable:
    @pytest.mark.parametrize("named", sorted({name for row in ROWS for name in re.findall(r"`([^`]+)`", row[3])}))
    def test_names_what_exists(self, named: str) -> None:
        if named.startswith("make "):
            assert re.search(rf"^{named.removeprefix('make ')}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
        elif named.startswith("manage.py "):
            command = named.removeprefix("manage.py ")
            assert list(ROOT.glob(f"*/**/management/commands/{command}.py"))
        elif named.startswith("python -m "):
            module = named.split()[2].replace(".", "/")
            assert (ROOT / module / "__main__.py").is_file() or (ROOT / f"{module}.py").is_file()
        else:
            path, _, inside = named.partition("::")
            assert (ROOT / path).is_file()
            assert not inside or inside in names_in(ROOT / path)

    def test_says_of_each_line_what_is_allowed_and_what_was_seen(self) -> None:
        assert [row for row in ROWS if len(row) != 5 or not all(row)] == []

    def test_adds_up(self) -> None:
        told = re.findall(rf"^\| ({'|'.join(STATES)}) \| (\d+) \|$", PAGE, re.MULTILINE)

        assert {state: int(count) for state, count in told} == dict(Counter(row[-1] for row in ROWS))
