"""Stripe's itemized reports of payouts and of balance changes, whose columns are the same but for the payout.

Source: docs.stripe.com/reports/report-types; gross, fee and net are printed in major units.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from config.kernel.money import Money, minor_digits
from config.kernel.wording import said
from refunds.reconciliation.amounts import currency_of, minor_units
from refunds.reconciliation.categories import UNKNOWN, is_known
from refunds.reconciliation.references import operation_in
from refunds.reconciliation.report import ReportLine

from .clocks import iso_moment
from .table import Checks, Row, TableFormat

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from typing import BinaryIO

    from .reading import Reading

FIGURES = ("gross", "fee", "net")
CREATED = ("created_utc", "created")
"""The first of these columns that is there says when; both carry UTC in a report made with the UTC option."""

AVAILABLE = ("available_on_utc", "available_on")
PAYOUTS = ("payout", "payout_reversal")
OPERATION_ID = "refund_metadata[operation_id]"
LONGEST = {"balance_transaction_id": 120, "reporting_category": 40, "source_id": 120, OPERATION_ID: 80}


class _StripeTable(TableFormat):
    """What both reports have in common."""

    account = "stripe"
    amounts = frozenset({*FIGURES, "customer_facing_amount"})

    def line_of(self, row: Row) -> ReportLine:
        """Read one balance transaction.

        :raises ValueError: with a sentence
        """
        cells = row.cells
        for column, longest in LONGEST.items():
            if len(cells.get(column, "")) > longest:
                message = f"{column} is longer than {longest} characters."
                raise ValueError(message)
        told = cells["reporting_category"]
        if not cells["balance_transaction_id"] or not told:
            message = "balance_transaction_id and reporting_category must not be empty."
            raise ValueError(message)
        currency = currency_of(cells["currency"])
        gross, fee, net = (minor_units(cells[column], currency) for column in FIGURES)
        if gross - fee != net:
            message = f"gross {cells['gross']} less fee {cells['fee']} is not net {cells['net']}."
            raise ValueError(message)
        customer_minor, customer_currency = _customer_facing(cells, gross, currency)
        operation = cells.get(OPERATION_ID, "")
        return ReportLine(
            number=row.number,
            external_id=cells["balance_transaction_id"],
            category=told if is_known(told) else UNKNOWN,
            source_id=cells.get("source_id", ""),
            operation_ref=operation_in(operation) or operation,
            payment_ref=(cells.get("payment_intent_id") or cells.get("charge_id", ""))[:120],
            booked_at=iso_moment(next(cells[column] for column in CREATED if column in cells)),
            gross_minor=gross,
            fee_minor=fee,
            net_minor=net,
            currency=currency,
            payout_ref=_payout_of(cells)[:120],
            merchant_ref=(cells.get("payment_metadata[order_id]") or cells.get("refund_metadata[case]", ""))[:120],
            told_category=told,
            text=cells.get("description", "")[:400],
            value_on=_day(next((cells[column] for column in AVAILABLE if cells.get(column)), "")),
            customer_minor=customer_minor,
            customer_currency=customer_currency,
        )

    def checks(self, columns: Sequence[str], file: BinaryIO) -> Checks:  # noqa: ARG002
        """Ask whether the scale is right and whether each payout agrees with what it pays out."""
        return _StripeChecks(columns)


class PayoutReconciliation(_StripeTable):
    """`payout_reconciliation.itemized`: what an automatic payout consists of."""

    name = "stripe.payout_reconciliation.itemized"
    label = said("Stripe payout reconciliation")
    maker = "Stripe's payout reconciliation report"
    required = (
        ("automatic_payout_id", "payout_id"),
        ("balance_transaction_id",),
        ("currency",),
        ("gross",),
        ("fee",),
        ("net",),
        ("reporting_category",),
        CREATED,
    )


class BalanceChange(_StripeTable):
    """`balance_change_from_activity.itemized`: everything that moved the balance, paid out or not."""

    name = "stripe.balance_change.itemized"
    label = said("Stripe balance change")
    maker = "Stripe's balance change report"
    required = PayoutReconciliation.required[1:]
    known_by = 90


class _StripeChecks(Checks):
    def __init__(self, columns: Sequence[str]) -> None:
        self.columns = columns
        self.left_over: Counter[tuple[str, str]] = Counter()
        self.kinds: dict[tuple[str, str], set[str]] = defaultdict(set)
        self.votes: Counter[str] = Counter()

    def see(self, number: int, cells: Mapping[str, str], line: ReportLine | None) -> None:  # noqa: ARG002
        if line is None:
            return
        payout = cells.get("automatic_payout_id") or cells.get("payout_id", "")
        if payout:
            self.left_over[payout, line.currency] += line.net_minor
            self.kinds[payout, line.currency].add(line.category if line.category in PAYOUTS else "other")
        self._vote(cells, line)

    def _vote(self, cells: Mapping[str, str], line: ReportLine) -> None:
        """Hear what this line tells about the scale: Stripe prints GBP 139.12 as 139.12, never as 13912."""
        digits = minor_digits(line.currency)
        if not digits or not line.gross_minor:
            return
        self.votes["point" if any("." in cells[column] for column in FIGURES) else "no point"] += 1
        if line.customer_minor and line.customer_currency == line.currency:
            too_large = abs(line.gross_minor) == abs(line.customer_minor) * 10**digits
            self.votes["too large" if too_large else "agrees"] += 1

    def finish(self, reading: Reading) -> None:
        votes = self.votes
        if (votes["no point"] and not votes["point"]) or votes["too large"] > votes["agrees"]:
            reading.refuse(
                0,
                "The amounts are printed in the smallest unit (13912 instead of 139.12); the report prints 139.12. "
                "Upload the file as Stripe made it.",
            )
        for (payout, currency), left_over in self.left_over.items():
            kinds = self.kinds[payout, currency]
            if "payout" in kinds and "payout_reversal" not in kinds and "other" in kinds and left_over:
                apart = Money(abs(left_over), currency)
                reading.refuse(0, f"The lines of payout {payout} and the payout itself are {apart} apart.")
        if OPERATION_ID not in self.columns:
            reading.warn(
                f"The column {OPERATION_ID} is missing; without it no refund can be matched by our operation id."
            )


def _payout_of(cells: Mapping[str, str]) -> str:
    told = cells.get("automatic_payout_id") or cells.get("payout_id", "")
    return told or (cells.get("source_id", "") if cells["reporting_category"] in PAYOUTS else "")


def _customer_facing(cells: Mapping[str, str], gross: int, currency: str) -> tuple[int | None, str]:
    """Read what the customer saw, which in one currency is what was moved.

    :raises ValueError: for a figure that its currency cannot have
    """
    told, shown_in = cells.get("customer_facing_amount", ""), cells.get("customer_facing_currency", "")
    if not told or not shown_in:
        return None, ""
    shown, shown_in = minor_units(told, currency_of(shown_in)), currency_of(shown_in)
    factor = 10 ** minor_digits(currency)
    # A whole file in the smallest unit says so once, not on every line.
    if shown_in == currency and abs(shown) != abs(gross) and abs(shown) * factor != abs(gross):
        message = f"the customer-facing amount {told} is not gross {cells['gross']}."
        raise ValueError(message)
    return shown, shown_in


def _day(text: str) -> date | None:
    return iso_moment(text).date() if text else None
