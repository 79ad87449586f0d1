"""What differs between two texts, line by line."""

from __future__ import annotations

from difflib import ndiff
from typing import NamedTuple


class Line(NamedTuple):
    """One line, and whether it stays (empty), goes (`del`) or comes (`ins`)."""

    change: str
    text: str


def difference(before: str, after: str) -> list[Line]:
    """Lay two texts over each other; empty when they are the same."""
    if before == after:
        return []
    marks = {"  ": "", "- ": "del", "+ ": "ins"}
    compared = ndiff(before.splitlines(), after.splitlines())
    return [Line(marks[line[:2]], line[2:]) for line in compared if line[:2] in marks]
