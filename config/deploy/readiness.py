"""Print the table of what is promised, what was measured and what misses its limit: `make readiness`.

The words are those of `readiness.md` beside this file. What misses its limit, or was never measured, comes first.
"""

from __future__ import annotations

import re
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PAGE: Final = Path(__file__).with_suffix(".md")
STATES: Final = ("missed", "open", "held")
WIDTHS: Final = (6, 38, 24, 44)


class Check(NamedTuple):
    """One line of the table, its cells as they are written."""

    check: str
    limit: str
    measured: str
    shown_by: str
    stands: str


def checks(page: str | None = None) -> list[Check]:
    """Read the lines of the table, in their order.

    :raises TypeError: for a line with more or fewer cells
    """
    lines = (page if page is not None else PAGE.read_text(encoding="utf-8")).splitlines()
    found = [line for line in lines if re.search(rf"\| ({'|'.join(STATES)}) \|$", line)]
    return [Check(*(cell.strip() for cell in line.strip("|").split("|"))) for line in found]


def printed(rows: Sequence[Check]) -> Iterator[str]:
    """Print the lines in columns, what is missed first, and how many there are of each."""
    yield from _row("stands", "check", "limit", "measured")
    for state in STATES:
        for one in (row for row in rows if row.stands == state):
            yield from _row(one.stands, one.check, one.limit, one.measured)
    yield ", ".join(f"{sum(row.stands == state for row in rows)} {state}" for state in STATES)


def _row(*cells: str) -> Iterator[str]:
    wrapped = [textwrap.wrap(cell, width) for cell, width in zip(cells, WIDTHS, strict=True)]
    for number in range(max(map(len, wrapped))):
        line = [column[number] if number < len(column) else "" for column in wrapped]
        yield "  ".join(text.ljust(width) for text, width in zip(line, WIDTHS, strict=True)).rstrip()
    yield ""


if __name__ == "__main__":
    sys.stdout.write("\n".join(printed(checks())) + "\n")
