"""Stripe's payout reconciliation report (`payout_reconciliation.itemized.5`), read line by line and kept whole or not.

Source: docs.stripe.com/reports/report-types; gross, fee and net are printed in major units.
"""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from config.kernel.csv_out import looks_like_formula
from config.kernel.money import Money, minor_digits

from .amounts import currency_of, minor_units
from .report import MOST_PROBLEMS_SHOWN, BrokenReport, Problem, Report, ReportLine

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FORMAT = "stripe.payout_reconciliation.itemized"

REQUIRED = ("balance_transaction_id", "currency", "gross", "fee", "net", "reporting_category")
CREATED = ("created_utc", "created")
"""The first of these columns that is there says when; both carry UTC in a report made with the UTC option."""

AVAILABLE = ("available_on_utc", "available_on")
PAYOUTS = ("payout", "payout_reversal")
OPERATION_ID = "refund_metadata[operation_id]"
AMOUNTS = frozenset({"gross", "fee", "net", "customer_facing_amount"})
MOST_LINES = 200_000
LONGEST = {"balance_transaction_id": 120, "reporting_category": 40, "source_id": 120, OPERATION_ID: 80}


@dataclass(slots=True)
class _Reading:
    """What has been seen so far of one file."""

    columns: Sequence[str]
    lines: list[ReportLine] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    problem_count: int = 0
    first_seen: dict[str, int] = field(default_factory=dict)
    payout_nets: dict[tuple[str, str], list[tuple[str, int]]] = field(default_factory=lambda: defaultdict(list))
    formula_cells: list[str] = field(default_factory=list)
    scale_votes: Counter[str] = field(default_factory=Counter)

    def refuse(self, line: int, sentence: str) -> None:
        self.problem_count += 1
        if len(self.problems) < MOST_PROBLEMS_SHOWN:
            self.problems.append(Problem(line, sentence))


def read_report(content: bytes) -> Report:
    """Read a whole report.

    1. Decode it and look at its columns.
    2. Read each line exactly: amounts by the decimals of the currency, gross less fee is net, no id twice.
    3. Ask of the whole: is the scale right, does a payout line agree with the lines it pays out.

    :raises BrokenReport: with every problem and its line number
    """
    reading = None
    try:
        for number, row in _rows(content):
            if reading is None:
                reading = _Reading(columns=_checked_columns(row))
                continue
            _read_line(reading, number, row)
            if len(reading.lines) > MOST_LINES:
                raise _broken(f"The file has more than {MOST_LINES:,} lines; split it by payout.")
    except csv.Error as error:
        raise _broken(f"This is not a CSV file that can be read to its end: {error}.") from error
    if reading is None:
        raise _broken("The file is empty.")
    if not reading.problems:
        _check_whole(reading)
    if reading.problems:
        raise BrokenReport(reading.problems, total=reading.problem_count)
    return _report(reading)


def _broken(sentence: str) -> BrokenReport:
    return BrokenReport([Problem(0, sentence)])


def _rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _broken("The file is not text in UTF-8.") from error
    if "\0" in text:
        raise _broken("The file holds NUL characters; it is not a text file.")
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    for row in rows:
        if any(cell.strip() for cell in row):
            yield rows.line_num, row


def _checked_columns(header: Sequence[str]) -> list[str]:
    columns = [column.strip() for column in header]
    missing = [column for column in REQUIRED if column not in columns]
    if not any(column in columns for column in CREATED):
        missing.append(CREATED[0])
    if missing:
        raise _broken(f"This is not Stripe's payout reconciliation report: the column {', '.join(missing)} is missing.")
    twice = [column for column, count in Counter(columns).items() if count > 1 and column]
    if twice:
        raise _broken(f"The column {', '.join(twice)} is there twice.")
    return columns


def _read_line(reading: _Reading, number: int, row: Sequence[str]) -> None:
    if len(row) != len(reading.columns):
        reading.refuse(number, f"It has {len(row)} cells; the header has {len(reading.columns)}.")
        return
    cells = {column: cell.strip() for column, cell in zip(reading.columns, row, strict=True)}
    try:
        line = _line(number, cells)
    except ValueError as error:
        reading.refuse(number, str(error))
        return
    seen_at = reading.first_seen.setdefault(line.external_id, number)
    if seen_at != number:
        reading.refuse(number, f"{line.external_id} is already on line {seen_at}; a balance transaction happens once.")
        return
    reading.lines.append(line)
    reading.payout_nets[cells.get("automatic_payout_id", ""), line.currency].append((line.category, line.net_minor))
    reading.formula_cells.extend(
        f"line {number}, {column}"
        for column, cell in cells.items()
        if column not in AMOUNTS and looks_like_formula(cell)
    )
    reading.scale_votes.update(_scale_votes(cells, line))


