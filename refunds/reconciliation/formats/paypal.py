"""PayPal's activity download: every movement with the balance after it, oldest or newest first.

Source: PayPal, activity report. Amounts have thousands commas, fees are negative, dates are day/month or month/day.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from config.kernel.wording import said
from refunds.reconciliation.amounts import UnreadableAmount, currency_of, minor_units
from refunds.reconciliation.categories import UNKNOWN
from refunds.reconciliation.references import operation_in
from refunds.reconciliation.report import ReportLine

from .clocks import moment_of
from .running import RunningBalances
from .table import Checks, Row, TableFormat

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import BinaryIO

    from .reading import Reading

DAY_FIRST, MONTH_FIRST = "%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S"
_DATE = re.compile(rb"^[^0-9]{0,3}([0-9]{1,2})/([0-9]{1,2})/[0-9]{4}")
_MONTHS = 12
FIGURES = ("Gross", "Fee", "Net")
NOT_MOVED = frozenset({"pending", "denied", "failed", "expired", "voided", "canceled", "cancelled", "unclaimed"})
CATEGORIES: tuple[tuple[str, str], ...] = (
    (r"currency conversion", "currency_conversion"),
    (r"chargeback fee|dispute fee|\bfee\b", "fee"),
    (r"(release|cancellation|reversal|removal) of .*hold|hold .*(release|reversal)|payment release", "hold_release"),
    (r"\bhold\b|\breserve\b", "hold"),
    (r"chargeback reversal|reversal of chargeback|cancell?ed reversal|dispute reversal", "dispute_reversal"),
    (r"chargeback|payment reversal|^reversal$|buyer protection", "dispute"),
    (r"refund reversal|cancell?ed refund", "refund_failure"),
    (r"refund", "refund"),
    (r"(withdrawal|withdraw funds|transfer to bank).*(return|reversal)|return(ed)? withdrawal", "payout_reversal"),
    (r"withdrawal|withdraw funds|transfer to bank", "payout"),
    (r"deposit|add(ed)? funds|bank transfer|funds? added", "topup"),
    (r"mass payment|payout|^transfer", "transfer"),
    (r"adjustment|correction", "other_adjustment"),
    (r"payment|checkout|invoice|subscription|donation", "charge"),
)
"""PayPal's types by the words in them; the first that is found counts."""


class Activity(TableFormat):
    """The activity download with its balance column."""

    name = "paypal.activity"
    label = said("PayPal activity")
    account = "paypal"
    maker = "PayPal's activity report"
    required = (
        *(
            (column,)
            for column in ("Date", "Time", "Type", "Status", "Currency", *FIGURES, "Balance", "Transaction ID")
        ),
        ("TimeZone", "Time Zone"),
    )
    amounts = frozenset({*FIGURES, "Balance"})

    def line_of(self, row: Row) -> ReportLine | None:
        """Read one movement; what is pending or was denied moved nothing.

        :raises ValueError: with a sentence
        """
        cells = row.cells
        if cells["Status"].lower() in NOT_MOVED or cells.get("Balance Impact", "").lower() == "memo":
            return None
        if not cells["Transaction ID"]:
            message = "Transaction ID must not be empty."
            raise ValueError(message)
        currency = currency_of(cells["Currency"])
        gross, fee, net = (grouped_units(cells[column], currency) for column in FIGURES)
        if gross + fee != net:
            message = f"gross {cells['Gross']} and fee {cells['Fee']} are not net {cells['Net']}."
            raise ValueError(message)
        invoice, custom = cells.get("Invoice Number", ""), cells.get("Custom Number", "")
        told, about = cells["Type"], cells.get("Reference Txn ID", "")
        category = next((word for words, word in CATEGORIES if re.search(words, told, re.IGNORECASE)), UNKNOWN)
        return ReportLine(
            number=row.number,
            external_id=cells["Transaction ID"][:120],
            category=category,
            source_id=cells["Transaction ID"][:120],
            operation_ref=operation_in(custom) or operation_in(invoice),
            payment_ref=(about or cells["Transaction ID"])[:120],
            booked_at=moment_of(f"{cells['Date']} {cells['Time']}", patterns=row.times, zone=_zone(cells)),
            gross_minor=gross,
            fee_minor=-fee,
            net_minor=net,
            currency=currency,
            payout_ref=cells["Transaction ID"][:120] if category == "payout" else "",
            merchant_ref=invoice[:120],
            told_category=told[:80],
            text=(cells.get("Subject") or cells.get("Note") or "")[:400],
        )

    def checks(self, columns: Sequence[str], file: BinaryIO) -> Checks:  # noqa: ARG002
        """Find out how this file writes its days, and follow its balance."""
        return _BalanceChecks(_day_order(file))


class _BalanceChecks(Checks):
    def __init__(self, order: tuple[str, bool]) -> None:
        pattern, self.is_certain = order
        self.times = (pattern, pattern.removesuffix(":%S"))
        self.balances = RunningBalances()
        self.left_out = 0

    def see(self, number: int, cells: Mapping[str, str], line: ReportLine | None) -> None:  # noqa: ARG002
        if line is None:
            self.left_out += 1
        else:
            self.balances.see(line, grouped_units(cells["Balance"], line.currency))

    def finish(self, reading: Reading) -> None:
        self.balances.finish(reading)
        if self.left_out:
            reading.warn(f"{self.left_out} lines moved nothing (pending, denied, for information) and were left out.")
        if not self.is_certain:
            reading.warn("Every date could be day/month or month/day; they were read as day/month.")


def grouped_units(text: str, currency: str) -> int:
    """Read `-1,592.31` of USD as -159231; a comma stands before three digits or is refused.

    :raises UnreadableAmount:
    """
    cell = text.strip()
    if "," in cell and not re.fullmatch(r"-?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?", cell):
        message = f"“{cell[:24]}” is not an amount; expected something like -1,592.31."
        raise UnreadableAmount(message)
    return minor_units(cell.replace(",", ""), currency)


def _zone(cells: Mapping[str, str]) -> str:
    return cells.get("TimeZone") or cells.get("Time Zone") or "UTC"


def _day_order(file: BinaryIO) -> tuple[str, bool]:
    """Tell whether the day or the month comes first, and whether any date makes that certain."""
    for raw in file:
        found = _DATE.match(raw)
        if found:
            first, second = found.groups()
            if int(first) > _MONTHS or int(second) > _MONTHS:
                return (DAY_FIRST if int(first) > _MONTHS else MONTH_FIRST), True
    return DAY_FIRST, False
