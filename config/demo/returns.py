"""Read the credit notes of a real shop, and group them into what becomes a refund request each.

Every line of the file ends up in exactly one place: goods of a known order, goods of no known order, or a kind that is
no return of goods at all. Amounts are in minor units, times local to the shop.
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

COLUMNS = ("credit_note_id", "credited_at", "kind", "quantity", "amount_minor", "currency", "order_id", "order_line_no")
GOODS = "goods"


class BrokenReturns(Exception):
    """The file cannot be read; one sentence says why."""


class ReturnLine(NamedTuple):
    """One line of a credit note; `order` is empty when no purchase was found for it."""

    credit_note: str
    credited_at: datetime
    kind: str
    quantity: int
    amount_minor: int
    currency: str
    order: str
    line: str


@dataclass(slots=True)
class GoodsReturn:
    """What one credit note gives back on one order: pieces and amount by line of the order."""

    credit_note: str
    order: str
    credited_at: datetime
    quantities: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    amounts: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def credited_minor(self) -> int:
        """What the shop gave back then."""
        return sum(self.amounts.values())

    @property
    def note(self) -> str:
        """The words by which its request is found again: the number of the credit note and nothing else."""
        return f"Credit note {self.credit_note}."


def read_returns(path: Path) -> list[ReturnLine]:
    """Read the whole file, a few thousand lines.

    :raises BrokenReturns: for a file that is missing, damaged or no such file
    """
    try:
        with path.open("rb") as packed:
            stream = gzip.GzipFile(fileobj=packed) if path.suffix == ".gz" else packed
            return list(_lines(csv.DictReader(io.TextIOWrapper(stream, encoding="utf-8", newline=""))))
    except OSError as error:
        message = f"{path.name} cannot be read: {error.strerror or error}."
    except (EOFError, zlib.error):
        message = f"{path.name} is cut off or damaged."
    except (UnicodeDecodeError, csv.Error):
        message = f"{path.name} is not a CSV file in UTF-8."
    except (KeyError, TypeError, ValueError) as error:
        message = f"{path.name} is not a file of returns: {error}."
    raise BrokenReturns(message)


def _lines(reader: csv.DictReader[str]) -> Iterator[ReturnLine]:
    missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        message = f"it has no column {', '.join(missing)}"
        raise ValueError(message)
    for row in reader:
        yield ReturnLine(
            credit_note=row["credit_note_id"],
            credited_at=datetime.fromisoformat(row["credited_at"]),
            kind=row["kind"],
            quantity=int(row["quantity"]),
            amount_minor=int(row["amount_minor"]),
            currency=row["currency"],
            order=row["order_id"],
            line=row["order_line_no"],
        )


def of_the_first(lines: Iterable[ReturnLine], count: int, *, also: Iterable[str] = ()) -> list[ReturnLine]:
    """Keep the lines of the first `count` credit notes, and of those named besides."""
    kept: dict[str, None] = dict.fromkeys(also)
    first: list[ReturnLine] = []
    seen: set[str] = set()
    for line in lines:
        seen.add(line.credit_note)
        if len(seen) <= count or line.credit_note in kept:
            first.append(line)
    return first


def goods_returns(lines: Iterable[ReturnLine]) -> list[GoodsReturn]:
    """Group goods of known orders by credit note and order, in the order they were credited."""
    found: dict[tuple[str, str], GoodsReturn] = {}
    for line in lines:
        if line.kind != GOODS or not line.order:
            continue
        key = line.credit_note, line.order
        goods = found.setdefault(key, GoodsReturn(line.credit_note, line.order, line.credited_at))
        goods.quantities[line.line] += line.quantity
        goods.amounts[line.line] += line.amount_minor
    return sorted(found.values(), key=lambda goods: (goods.credited_at, goods.credit_note, goods.order))


def no_requests(lines: Iterable[ReturnLine]) -> Mapping[str, list[int]]:
    """Collect the amounts that become no request, by why: the kind, or that no purchase was found."""
    amounts: dict[str, list[int]] = defaultdict(list)
    for line in lines:
        if line.kind != GOODS:
            amounts[f"not goods: {line.kind.replace('_', ' ')}"].append(line.amount_minor)
        elif not line.order:
            amounts["exception: no matching purchase"].append(line.amount_minor)
    return amounts
