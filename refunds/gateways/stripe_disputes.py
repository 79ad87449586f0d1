"""Stripe's disputes, inquiries and early fraud warnings, read as what they mean for a refund."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from refunds.gateways.base import DisputeKind, DisputeStatus, ProviderDispute
from refunds.gateways.units import from_stripe_units

if TYPE_CHECKING:
    from collections.abc import Mapping

DISPUTE_PREFIXES = ("dp_", "du_")
WARNING_PREFIX = "issfr_"

LONGEST_REASON = 60

_STATUS = {
    "warning_needs_response": DisputeStatus.NEEDS_RESPONSE,
    "warning_under_review": DisputeStatus.UNDER_REVIEW,
    "warning_closed": DisputeStatus.CLOSED,
    "needs_response": DisputeStatus.NEEDS_RESPONSE,
    "under_review": DisputeStatus.UNDER_REVIEW,
    "won": DisputeStatus.WON,
    "lost": DisputeStatus.LOST,
    "prevented": DisputeStatus.CLOSED,
}


def dispute_from(told: Mapping[str, Any]) -> ProviderDispute:
    """Read a dispute; a status of `warning_...` is an inquiry, and a status nobody knows yet counts as open."""
    status = str(told["status"])
    currency = str(told["currency"]).upper()
    due_by = (told.get("evidence_details") or {}).get("due_by")
    return ProviderDispute(
        external_id=told["id"],
        kind=DisputeKind.INQUIRY if status.startswith("warning_") else DisputeKind.CHARGEBACK,
        status=_STATUS.get(status, DisputeStatus.NEEDS_RESPONSE),
        reason=str(told.get("reason") or "")[:LONGEST_REASON],
        amount_minor=from_stripe_units(told["amount"], currency),
        currency=currency,
        payment_external_ids=_payments(told),
        # 0 and null both mean that no answer is allowed, or not yet.
        due_at=datetime.fromtimestamp(due_by, UTC) if due_by else None,
        is_charge_refundable=told.get("is_charge_refundable") is True,
        opened_at=datetime.fromtimestamp(told["created"], UTC),
    )


def warning_from(told: Mapping[str, Any], charge: Mapping[str, Any]) -> ProviderDispute:
    """Read an early fraud warning with its charge; it is about whatever the charge has not given back yet."""
    currency = str(charge["currency"]).upper()
    is_actionable = told.get("actionable") is True
    return ProviderDispute(
        external_id=told["id"],
        kind=DisputeKind.WARNING,
        status=DisputeStatus.NEEDS_RESPONSE if is_actionable else DisputeStatus.CLOSED,
        reason=str(told.get("fraud_type") or "")[:LONGEST_REASON],
        amount_minor=from_stripe_units(charge["amount_captured"] - charge["amount_refunded"], currency),
        currency=currency,
        payment_external_ids=_payments(told),
        due_at=None,
        is_charge_refundable=is_actionable,
        opened_at=datetime.fromtimestamp(told["created"], UTC),
    )


def charge_of(told: Mapping[str, Any]) -> str:
    """Name the charge that a dispute or warning is about."""
    return _id_of(told.get("charge"))


def _payments(told: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(name for name in (_id_of(told.get("payment_intent")), charge_of(told)) if name)


def _id_of(reference: Any) -> str:
    return str(reference["id"]) if isinstance(reference, dict) else str(reference or "")
