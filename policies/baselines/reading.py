"""A CSV file of past refunds, read line by line; every fault is named with its line, and one fault refuses the file.

Columns: `refund_id`, `refunded_at` (a day, or a time with its zone), `amount` (1240.50) and `currency` are needed;
`category`, `reason`, `delivered_at` and `charged` (what the payment was) may be there. Any other column is refused, so
that nobody's name or address comes in with them.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from approvals.vocabulary import Category
from config.kernel.money import Money, known_currency, parse_amount
from config.kernel.refusals import Reason, Refused
from config.kernel.wording import said

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from config.kernel.people import Team

NEEDED: Final = ("refund_id", "refunded_at", "amount", "currency")
OPTIONAL: Final = ("category", "reason", "delivered_at", "charged")
LONGEST: Final = {"refund_id": 120, "reason": 40}
MOST_ROWS: Final = 100_000
LARGEST_FILE_BYTES: Final = 20 * 1024 * 1024
MOST_FAULTS: Final = 50
OLDEST_YEAR: Final = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRefund:
    """One line of the file."""

    line: int
    refund_id: str
    refunded_at: datetime
    category: Category
    reason: str
    amount: Money
    charged_minor: int | None
    delivered_at: datetime | None


def read_refunds(content: bytes, *, team: Team, at: datetime) -> list[PastRefund]:
    """Read a whole file; days are those of the team's calendar.

    :raises Refused: `bad_file` for what is no such file, `bad_line` with the line of each fault
    """
    reader = _reader_of(content)
    found: list[PastRefund] = []
    faults: list[Reason] = []
    seen: dict[str, int] = {}
    try:
        for row in reader:
            line = reader.line_num
            try:
                refund = _refund_in(row, line, ZoneInfo(team.time_zone), at)
            except ValueError as fault:
                faults.append(Reason("bad_line", said("Line {line}: {fault}", line=line, fault=fault), "file"))
            else:
                if refund.refund_id in seen:
                    sentence = f"Line {line}: {refund.refund_id} is on line {seen[refund.refund_id]} already."
                    faults.append(Reason("bad_line", sentence, "file"))
                seen.setdefault(refund.refund_id, line)
                found.append(refund)
            if len(faults) >= MOST_FAULTS or len(found) > MOST_ROWS:
                break
    except csv.Error as error:
        faults.append(
            Reason("bad_line", said("Line {line}: {error}.", line=reader.reader.line_num, error=error), "file")
        )
    if faults:
        raise Refused.of(faults)
    if not found:
        raise Refused("bad_file", said("The file holds no refund."), "file")
    if len(found) > MOST_ROWS:
        raise Refused("bad_file", said("A file holds {most} refunds at most.", most=f"{MOST_ROWS:,}"), "file")
    return found


def _reader_of(content: bytes) -> csv.DictReader[str]:
    if len(content) > LARGEST_FILE_BYTES:
        raise Refused("bad_file", said("A file has {most} MB at most.", most=LARGEST_FILE_BYTES // 1024**2), "file")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused("bad_file", said("This is not a CSV file in UTF-8."), "file") from None
    if "\x00" in text:
        raise Refused("bad_file", said("The file holds a character that cannot be stored."), "file")
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        named = list(reader.fieldnames or [])
    except csv.Error as error:
        raise Refused("bad_file", said("Line 1: {error}.", error=error), "file") from None
    faults = [f"The column {name} is missing." for name in NEEDED if name not in named]
    faults += [f"The column “{name[:60]}” is not read here. Leave it out." for name in _unread(named)]
    faults += [f"The column {name} is there twice." for name in NEEDED + OPTIONAL if named.count(name) > 1]
    if faults:
        raise Refused.of(Reason("bad_file", sentence, "file") for sentence in faults[:MOST_FAULTS])
    return reader


def _unread(named: list[str]) -> Iterator[str]:
    return (name for name in named if name not in NEEDED and name not in OPTIONAL)


def _refund_in(row: Mapping[str | None, str | None], line: int, zone: ZoneInfo, at: datetime) -> PastRefund:
    """Read one line.

    :raises ValueError: with the sentence of the first fault
    """
    if None in row or None in row.values():
        message = "it has not as many cells as there are columns."
        raise ValueError(message)
    words = {str(name): str(value).strip() for name, value in row.items()}
    for name, longest in LONGEST.items():
        if len(words.get(name, "")) > longest:
            message = f"{name} has {longest} characters at most."
            raise ValueError(message)
    if not words["refund_id"]:
        message = "refund_id is empty."
        raise ValueError(message)
    if not known_currency(words["currency"]):
        message = f"there is no currency “{words['currency'][:10]}”."
        raise ValueError(message)
    category = words.get("category") or Category.REFUND.value
    if category not in Category.values:
        message = f"there is no category “{category[:40]}”."
        raise ValueError(message)
    refunded_at = _moment("refunded_at", words["refunded_at"], zone, at)
    delivered = words.get("delivered_at", "")
    charged = words.get("charged", "")
    return PastRefund(
        line=line,
        refund_id=words["refund_id"],
        refunded_at=refunded_at,
        category=Category(category),
        reason=words.get("reason", ""),
        amount=Money(_minor("amount", words["amount"], words["currency"]), words["currency"]),
        charged_minor=_minor("charged", charged, words["currency"]) if charged else None,
        delivered_at=_moment("delivered_at", delivered, zone, at) if delivered else None,
    )


def _minor(name: str, text: str, currency: str) -> int:
    try:
        minor = parse_amount(text, currency)
    except ValueError as fault:
        message = f"{name}: {fault}"
        raise ValueError(message) from None
    if minor <= 0:
        message = f"{name} must be more than zero."
        raise ValueError(message)
    return minor


def _moment(name: str, text: str, zone: ZoneInfo, at: datetime) -> datetime:
    try:
        moment = datetime.combine(date.fromisoformat(text), time.min, zone)
    except ValueError:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            moment = datetime.min  # noqa: DTZ901 - no zone, so refused below
    if moment.tzinfo is None:
        message = f"{name} is no day such as 2026-01-31, nor a time with its zone."
        raise ValueError(message)
    if not OLDEST_YEAR <= moment.year <= at.year or moment > at:
        message = f"{name} is not between {OLDEST_YEAR} and now."
        raise ValueError(message)
    return moment
