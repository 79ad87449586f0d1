"""Tables as CSV files that a spreadsheet opens as data, never as formulas."""

from __future__ import annotations

import csv
import hashlib
import re
from decimal import Decimal
from typing import TYPE_CHECKING

from .money import Money

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

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


def proven_lines(
    header: Sequence[str], rows: Iterable[tuple[Sequence[Cell], Money | None]], *, query: str, at: datetime
) -> Iterator[str]:
    """Write rows, each with the money it stands for if any, and below them what an auditor asks of an export.

    What was asked, how many rows came, their sum in each currency, when, and the SHA-256 of every byte above that line.
    """
    digest, count, sums = hashlib.sha256(), 0, dict[str, Money]()

    def counted() -> Iterator[Sequence[Cell]]:
        nonlocal count
        for cells, money in rows:
            count += 1
            if money is not None:
                sums[money.currency] = sums.get(money.currency, Money(0, money.currency)) + money
            yield cells
        yield ["Query", query]
        yield ["Rows", count]
        for currency, money in sorted(sums.items()):
            yield ["Sum", currency, money.major]
        yield ["Made at", at.isoformat()]

    for line in csv_lines(header, counted()):
        digest.update(line.encode())
        yield line
    yield f"SHA-256 of all above,{digest.hexdigest()}\r\n"
