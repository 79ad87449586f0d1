"""Adyen's settlement details: one line for each movement of a batch, debits and credits in columns of their own.

Source: docs.adyen.com, settlement details report. A batch pays out or carries over all it holds: it adds up to nothing.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from config.kernel.money import Money, minor_digits
from config.kernel.wording import said
from refunds.reconciliation.amounts import currency_of, minor_units
from refunds.reconciliation.categories import UNKNOWN
from refunds.reconciliation.references import operation_in
from refunds.reconciliation.report import ReportLine

from .clocks import moment_of
from .table import Checks, Row, TableFormat

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import BinaryIO

    from .reading import Reading

TIMES = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d")
FEES = ("Commission (NC)", "Markup (NC)", "Scheme Fees (NC)", "Interchange (NC)")
GROSS = ("Gross Debit (GC)", "Gross Credit (GC)")
NET = ("Net Debit (NC)", "Net Credit (NC)")
CATEGORIES = {
    **dict.fromkeys(("settled", "settledbulk", "settledinstallment"), "charge"),
    **dict.fromkeys(("refunded", "refundedbulk", "refundedinstallment", "refundedexternallywithinfo"), "refund"),
    **dict.fromkeys(("refundedreversed", "refundreversed"), "refund_failure"),
    **dict.fromkeys(("settledreversed", "paymentcost"), "charge_failure"),
    **dict.fromkeys(("chargeback", "secondchargeback", "chargebackexternallywithinfo"), "dispute"),
    **dict.fromkeys(("chargebackreversed", "chargebackreversedexternallywithinfo"), "dispute_reversal"),
    **dict.fromkeys(("fee", "invoicededuction", "acquirersettled", "transactioncosts"), "fee"),
    **dict.fromkeys(("merchantpayout", "paidout"), "payout"),
    **dict.fromkeys(("merchantpayoutreversed", "paidoutreversed"), "payout_reversal"),
    **dict.fromkeys(("merchantpayin", "banktransferpayin"), "topup"),
    **dict.fromkeys(("balancetransfer", "internalcompanypayout", "splitsettlement"), "transfer"),
    **dict.fromkeys(("depositcorrection", "reserveadjustment", "deposit"), "risk_reserved_funds"),
    **dict.fromkeys(("manualcorrected", "matchedstatement", "unmatchedstatement", "correction"), "other_adjustment"),
    **dict.fromkeys(("advancementcommissioned", "advanced", "advancement"), "advance"),
}
"""Adyen's types, in small letters without blanks."""


class SettlementDetail(TableFormat):
    """`settlement_detail_report_batch_n`: what a batch consists of."""

    name = "adyen.settlement_detail"
    label = said("Adyen settlement details")
    account = "adyen"
    maker = "Adyen's settlement details report"
    required = (
        ("Merchant Account",),
        ("Psp Reference",),
        ("Type",),
        ("Gross Currency",),
        *((column,) for column in (*GROSS, *NET)),
        ("Net Currency",),
        ("Batch Number",),
        ("Booking Date", "Creation Date"),
    )
    amounts = frozenset({*GROSS, *NET, *FEES, "Exchange Rate"})

    def line_of(self, row: Row) -> ReportLine:
        """Read one movement.

        :raises ValueError: with a sentence
        """
        cells = row.cells
        told, currency = cells["Type"], currency_of(cells["Net Currency"])
        net = _signed(cells, NET, currency)
        fee = sum(minor_units(cells[column], currency) for column in FEES if cells.get(column))
        category = CATEGORIES.get("".join(told.split()).lower(), UNKNOWN)
        if category == "fee" and not fee:
            fee = -net
        customer_minor, customer_currency = _customer(cells, net + fee, currency, is_about_payment=category != "fee")
        psp, modification = cells["Psp Reference"], cells.get("Modification Reference", "")
        operation = cells.get("Modification Merchant Reference", "")
        names = (psp, modification, told, cells["Batch Number"])
        zone, at = _booked(cells)
        return ReportLine(
            number=row.number,
            external_id=(":".join(names) if psp else row.unnamed())[:120],
            category=category,
            source_id=(modification or psp)[:120],
            operation_ref=(operation_in(operation) or operation)[:80],
            payment_ref=psp[:120],
            booked_at=moment_of(at, patterns=TIMES, zone=zone),
            gross_minor=net + fee,
            fee_minor=fee,
            net_minor=net,
            currency=currency,
            payout_ref=f"{cells['Merchant Account']}/{cells['Batch Number']}"[:120],
            merchant_ref=cells.get("Merchant Reference", "")[:120],
            told_category=told[:80],
            text=cells.get("Payment Method", "")[:400],
            customer_minor=customer_minor,
            customer_currency=customer_currency,
            exchange_rate=cells.get("Exchange Rate", "")[:40] if customer_currency not in {"", currency} else "",
        )

    def checks(self, columns: Sequence[str], file: BinaryIO) -> Checks:  # noqa: ARG002
        """Ask whether each batch adds up to nothing, and whether anything was printed with decimals."""
        return _BatchChecks()


