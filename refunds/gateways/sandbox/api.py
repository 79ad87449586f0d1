"""Stripe's addresses, as far as the sandbox speaks them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from refunds.gateways.sandbox import deeds
from refunds.gateways.sandbox.forms import currency_code, one_text, only, whole_number, words
from refunds.gateways.sandbox.once import Made, once
from refunds.gateways.sandbox.problems import Problem, refuse, refuse_missing
from refunds.gateways.sandbox.records import Payment, Refund
from refunds.gateways.sandbox.shapes import (
    charge_shape,
    dispute_shape,
    intent_shape,
    is_actionable,
    refund_shape,
    warning_shape,
)
from refunds.gateways.sandbox.wire import Reply, Request, told

if TYPE_CHECKING:
    from refunds.gateways.sandbox.desk import Desk
    from refunds.gateways.sandbox.faults import Fault

SHARED = ("reverse_transfer", "refund_application_fee")
REASONS = frozenset({"duplicate", "fraudulent", "requested_by_customer"})

_REFUND_PARAMS = frozenset(
    {
        *("payment_intent", "charge", "amount", "reason", "metadata", "expand"),
        *("reverse_transfer", "refund_application_fee"),
    }
)
_INTENT_PARAMS = frozenset(
    {
        *("amount", "currency", "payment_method", "confirm", "metadata", "payment_method_types", "description"),
        *("automatic_payment_methods", "capture_method", "off_session", "return_url", "expand"),
    },
)


def create_refund(desk: Desk, request: Request) -> Reply:
    """Give money back on a payment."""
    only(request.params, _REFUND_PARAMS)
    amount = whole_number(request.params["amount"], "amount") if "amount" in request.params else None
    reason = request.params.get("reason") or None
    if reason is not None and reason not in REASONS:
        refuse("parameter_invalid", f"Invalid reason: must be one of {', '.join(sorted(REASONS))}", "reason")
    metadata = words(request.params.get("metadata"), "metadata")
    if not request.params.get("payment_intent") and not request.params.get("charge"):
        refuse("parameter_missing", "One of the following params should be provided: payment_intent or charge.", "")

    def make(fault: Fault | None) -> Made:
        payment = _refunded_payment(desk, request)
        _check_shared(payment, request)
        rows = deeds.give_back(
            desk.books,
            payment,
            amount=amount,
            reason=reason,
            metadata=metadata,
            shared=tuple(name for name in SHARED if request.params.get(name) == "true"),
            key=request.headers.get("idempotency-key", ""),
            fault=fault,
            now=desk.clock.now(),
            turns_after_seconds=desk.turns_after_seconds,
        )
        refund = next(row for row in rows if isinstance(row, Refund))
        return refund_shape(refund, payment), rows

    return once(desk, request, make, may_fail=True)


def _check_shared(payment: Payment, request: Request) -> None:
    """Refuse to take back from a connected account what it never got, and a fee without its transfer."""
    takes_back, gives_fee_back = (request.params.get(name) == "true" for name in SHARED)
    if takes_back and not payment.destination:
        refuse("charge_not_transferred", f"Charge {payment.charge} has no associated transfer.", SHARED[0])
    if gives_fee_back and not takes_back:
        message = "A fee of a destination charge is given back together with its transfer."
        refuse("parameter_invalid", message, SHARED[1])


def cancel_refund(desk: Desk, request: Request) -> Reply:
    """Call back a refund that waits for the customer."""
    only(request.params, frozenset({"expand"}))

    def make(_fault: Fault | None) -> Made:
        refund = _known_refund(desk, request.named)
        if refund.status != "requires_action":
            message = f"Refund {refund.id} is {refund.status}; only one that requires action can be canceled."
            raise Problem(400, "refund_unexpected_state", message)
        rows = deeds.turn(desk.books, refund, "canceled", now=desk.clock.now())
        turned = next(row for row in rows if isinstance(row, Refund))
        return refund_shape(turned, desk.books.payments[turned.payment]), rows

    return once(desk, request, make)


def create_payment_intent(desk: Desk, request: Request) -> Reply:
    """Capture a payment at once; the sandbox has no unconfirmed ones."""
    only(request.params, _INTENT_PARAMS)
    amount = whole_number(request.params.get("amount"), "amount")
    currency = currency_code(request.params.get("currency"))
    method = one_text(request.params.get("payment_method"), "payment_method")
    metadata = words(request.params.get("metadata"), "metadata")
    if request.params.get("confirm") != "true":
        refuse("parameter_missing", "The sandbox captures at once: send confirm=true.", "confirm")

    def make(_fault: Fault | None) -> Made:
        if method not in deeds.METHODS:
            refuse_missing("PaymentMethod", method, "payment_method")
        intent = desk.books.next_id("pi")
        payment = Payment(
            id=intent,
            charge=intent.replace("pi_", "ch_", 1),
            intent=intent,
            amount=amount,
            currency=currency,
            created=int(desk.clock.now()),
            method=method,
            metadata=metadata,
        )
        return intent_shape(payment), [payment]

    reply = once(desk, request, make)
    dispute_if_so_marked(desk, json.loads(reply.text).get("id", ""))
    return reply


def dispute_if_so_marked(desk: Desk, payment_id: str) -> None:
    """Let the bank complain at once about a payment made with the method that asks for it."""
    with desk.books.lock:
        payment = desk.books.payments.get(payment_id)
        if payment and payment.method == deeds.DISPUTED and not desk.books.dispute_of(payment):
            desk.record(*deeds.dispute(desk.books, payment, due_by=None, now=desk.clock.now()))


def get_refund(desk: Desk, request: Request) -> Reply:
    """Show one refund."""
    refund = _known_refund(desk, request.named)
    return told(refund_shape(refund, desk.books.payments[refund.payment]))


def get_payment_intent(desk: Desk, request: Request) -> Reply:
    """Show one payment."""
    payment = desk.books.payments.get(request.named)
    if payment is None or payment.intent is None:
        refuse_missing("payment_intent", request.named, "intent")
    return told(intent_shape(payment))


def get_charge(desk: Desk, request: Request) -> Reply:
    """Show one charge."""
    payment = desk.books.payments_by_charge.get(request.named)
    if payment is None:
        refuse_missing("charge", request.named, "id")
    return told(charge_shape(payment, desk.books.refunded(payment), desk.books.dispute_of(payment)))


def get_warning(desk: Desk, request: Request) -> Reply:
    """Show one early fraud warning."""
    warning = desk.books.warnings.get(request.named)
    if warning is None:
        refuse_missing("radar.early_fraud_warning", request.named, "id")
    payment = desk.books.payments[warning.payment]
    return told(warning_shape(warning, payment, is_actionable=is_actionable(payment, desk.books)))


def get_dispute(desk: Desk, request: Request) -> Reply:
    """Show one dispute."""
    dispute = desk.books.disputes.get(request.named)
    if dispute is None:
        refuse_missing("dispute", request.named, "id")
    return told(dispute_shape(dispute, desk.books.payments[dispute.payment]))


def _known_refund(desk: Desk, refund_id: str) -> Refund:
    refund = desk.books.refunds.get(refund_id)
    if refund is None:
        refuse_missing("refund", refund_id, "id")
    return refund


def _refunded_payment(desk: Desk, request: Request) -> Payment:
    for noun in ("payment_intent", "charge"):
        reference = str(request.params.get(noun) or "")
        payment = desk.books.payment(reference) if reference else None
        if payment and reference == (payment.intent if noun == "payment_intent" else payment.charge):
            return payment
        if reference:
            refuse_missing(noun, reference, noun)
    raise AssertionError(request.params)
