"""Reserve and release on the payment, its shipping and its lines, in step and under the payment's lock.

The counters carry CHECK constraints, so a mistake here is refused by the database, not paid twice. A goodwill credit
takes nothing from a payment, so nothing is counted for it: what bounds it are the limits of the policy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F

from config.kernel.money import Money
from config.kernel.refusals import Reason, Refused
from config.kernel.wording import said

from .models import Order, OrderLine, Payment, lines_of

if TYPE_CHECKING:
    from .models import RefundRequest


def check_and_reserve(refund_request: RefundRequest) -> None:
    """Speak for what the request asks. Its payment must be locked.

    :raises Refused: `exceeds_refundable_balance` for every line, the shipping or the payment that has less left
    """
    if refund_request.is_goodwill:
        return
    payment = _payment_of(refund_request)
    reasons: list[Reason] = []
    if refund_request.requested_minor > payment.refundable_minor:
        reasons.append(
            Reason(
                "exceeds_refundable_balance",
                said(
                    "The payment has {refundable} left; this asks for {amount}.",
                    refundable=payment.refundable,
                    amount=refund_request.amount,
                ),
                "amount_minor",
            )
        )
    lines = lines_of(refund_request)
    reasons.extend(
        Reason(
            "exceeds_refundable_balance",
            said(
                "Line {line} has {left} left; this asks for {quantity}.",
                line=line.order_line.line,
                left=line.order_line.refundable_quantity,
                quantity=line.quantity,
            ),
            "lines",
        )
        for line in lines
        if line.quantity > line.order_line.refundable_quantity
    )
    if refund_request.shipping_minor:
        order = _order_of(refund_request)
        left = order.shipping_minor - order.shipping_refunded_minor - order.shipping_reserved_minor
        if refund_request.shipping_minor > left:
            printed = Money(left, refund_request.currency)
            reasons.append(
                Reason(
                    "exceeds_refundable_balance",
                    said("Shipping has {amount} left.", amount=printed),
                    "shipping_minor",
                )
            )
    if reasons:
        raise Refused.of(reasons)
    _move(refund_request, reserve=1, refund=0)


def is_left(refund_request: RefundRequest, amount_minor: int) -> bool:
    """Tell whether the payment still has what this request reserved; part of it may have left elsewhere since."""
    if refund_request.is_goodwill:
        return True
    return amount_minor <= _payment_of(refund_request).left_minor(freed_minor=refund_request.amount_minor)


def refuse_beyond_left(refund_request: RefundRequest, amount_minor: int) -> None:
    """Refuse to give back what left elsewhere after it was reserved. The payment must be locked.

    :raises Refused: `exceeds_refundable_balance`
    """
    if is_left(refund_request, amount_minor):
        return
    payment = _payment_of(refund_request)
    left = Money(payment.left_minor(freed_minor=refund_request.amount_minor), payment.currency)
    raise Refused(
        "exceeds_refundable_balance",
        said(
            "Only {left} is left on the payment; {elsewhere} of it went back without us.",
            left=left,
            elsewhere=payment.elsewhere,
        ),
        "amount_minor",
    )


def lower_reserve(refund_request: RefundRequest, *, to_minor: int) -> None:
    """Give back to the payment what an approver cut off; the lines stay spoken for."""
    if refund_request.is_goodwill:
        return
    payment = _payment_of(refund_request)
    payment.reserved_minor -= refund_request.requested_minor - to_minor
    payment.save(update_fields=["reserved_minor"])


def restore_reserve(refund_request: RefundRequest) -> None:
    """Reserve again what an approver had cut off, because her approval is taken back.

    :raises Refused: `exceeds_refundable_balance` when somebody else asked for it meanwhile
    """
    if refund_request.is_goodwill:
        return
    payment = _payment_of(refund_request)
    cut_off = refund_request.asked_minor - refund_request.amount_minor
    if cut_off > payment.refundable_minor:
        asked = Money(refund_request.requested_minor, refund_request.currency)
        raise Refused(
            "exceeds_refundable_balance",
            said(
                "This asked for {asked}, and the payment no longer has that much left."
                " What was approved stays approved.",
                asked=asked,
            ),
        )
    payment.reserved_minor += cut_off
    payment.save(update_fields=["reserved_minor"])


def release(refund_request: RefundRequest) -> None:
    """Give everything back: no money will move."""
    _move(refund_request, reserve=-1, refund=0)


def settle(refund_request: RefundRequest) -> None:
    """Turn the reserve into money that went back."""
    _move(refund_request, reserve=-1, refund=1)


def unsettle(refund_request: RefundRequest) -> None:
    """Take a failed refund back into reserve: the processor returned the money, the customer still waits."""
    _move(refund_request, reserve=1, refund=-1)


def _payment_of(refund_request: RefundRequest) -> Payment:
    if refund_request.payment is None:
        message = f"{refund_request} has no payment."
        raise ValueError(message)
    return refund_request.payment


def _order_of(refund_request: RefundRequest) -> Order:
    """Read the order anew: its shipping is counted under the locks of its payments, not under its own."""
    return Order.objects.get(refund_requests=refund_request)


def _move(refund_request: RefundRequest, *, reserve: int, refund: int) -> None:
    """Move the request's amount, shipping and quantities: +1 adds to a counter, -1 takes away, 0 leaves it."""
    if refund_request.is_goodwill:
        return
    payment = _payment_of(refund_request)
    payment.reserved_minor += reserve * refund_request.amount_minor
    payment.refunded_minor += refund * refund_request.amount_minor
    payment.save(update_fields=["reserved_minor", "refunded_minor"])
    shipping = refund_request.shipping_minor
    if shipping:
        Order.objects.filter(refund_requests=refund_request).update(
            shipping_reserved_minor=F("shipping_reserved_minor") + reserve * shipping,
            shipping_refunded_minor=F("shipping_refunded_minor") + refund * shipping,
        )
    order_lines = []
    for line in lines_of(refund_request):
        line.order_line.reserved_quantity += reserve * line.quantity
        line.order_line.refunded_quantity += refund * line.quantity
        order_lines.append(line.order_line)
    # The locks on the order's payments make these counters ours alone.
    OrderLine.objects.bulk_update(order_lines, ["reserved_quantity", "refunded_quantity"])
