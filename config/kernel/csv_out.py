"""Tables as CSV files that a spreadsheet opens as data, never as formulas."""

from __future__ import annotations

import csv
import re
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Cell = str | int | Decimal | None

_STARTS_A_FORMULA = re.compile(r"^[\s\0\ufeff\u200b-\u200f]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n\0]")
"""What spreadsheets take for a formula: = + - @ or their full-width forms, also behind blanks; and TAB, CR, NUL."""


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def looks_like_formula(text: str) -> bool:
    """Tell whether a spreadsheet might run this cell instead of showing it."""
    return bool(_STARTS_A_FORMULA.match(text))


def safe_cell(value: Cell) -> str:
    """Print one cell: numbers stay numbers, text that looks like a formula gets a leading apostrophe."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, int):
        return str(value)
    shown = value.replace("\0", "")
    return f"'{shown}" if looks_like_formula(value) or looks_like_formula(shown) else shown


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """Write a header and rows line by line, to be streamed; UTF-8 with the mark that Excel wants."""
    writer = csv.writer(_Echo(), lineterminator="\r\n")
    yield "\ufeff" + str(writer.writerow(header))
    for row in rows:
        yield str(writer.writerow([safe_cell(cell) for cell in row]))