class _BatchChecks(Checks):
    def __init__(self) -> None:
        self.left_over: Counter[tuple[str, str]] = Counter()
        self.paid_out: set[tuple[str, str]] = set()
        self.points: Counter[bool] = Counter()
        self.far_off: list[str] = []

    def see(self, number: int, cells: Mapping[str, str], line: ReportLine | None) -> None:
        if line is None:
            return
        batch = line.payout_ref, line.currency
        self.left_over[batch] += line.net_minor
        if line.category == "payout":
            self.paid_out.add(batch)
        if line.net_minor and minor_digits(line.currency):
            self.points[any("." in cells[column] for column in NET)] += 1
        if line.exchange_rate and not _rate_fits(line):
            self.far_off.append(str(number))

    def finish(self, reading: Reading) -> None:
        if self.points[False] and not self.points[True]:
            reading.refuse(
                0, "The amounts are printed in the smallest unit; the report prints 139.12. Use Adyen's file."
            )
        for (batch, currency), left_over in self.left_over.items():
            if left_over:
                apart = Money(abs(left_over), currency)
                pays = "its payout" if (batch, currency) in self.paid_out else "nothing, and it names no payout:"
                reading.refuse(0, f"The lines of batch {batch} and {pays} are {apart} apart.")
        if self.far_off:
            where = ", ".join(self.far_off[:5])
            reading.warn(f"On {len(self.far_off)} lines the rate does not lead from gross to net (line {where}).")


def _signed(cells: Mapping[str, str], columns: tuple[str, str], currency: str) -> int:
    """Read credit less debit.

    :raises ValueError: when both are given, or one is negative
    """
    debit, credit = (minor_units(cells[column], currency) if cells[column] else 0 for column in columns)
    if debit and credit:
        message = f"{columns[0]} and {columns[1]} are both given."
        raise ValueError(message)
    if debit < 0 or credit < 0:
        message = f"{columns[0]} and {columns[1]} are never negative."
        raise ValueError(message)
    return credit - debit


def _customer(cells: Mapping[str, str], gross: int, currency: str, *, is_about_payment: bool) -> tuple[int | None, str]:
    """Read gross as the customer saw it, which in one currency is net and fees.

    :raises ValueError: when it is not
    """
    if not is_about_payment or not (cells[GROSS[0]] or cells[GROSS[1]]):
        return None, ""
    seen_in = currency_of(cells["Gross Currency"])
    seen = _signed(cells, GROSS, seen_in)
    if seen_in == currency and seen != gross:
        message = f"gross {Money(seen, seen_in)} is not net and fees, {Money(gross, currency)}."
        raise ValueError(message)
    return seen, seen_in


def _rate_fits(line: ReportLine) -> bool:
    """Tell whether the rate leads from what the customer saw to gross, as exactly as it is printed."""
    try:
        rate = Decimal(line.exchange_rate)
    except InvalidOperation:
        return False
    if rate <= 0 or line.customer_minor is None:
        return False
    seen = abs(Decimal(line.customer_minor).scaleb(-minor_digits(line.customer_currency)))
    gross = abs(Decimal(line.gross_minor).scaleb(-minor_digits(line.currency)))
    blur = seen * Decimal(1).scaleb(int(rate.as_tuple().exponent)) + Decimal(2).scaleb(-minor_digits(line.currency))
    return abs(seen * rate - gross) <= blur


def _booked(cells: Mapping[str, str]) -> tuple[str, str]:
    if cells.get("Booking Date"):
        return cells.get("Booking Date TimeZone") or cells.get("TimeZone") or "UTC", cells["Booking Date"]
    return cells.get("TimeZone") or "UTC", cells.get("Creation Date", "")
