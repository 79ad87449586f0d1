"""The table of checks, limits and figures names what exists, and adds up."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from config.deploy.readiness import PAGE, STATES, Check, checks, printed
from tests.architecture.test_asvs import names_in

ROOT: Final = Path(__file__).parents[2]
ROWS: Final = checks()


class TestTheTable:
    @pytest.mark.parametrize("named", sorted({name for row in ROWS for name in re.findall(r"`([^`]+)`", row.shown_by)}))
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
        assert [row for row in ROWS if not all(row)] == []

    def test_adds_up(self) -> None:
        told = re.findall(rf"^\| ({'|'.join(STATES)}) \| (\d+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)

        assert {state: int(count) for state, count in told} == dict(Counter(row.stands for row in ROWS))

    def test_is_printed_whole_with_what_is_missed_first(self) -> None:
        lines = list(printed([Check("kept", "1", "1", "x", "held"), Check("late", "1", "a word " * 20, "x", "missed")]))
        words = " ".join(lines).split()

        assert words.index("late") < words.index("kept")
        assert words.count("word") == 20
        assert lines[-1] == "1 missed, 0 open, 1 held"
