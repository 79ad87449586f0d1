"""What the customer is told, and when: composed here, written and kept by evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.messages import write_message

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
    """Write that the refund was approved and when to expect it."""
    _write(refund_request, "refund_approved", at)


def tell_declined(refund_request: RefundRequest, *, at: datetime) -> None:
    """Write that the refund was declined."""
    _write(refund_request, "refund_declined", at)


def tell_paid(refund_request: RefundRequest, *, at: datetime) -> None:
    """Write that the money is on its way back."""
    _write(refund_request, "refund_paid", at)


def tell_failed(refund_request: RefundRequest, *, at: datetime) -> None:
    """Write that the money came back to us and we will be in touch."""
    _write(refund_request, "refund_failed_contact", at)


def _write(refund_request: RefundRequest, template: str, at: datetime) -> None:
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
        },
        at=at,
    )
