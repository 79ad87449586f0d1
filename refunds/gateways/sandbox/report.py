"""Stripe's report `payout_reconciliation.itemized.5` over the sandbox's balance, as finance would download it."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from refunds.gateways.sandbox.movements import DAY_SECONDS, Movement
from refunds.gateways.units import stripe_digits

if TYPE_CHECKING:
    from collections.abc import Iterable

    from refunds.gateways.sandbox.records import Payment

COLUMNS = (
    *("automatic_payout_id", "automatic_payout_effective_at", "balance_transaction_id", "created_utc", "created"),
    *("available_on_utc", "available_on", "currency", "gross", "fee", "net", "reporting_category", "source_id"),
    *("description", "customer_facing_amount", "customer_facing_currency", "regulatory_tag"),
    *("automatic_payout_effective_at_utc", "customer_id", "charge_id", "payment_intent_id", "charge_created_utc"),
    *("payment_method_type", "card_brand", "card_funding", "card_country", "statement_descriptor", "dispute_reason"),
    *("trace_id", "trace_id_status", "payment_metadata[order_id]", "refund_metadata[operation_id]"),
    "refund_metadata[refund_request]",
)

_DESCRIPTIONS = {"refund_failure": "REFUND FAILURE"}


def payout_report(lines: Iterable[Movement], *, currency: str, closed_at: int, payout: str = "") -> str:
    """Write the movements of one payout, oldest first; the payout's amount is the sum of `net`.

    Without a payout's id they are taken for one that was closed then.
    """
    paid_out_at = (closed_at // DAY_SECONDS + 1) * DAY_SECONDS
    payout = payout or f"po_{sha256(f'{currency} {closed_at}'.encode()).hexdigest()[:24]}"
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    for movement in lines:
        writer.writerow(_row(movement, payout, paid_out_at))
    return text.getvalue()


def _row(movement: Movement, payout: str, paid_out_at: int) -> dict[str, str]:
    payment, refund = movement.payment, movement.refund
    return {
        "automatic_payout_id": payout,
        "automatic_payout_effective_at": _time(paid_out_at),
        "automatic_payout_effective_at_utc": _time(paid_out_at),
        "balance_transaction_id": movement.id,
        "created_utc": _time(movement.created),
        "created": _time(movement.created),
        "available_on_utc": _time(movement.available_on),
        "available_on": _time(movement.available_on),
        "currency": movement.currency,
        "gross": major(movement.amount, movement.currency),
        "fee": major(movement.fee, movement.currency),
        "net": major(movement.net, movement.currency),
        "reporting_category": movement.category,
        "source_id": movement.source,
        "description": _DESCRIPTIONS.get(movement.category, ""),
        "customer_facing_amount": major(movement.amount, movement.currency),
        "customer_facing_currency": movement.currency,
        "statement_descriptor": "SANDBOX",
        **(_of_payment(payment) if payment else {}),
        "dispute_reason": movement.dispute.reason if movement.dispute else "",
        "trace_id_status": "pending",
        "refund_metadata[operation_id]": refund.metadata.get("operation_id", "") if refund else "",
        "refund_metadata[refund_request]": refund.metadata.get("refund_request", "") if refund else "",
    }


def _of_payment(payment: Payment) -> dict[str, str]:
    return {
        "charge_id": payment.charge,
        "payment_intent_id": payment.intent or "",
        "charge_created_utc": _time(payment.created),
        "payment_method_type": "card",
        "card_brand": "visa",
        "card_funding": "credit",
        "card_country": "GB",
        "payment_metadata[order_id]": payment.metadata.get("order_id", ""),
    }


def major(amount: int, currency: str) -> str:
    """Print an amount in major units, without ever leaving the integers."""
    digits = stripe_digits(currency.upper())
    whole, rest = divmod(abs(amount), 10**digits)
    sign = "-" if amount < 0 else ""
    return f"{sign}{whole}.{rest:0{digits}d}" if digits else f"{sign}{whole}"


def _time(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")
