"""Gather what the policy must know of a request: one query for each kind of fact, no judgement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.attachments import kinds_of
from policies.engine.facts import LineFact, RefundFacts

if TYPE_CHECKING:
    from datetime import datetime

    from .models import Order, RefundLine, RefundRequest


def gather(refund_request: RefundRequest, *, at: datetime) -> RefundFacts:
    """Freeze the facts as they are at `at`.

    Days count from delivery, or from the order where delivery is not known: the customer never loses by our ignorance.
    They count to the day the request was first submitted: nor does she lose by our slowness.
    The balance is the payment's own, without what this request has reserved itself.
    """
    order = refund_request.order
    lines: list[RefundLine] = list(refund_request.lines.all())
    payment = refund_request.payment
    held = refund_request.amount_minor if refund_request.is_open else 0
    counted_from = order.delivered_at or order.placed_at
    return RefundFacts(
        category=refund_request.category,
        amount_minor=refund_request.requested_minor,
        currency=refund_request.currency,
        reason=refund_request.reason_id or "",
        method=refund_request.method,
        lines=tuple(
            LineFact(
                line=line.order_line.line,
                product_category=line.order_line.category,
                condition=line.condition,
                final_sale=line.order_line.final_sale,
                quantity=line.quantity,
                amount_minor=line.amount_minor,
            )
            for line in lines
        ),
        shipping_minor=refund_request.shipping_minor,
        days_since_delivery=max(((refund_request.submitted_at or at) - counted_from).days, 0),
        is_delivered=order.delivered_at is not None,
        counted_from_on=counted_from.date(),
        evidence_kinds=kinds_of(refund_request.subject),
        payment_is_found=payment is not None,
        refundable_minor=None if payment is None else payment.refundable_minor + held,
        customer_tenure_days=_tenure_days(order, at),
        exception_code=refund_request.exception_code,
    )


def _tenure_days(order: Order, at: datetime) -> int | None:
    since = order.customer.since if order.customer is not None else None
    return None if since is None else max((at.date() - since).days, 0)
