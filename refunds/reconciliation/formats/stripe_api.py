"""What a payout consists of as Stripe's API says it, written down by the gateway: the report's lines in smallest units.

Source: docs.stripe.com/api/balance_transactions/list with `payout`; automatic payouts only.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from config.kernel.money import Money
from config.kernel.wording import said
from refunds.gateways.stripe_payouts import DOCUMENT
from refunds.gateways.units import UnsupportedAmount, from_stripe_units
from refunds.reconciliation.amounts import currency_of
from refunds.reconciliation.categories import UNKNOWN, is_known
from refunds.reconciliation.references import operation_in
from refunds.reconciliation.report import MOST_PROBLEMS_SHOWN, BrokenReport, Problem, ReportLine, report_of

from .base import Confidence

if TYPE_CHECKING:
    from refunds.reconciliation.report import Report

NOT_OF_IT = "payout"
"""The payout's own line, which takes from the balance what the others brought."""


class PayoutByApi:
    """One payout, fetched."""

    name = "stripe.api.payout"
    label = said("Stripe payout, fetched")
    account = "stripe"
    suffixes = (".json",)

    def detect(self, head: bytes) -> Confidence:
        """Look for the word that the gateway writes."""
        if f'"{DOCUMENT}"'.encode() in head:
            return Confidence(100, "It was fetched from Stripe by Redress.")
        return Confidence(0, "It was not fetched from Stripe by Redress.")

    def read(self, content: bytes) -> Report:
        """Read every balance transaction, and hold their sum against the payout.

        :raises BrokenReport: with every problem
        """
        try:
            document = json.loads(content)
            payout, told = document["payout"], document["transactions"]
            reference, currency = str(payout["id"]), currency_of(str(payout["currency"]))
            amount = Money(from_stripe_units(int(payout["amount"]), currency), currency)
        except (ValueError, KeyError, TypeError, RecursionError) as odd:
            raise BrokenReport([Problem(0, "It is no payout that was fetched from Stripe.")]) from odd
        lines, problems = [], []
        for number, one in enumerate(told, start=1):
            try:
                lines.append(_line(number, one, reference))
            except (ValueError, KeyError, TypeError, OverflowError) as odd:
                problems.append(Problem(number, f"It cannot be read: {odd}."))
        if problems:
            raise BrokenReport(problems[:MOST_PROBLEMS_SHOWN], total=len(problems))
        found = Money(sum(line.net_minor for line in lines if line.category != NOT_OF_IT), currency)
        if {line.currency for line in lines} - {currency} or found != amount:
            sentence = f"Its lines add up to {found}, the payout is {amount}: a line is missing."
            raise BrokenReport([Problem(0, sentence)])
        return report_of(self.name, lines)


def _line(number: int, told: dict[str, Any], payout: str) -> ReportLine:
    """Read one balance transaction.

    :raises ValueError: with a sentence
    """
    currency = currency_of(str(told["currency"]))
    gross, fee, net = (_minor(told[name], currency) for name in ("amount", "fee", "net"))
    if gross - fee != net:
        message = "gross less fee is not net"
        raise ValueError(message)
    category, source = str(told["reporting_category"]), told["source"]
    operation = str(source["metadata"].get("operation_id", ""))
    customer_minor, customer_currency = _customer_facing(source, gross)
    return ReportLine(
        number=number,
        external_id=str(told["id"])[:120],
        category=category if is_known(category) else UNKNOWN,
        source_id=str(source["id"])[:120],
        operation_ref=(operation_in(operation) or operation)[:80],
        payment_ref=str(source["payment_intent"] or source["charge"])[:120],
        booked_at=datetime.fromtimestamp(int(told["created"]), UTC),
        gross_minor=gross,
        fee_minor=fee,
        net_minor=net,
        currency=currency,
        payout_ref=payout[:120],
        merchant_ref=str(source["metadata"].get("order_id") or source["metadata"].get("case") or "")[:120],
        told_category=category[:80],
        text=str(told["description"] or "")[:400],
        value_on=datetime.fromtimestamp(int(told["available_on"]), UTC).date(),
        customer_minor=customer_minor,
        customer_currency=customer_currency,
        exchange_rate=str(told["exchange_rate"])[:40],
    )


def _minor(amount: Any, currency: str) -> int:
    if isinstance(amount, bool) or not isinstance(amount, int):
        message = f"{amount!r} is no count of the smallest unit"
        raise TypeError(message)
    try:
        return from_stripe_units(amount, currency)
    except UnsupportedAmount as odd:
        raise ValueError(str(odd)) from odd


def _customer_facing(source: dict[str, Any], gross: int) -> tuple[int | None, str]:
    """Read what the customer saw, with the sign of what was moved."""
    if source["amount"] is None or not source["currency"]:
        return None, ""
    currency = currency_of(str(source["currency"]))
    shown = abs(_minor(source["amount"], currency))
    return (-shown if gross < 0 else shown), currency
