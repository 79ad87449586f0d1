"""What the customer is told, and when: composed here, written and kept by evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from approvals.models import ApprovalDecision
from evidence.messages import WRITER, drop_waiting, write_message

if TYPE_CHECKING:
    from datetime import datetime

    from .models import RefundRequest

EXPECTED = {
    "card": "5 to 10 business days",
    "bank_debit": "5 to 8 business days",
    "wallet": "1 to 5 business days",
}
"""How long a refund takes to show, by payment method; the card figure is Stripe's own."""

LONGEST = EXPECTED["card"]


def tell_approved(refund_request: RefundRequest, *, at: datetime) -> None:
    """Write that the refund was approved and when to expect it; an exception is read by somebody else first."""
    deciders = _deciders_of(refund_request) if refund_request.exception_code else None
    _write(refund_request, "refund_approved", at, deciders)


def tell_declined(refund_request: RefundRequest, *, at: datetime) -> None:
    """Write that the refund was declined, which ends what was to be said before; somebody else reads it first."""
    drop_waiting(subject=refund_request.subject, actor=WRITER, at=at)
    _write(refund_request, "refund_declined", at, _deciders_of(refund_request))


def tell_paid(refund_request: RefundRequest, *, at: datetime) -> None:
    """Write that the money is on its way back."""
    _write(refund_request, "refund_paid", at)


def tell_reference(refund_request: RefundRequest, acquirer_reference: str, *, at: datetime) -> None:
    """Write by which reference the customer's bank finds the refund."""
    _write(refund_request, "acquirer_reference", at, acquirer_reference=acquirer_reference)


def tell_failed(refund_request: RefundRequest, *, at: datetime) -> None:
    """Write that the money came back to us and we will be in touch."""
    _write(refund_request, "refund_failed_contact", at)


def _deciders_of(refund_request: RefundRequest) -> frozenset[int]:
    """Name everybody who granted, signed or declined it, and for whom."""
    named = {refund_request.reviewed_by_id, refund_request.approved_by_id, refund_request.declined_by_id}
    if refund_request.route_id is not None:
        signed = ApprovalDecision.objects.filter(route_id=refund_request.route_id)
        named.update(*signed.values_list("decided_by_id", "acting_for_id"))
    return frozenset(person for person in named if person is not None)


def _write(
    refund_request: RefundRequest,
    template: str,
    at: datetime,
    decider_ids: frozenset[int] | None = None,
    *,
    acquirer_reference: str = "",
) -> None:
    customer = refund_request.customer
    payment = refund_request.payment
    write_message(
        subject=refund_request.subject,
        team=refund_request.team,
        template=template,
        to=customer.email if customer is not None else "",
        customer=str(customer or "customer"),
        language="en",
        reference=refund_request.reference,
        page=refund_request.get_absolute_url(),
        merge={
            "amount": str(refund_request.amount),
            "order": refund_request.order.external_id,
            "reference": refund_request.reference,
            "team": refund_request.team.name,
            "expected": EXPECTED.get(payment.method if payment is not None else "", LONGEST),
            "last4": payment.last4 if payment is not None else "",
            "acquirer_reference": acquirer_reference,
        },
        decider_ids=decider_ids,
        at=at,
    )