def _line(number: int, cells: dict[str, str]) -> ReportLine:
    """Read one line.

    :raises ValueError: with a sentence
    """
    for column, longest in LONGEST.items():
        if len(cells.get(column, "")) > longest:
            message = f"{column} is longer than {longest} characters."
            raise ValueError(message)
    if not cells["balance_transaction_id"] or not cells["reporting_category"]:
        message = "balance_transaction_id and reporting_category must not be empty."
        raise ValueError(message)
    currency = currency_of(cells["currency"])
    gross, fee, net = (minor_units(cells[column], currency) for column in ("gross", "fee", "net"))
    if gross - fee != net:
        message = f"gross {cells['gross']} less fee {cells['fee']} is not net {cells['net']}."
        raise ValueError(message)
    customer_minor, customer_currency = _customer_facing(cells)
    return ReportLine(
        number=number,
        external_id=cells["balance_transaction_id"],
        category=cells["reporting_category"],
        source_id=cells.get("source_id", ""),
        operation_ref=cells.get(OPERATION_ID, ""),
        payment_ref=(cells.get("payment_intent_id") or cells.get("charge_id", ""))[:120],
        booked_at=_moment(next(cells[column] for column in CREATED if column in cells)),
        gross_minor=gross,
        fee_minor=fee,
        net_minor=net,
        currency=currency,
        payout_ref=_payout_of(cells)[:120],
        merchant_ref=(cells.get("payment_metadata[order_id]") or cells.get("refund_metadata[case]", ""))[:120],
        told_category=cells["reporting_category"],
        text=cells.get("description", "")[:400],
        value_on=_day(next((cells[column] for column in AVAILABLE if cells.get(column)), "")),
        customer_minor=customer_minor,
        customer_currency=customer_currency,
    )


def _payout_of(cells: dict[str, str]) -> str:
    told = cells.get("automatic_payout_id") or cells.get("payout_id", "")
    return told or (cells.get("source_id", "") if cells["reporting_category"] in PAYOUTS else "")


def _customer_facing(cells: dict[str, str]) -> tuple[int | None, str]:
    """Read what the customer saw.

    :raises ValueError: for a figure that its currency cannot have
    """
    told, currency = cells.get("customer_facing_amount", ""), cells.get("customer_facing_currency", "")
    if not told or not currency:
        return None, ""
    return minor_units(told, currency_of(currency)), currency_of(currency)


def _day(text: str) -> date | None:
    return _moment(text).date() if text else None


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        message = f"“{text[:24]}” is not a time such as 2026-11-12 10:01:00."
        raise ValueError(message) from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _scale_votes(cells: dict[str, str], line: ReportLine) -> list[str]:
    """Say what this line tells about the scale of the file: Stripe prints GBP 139.12 as 139.12, never as 13912."""
    digits = minor_digits(line.currency)
    if not digits or not line.gross_minor:
        return []
    votes = ["point" if any("." in cells[column] for column in ("gross", "fee", "net")) else "no point"]
    if line.customer_minor is not None and line.customer_currency == line.currency:
        shown = abs(line.customer_minor)
        votes.append("too large" if shown and abs(line.gross_minor) == shown * 10**digits else "agrees")
    return votes


def _check_whole(reading: _Reading) -> None:
    if not reading.lines:
        reading.refuse(0, "The file has a header and no lines.")
    votes = reading.scale_votes
    if (votes["no point"] and not votes["point"]) or votes["too large"] > votes["agrees"]:
        reading.refuse(
            0,
            "The amounts are printed in the smallest unit (13912 instead of 139.12); the report prints 139.12. "
            "Upload the file as Stripe made it.",
        )
    for (payout, currency), nets in reading.payout_nets.items():
        categories = {category for category, _ in nets}
        left_over = sum(net for _, net in nets)
        if "payout" in categories and "payout_reversal" not in categories and left_over:
            apart = Money(abs(left_over), currency)
            reading.refuse(0, f"The lines of payout {payout} and the payout itself are {apart} apart.")


def _report(reading: _Reading) -> Report:
    sums: Counter[str] = Counter()
    for line in reading.lines:
        sums[line.currency] += line.net_minor
    warnings = []
    if OPERATION_ID not in reading.columns:
        warnings.append(
            f"The column {OPERATION_ID} is missing; without it no refund can be matched by our operation id."
        )
    if reading.formula_cells:
        where = "; ".join(reading.formula_cells[:5])
        warnings.append(
            f"{len(reading.formula_cells)} cells look like formulas ({where}). They were kept as plain text."
        )
    return Report(format=FORMAT, lines=tuple(reading.lines), net_minor=dict(sums), warnings=tuple(warnings))
