"""Gather what the policy must know of a request: one query for each kind of fact, no judgement."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from evidence.attachments import kinds_of
from evidence.reuse import strongest_reuse
from policies.engine.facts import LineFact, RefundFacts

from .disputes.standing import standing_over
from .models import Payment, lines_of
from .recent import recent_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from policies.engine.document import PolicyDocument

    from .models import Customer, Dispute, RefundRequest


def gather(refund_request: RefundRequest, document: PolicyDocument, *, at: datetime) -> RefundFacts:
    """Freeze the facts as they are at `at`; `document` says which of the costly ones it asks about.

    Days count from delivery, or from the order where delivery is not known: the customer never loses by our ignorance.
    They count to the day the request was first submitted: nor does she lose by our slowness. What was asked for lately
    and tenure count to that day too, or a late answer would make a part look like the whole.
    The balance is the payment's own, without what this request has reserved itself, and so is what went before on it.
    """
    order = refund_request.order
    payment = refund_request.payment
    held = refund_request.amount_minor if refund_request.is_open else 0
    asked_at = refund_request.submitted_at or at
    counted_from = (order.delivered_at or order.placed_at) if order is not None else asked_at
    disputes = standing_over(refund_request.payment_id)
    kinds = kinds_of(refund_request.subject)
    asked_here = asked_at.astimezone(ZoneInfo(refund_request.team.time_zone))
    return RefundFacts(
        category=refund_request.category,
        amount_minor=refund_request.asked_minor,
        currency=refund_request.currency,
        reason=refund_request.reason_id or "",
        method=refund_request.method if refund_request.payout is None else refund_request.payout.method,
        lines=tuple(
            LineFact(
                line=line.order_line.line,
                product_category=line.order_line.category,
                condition=line.condition,
                final_sale=line.order_line.final_sale,
                quantity=line.quantity,
                amount_minor=line.amount_minor,
            )
            for line in lines_of(refund_request)
        ),
        shipping_minor=refund_request.shipping_minor,
        days_since_delivery=max((asked_at - counted_from).days, 0),
        is_delivered=order is not None and order.delivered_at is not None,
        counted_from_on=counted_from.date(),
        evidence_kinds=kinds,
        payment_is_found=payment is not None,
        refundable_minor=None if payment is None else payment.left_minor(freed_minor=held),
        customer_tenure_days=_tenure_days(refund_request.customer, asked_at),
        exception_code=refund_request.exception_code,
        legal_basis=refund_request.legal_basis,
        charge_minor=max(_given_back_minor(refund_request) - held, 0),
        recent=recent_of(refund_request, document, at=asked_at),
        asked_weekday=asked_here.isoweekday(),
        asked_minute=asked_here.hour * 60 + asked_here.minute,
        asked_on=asked_here.date(),
        dispute_is_open=bool(disputes),
        dispute_due_in_hours=_due_in_hours(disputes, at),
        # Only a file that is shown can have been sent before.
        photo_reuse=str(strongest_reuse(refund_request.subject) or "") if kinds else "",
    )


def _given_back_minor(refund_request: RefundRequest) -> int:
    """Add up what went back or is spoken for on the order, or a second card would be a second limit."""
    if refund_request.is_goodwill:
        return 0
    charges = refund_request.held_payments or Payment.objects.filter(order=refund_request.order_id)
    return sum(
        charge.refunded_minor + charge.reserved_minor + charge.elsewhere_minor
        for charge in charges
        if charge.currency == refund_request.currency
    )


def _due_in_hours(disputes: Iterable[Dispute], at: datetime) -> int | None:
    """Count to the first answer that is due, rounded down; None where nobody waits for one."""
    due = [dispute.due_at for dispute in disputes if dispute.is_open and dispute.due_at is not None]
    return (min(due) - at) // timedelta(hours=1) if due else None


def _tenure_days(customer: Customer | None, at: datetime) -> int | None:
    since = customer.since if customer is not None else None
    return None if since is None else max((at.date() - since).days, 0)
