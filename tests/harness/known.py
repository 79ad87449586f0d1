"""What a refund request and its operation must know, or the test is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from refunds.models import Operation, Order, Payment, RefundRequest


def payment_behind(operation: Operation) -> Payment:
    """Answer the payment that a refund goes back through."""
    assert operation.payment is not None
    return operation.payment


def order_of(refund_request: RefundRequest) -> Order:
    """Answer the order that a refund is of."""
    assert refund_request.order is not None
    return refund_request.order
