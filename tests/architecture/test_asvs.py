"""The self-check by OWASP ASVS names tests and files that exist, and adds up."""

from __future__ import annotations

import ast
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = (ROOT / "config/deploy/asvs.md").read_text(encoding="utf-8")
STATES: Final = ("met", "partly", "missing", "n/a")
LEVELS_1_AND_2, OF_LEVEL_3 = 253, 10


@dataclass(frozen=True)
class Row:
    """One row of a table: one line of the standard, or several that have the same answer."""

    numbers: tuple[str, ...]
    here: str
    state: str
    shown_by: tuple[str, ...]

    @property
    def chapter(self) -> str:
        """Name the chapter its first number is of."""
        return f"V{self.numbers[0].split('.')[0]}"


def rows() -> list[Row]:
    """Read every row that begins with a number of the standard."""
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line[:1] == "|"]
    return [
        Row(tuple(re.split(r", *", numbers)), here, state, tuple(re.findall(r"`([^`]+)`", shown_by)))
        for numbers, _, here, state, shown_by in (row for row in cells if re.match(r"\d+\.\d+\.\d+", row[0]))
    ]


@cache
def names_in(path: Path) -> frozenset[str]:
    """Name the functions of a file, and the methods of its classes behind their class."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    parts: list[tuple[str, ast.Module | ast.ClassDef]] = [("", tree)]
    parts += [(f"{one.name}::", one) for one in tree.body if isinstance(one, ast.ClassDef)]
    return frozenset(
        f"{prefix}{one.name}" for prefix, part in parts for one in part.body if isinstance(one, ast.FunctionDef)
    )


ROWS: Final = rows()


class TestTheSelfCheck:
    @pytest.mark.parametrize("named", sorted({name for row in ROWS for name in row.shown_by}))
    def test_names_what_exists(self, named: str) -> None:
        path, _, inside = named.partition("::")

        assert (ROOT / path).is_file()
        assert not path.startswith("tests/") or inside in names_in(ROOT / path)

    def test_knows_no_state_but_four(self) -> None:
        assert {row.state for row in ROWS} <= set(STATES)

    def test_shows_what_it_calls_met_and_says_what_is_missing(self) -> None:
        tested = {row.numbers for row in ROWS if any(name.startswith("tests/") for name in row.shown_by)}
        assert [row.numbers for row in ROWS if row.state == "met" and row.numbers not in tested] == []
        assert [row.numbers for row in ROWS if (row.state == "partly") != ("Missing:" in row.here)] == []

    def test_holds_each_line_once(self) -> None:
        numbers = [number for row in ROWS for number in row.numbers]
        marked = [number for number in numbers if number.endswith(" L3")]

        assert [number for number, count in Counter(numbers).items() if count > 1] == []
        assert [number for number in numbers if not re.fullmatch(r"\d+\.\d+\.\d+( L3)?", number)] == []
        assert (len(numbers) - len(marked), len(marked)) == (LEVELS_1_AND_2, OF_LEVEL_3)

    def test_adds_up(self) -> None:
        told = {
            chapter: tuple(int(count) for count in counts.split(" | "))
            for chapter, counts in re.findall(r"^\| (V\d+|all) \| ([\d |]+) \|$", PAGE, re.MULTILINE)
        }
        counted = Counter((row.chapter, row.state) for row in ROWS for _ in row.numbers)
        chapters = {row.chapter for row in ROWS}

        assert told == {
            **{chapter: tuple(counted[chapter, state] for state in STATES) for chapter in chapters},
            "all": tuple(sum(counted[chapter, state] for chapter in chapters) for state in STATES),
        }
