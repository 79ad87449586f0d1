"""Take a request down: what is asked for, on which order, checked against what was sold. Nothing is reserved yet."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection

from approvals.vocabulary import Category
from config.kernel.ids import new_id, spoken_reference
from config.kernel.money import Money
from config.kernel.refusals import Reason, Refused
from config.kernel.wording import said
from evidence import ledger
from evidence.text import refuse_card_number
from policies.offered_codes import why_not_offered
from policies.vocabulary import CodeKind, LegalBasis

from . import lifecycle
from .helpdesk.tickets import link
from .models import Order, OrderLine, Payment, RefundLine, RefundRequest
from .permissions import orders_visible_to
from .recent import hold_customer
from .vocabulary import OPEN_STATES, ConnectShare, Method, State

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from config.kernel.people import User

    from .helpdesk.tickets import TicketName

LONGEST_NOTE = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedLine:
    """How many of one order line come back; `amount_minor` may lower what they cost."""

    line: str
    quantity: int
    condition: str
    amount_minor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What somebody asks for, before anything is judged."""

    channel: str
    order: str
    reason: str = ""
    note: str = ""
    lines: Sequence[AskedLine] = ()
    shipping_minor: int = 0
    method: str = Method.ORIGINAL.value
    legal_basis: str = ""
    connect_share: str = ""
    ticket: TicketName | None = None


def open_draft(*, draft: Draft, actor: User, at: datetime) -> RefundRequest:
    """Write a new request down in `intake`. Call it inside a transaction.

    :raises Refused: with every reason at once; nothing is written
    """
    lifecycle.check_may_speak(actor, "submit")
    order = order_named(draft.channel, draft.order, actor)
    refund_request = RefundRequest(
        id=new_id(),
        reference=next_reference(),
        team=order.team,
        order=order,
        customer=order.customer,
        currency=order.currency,
        requested_by=actor,
        created_at=at,
        updated_at=at,
    )
    lines = _fill(refund_request, order, draft)
    refund_request.save(force_insert=True)
    RefundLine.objects.bulk_create(lines)
    ledger.record(
        subject=refund_request.subject,
        kind="refund_request.opened",
        actor=actor,
        at=at,
        sentence=f"opened the request on order {order.external_id}.",
        data={"order": f"{order.channel}/{order.external_id}", "requested_minor": refund_request.requested_minor},
    )
    if draft.ticket is not None:
        link(refund_request, draft.ticket, actor=actor, at=at)
    return refund_request


def change_draft(*, refund_request: RefundRequest, draft: Draft, actor: User, at: datetime) -> None:
    """Write a locked draft anew. Only its own drafter changes it, and only while it is a draft.

    :raises Refused: with every reason at once; the draft stays as it was
    """
    lifecycle.check_may_speak(actor, "submit")
    if refund_request.state != State.INTAKE:
        reference = refund_request.reference
        raise Refused(
            "refused", said("{reference} was submitted; withdraw it to ask for something else.", reference=reference)
        )
    if refund_request.order is None:
        reference = refund_request.reference
        raise Refused(
            "refused", said("{reference} is a goodwill credit; withdraw it to ask for another.", reference=reference)
        )
    lines = _fill(refund_request, refund_request.order, draft)
    refund_request.updated_at = at
    refund_request.save()
    refund_request.lines.all().delete()
    RefundLine.objects.bulk_create(lines)
    if draft.ticket is not None:
        link(refund_request, draft.ticket, actor=actor, at=at)


def add_to_note(refund_request: RefundRequest, answer: str) -> None:
    """Add an answer to what the customer said; saved with the verb that follows.

    :raises Refused: for a card number, or a note that grows too long
    """
    note = f"{refund_request.note}\n\n{answer.strip()}".strip()
    # The whole note, or a card number told in two halves would be kept.
    refuse_card_number(note, field="answer")
    if len(note) > LONGEST_NOTE:
        raise Refused("invalid", said("A note has at most {most} characters.", most=LONGEST_NOTE), "answer")
    refund_request.note = note


def check_reason(code: str) -> None:
    """Refuse a reason that is not offered.

    :raises Refused: `unknown_reason`, naming what to use instead of a merged one
    """
    why_not = why_not_offered(CodeKind.REASON, code)
    if why_not:
        raise Refused("unknown_reason", why_not, "reason")


def refuse_duplicate(refund_request: RefundRequest) -> None:
    """Refuse a second open request for the same lines, or a second goodwill credit of the same amount.

    The lock of the payment, or of the customer's counts, makes the answer hold until we commit.

    :raises Refused: `duplicate_request`
    """
    if refund_request.is_goodwill:
        hold_customer(refund_request)
        _refuse_second_credit(refund_request)
        return
    other = (
        RefundRequest.objects.filter(
            payment=refund_request.payment, line_set=refund_request.line_set, state__in=OPEN_STATES
        )
        .exclude(pk=refund_request.pk)
        .first()
    )
    if other is not None:
        sentence = said("{reference} is open for the same lines of this order.", reference=other.reference)
        raise Refused("duplicate_request", sentence, "lines")


def _refuse_second_credit(refund_request: RefundRequest) -> None:
    open_ones = RefundRequest.objects.filter(category=Category.GOODWILL_CREDIT, state__in=OPEN_STATES)
    alike = open_ones.filter(customer=refund_request.customer, line_set=refund_request.line_set)
    other = alike.exclude(pk=refund_request.pk).first()
    if other is not None:
        sentence = said("{reference} is open for the same amount to this customer.", reference=other.reference)
        raise Refused("duplicate_request", sentence, "amount_minor")


def order_named(channel: str, external_id: str, actor: User) -> Order:
    """Find an order among those of the actor's teams.

    :raises Refused: `unknown_order`
    """
    orders = orders_visible_to(actor).select_related("customer", "team")
    order = orders.filter(channel=channel, external_id=external_id).first()
    if order is None:
        sentence = said("There is no order {number} in {channel}.", number=external_id, channel=channel)
        raise Refused("unknown_order", sentence, "order")
    return order


def why_not_words(reason: str, note: str) -> list[Reason]:
    """Say what is wrong with the reason and the note, of whatever is asked for."""
    reasons: list[Reason] = []
    if reason:
        try:
            check_reason(reason)
        except Refused as no:
            reasons += no.reasons
    if len(note) > LONGEST_NOTE:
        reasons.append(Reason("invalid", said("A note has at most {most} characters.", most=LONGEST_NOTE), "note"))
    return reasons


def _fill(refund_request: RefundRequest, order: Order, draft: Draft) -> list[RefundLine]:
    """Set the columns of the request and answer its lines, unsaved.

    :raises Refused: with every reason
    """
    reasons: list[Reason] = []
    why_not_that_way = _why_not_method(draft.method, order)
    if why_not_that_way:
        reasons.append(Reason("refused", why_not_that_way, "method"))
    reasons += why_not_words(draft.reason, draft.note)
    if draft.legal_basis and draft.legal_basis not in LegalBasis.values:
        sentence = said("There is no legal basis “{basis}”.", basis=draft.legal_basis)
        reasons.append(Reason("invalid", sentence, "legal_basis"))
    if draft.shipping_minor < 0:
        reasons.append(Reason("invalid", said("Shipping cannot be negative."), "shipping_minor"))
    refuse_card_number(draft.note, field="note")
    sold = {line.line: line for line in order.lines.all()}
    lines = _lines(refund_request, sold, draft, reasons)
    asked = sum(line.amount_minor for line in lines) + draft.shipping_minor
    payment = _payment_for(order, asked)
    if payment is None:
        reasons.append(Reason("refused", said("No captured payment is known for this order."), "order"))
    reasons += _why_not_share(draft, payment)
    if reasons:
        raise Refused.of(reasons)
    refund_request.payment = payment
    refund_request.connect_share = draft.connect_share
    refund_request.reason_id = draft.reason or None
    refund_request.note = draft.note
    refund_request.method = draft.method
    refund_request.legal_basis = draft.legal_basis
    refund_request.shipping_minor = draft.shipping_minor
    refund_request.requested_minor = asked
    refund_request.line_set = line_set_of(
        [line.order_line_id for line in lines], with_shipping=bool(draft.shipping_minor)
    )
    return lines


def _why_not_share(draft: Draft, payment: Payment | None) -> list[Reason]:
    """Want it decided who bears the refund of a destination charge, all at once, and of no other payment."""
    is_shared = payment is not None and payment.is_destination_charge and draft.method == Method.ORIGINAL
    if is_shared and draft.connect_share not in ConnectShare.values:
        sentence = said("A share of this payment went on to a connected account. Say who bears the refund.")
        return [Reason("refused", sentence, "connect_share")]
    if draft.connect_share and payment is not None and not is_shared:
        sentence = said("Nothing of this payment went on to a connected account that could bear the refund.")
        return [Reason("refused", sentence, "connect_share")]
    return []


def _why_not_method(method: str, order: Order) -> str:
    if method == Method.BANK_TRANSFER:
        return said("A bank transfer is proposed once a refund cannot go back as it came.")
    if method == Method.STORE_CREDIT and order.customer is None:
        return said("Nobody is known who could be given store credit.")
    return "" if method in Method.values else said("There is no way “{way}” to pay.", way=method[:20])


def _lines(
    refund_request: RefundRequest, sold: dict[str, OrderLine], draft: Draft, reasons: list[Reason]
) -> list[RefundLine]:
    lines: list[RefundLine] = []
    seen: set[str] = set()
    for place, asked in enumerate(draft.lines):
        field = f"lines[{place}]"
        line = sold.get(asked.line)
        if line is None:
            sentence = said("Order {order} has no line {line}.", order=draft.order, line=asked.line)
            reasons.append(Reason("unknown_line", sentence, field))
            continue
        if asked.line in seen:
            reasons.append(Reason("invalid", said("Line {line} is named twice.", line=asked.line), field))
            continue
        seen.add(asked.line)
        reason = _why_not_line(asked, line, refund_request.currency, field)
        if reason is not None:
            reasons.append(reason)
            continue
        full = asked.quantity * line.unit_price_minor
        lines.append(
            RefundLine(
                refund_request=refund_request,
                order_line=line,
                quantity=asked.quantity,
                condition=asked.condition,
                amount_minor=full if asked.amount_minor is None else asked.amount_minor,
            )
        )
    return lines


def _why_not_line(asked: AskedLine, line: OrderLine, currency: str, field: str) -> Reason | None:
    full = asked.quantity * line.unit_price_minor
    if asked.quantity <= 0:
        sentence = said("Line {line} needs a quantity of at least 1.", line=line.line)
        return Reason("invalid", sentence, f"{field}.quantity")
    if asked.quantity > line.refundable_quantity:
        return Reason(
            "exceeds_refundable_balance",
            said(
                "Line {line} has {left} left; this asks for {quantity}.",
                line=line.line,
                left=line.refundable_quantity,
                quantity=asked.quantity,
            ),
            f"{field}.quantity",
        )
    if full == 0:
        return Reason("refused", said("Nothing was paid for line {line}.", line=line.line), field)
    if asked.amount_minor is not None and asked.amount_minor <= 0:
        sentence = said("The amount of line {line} must be more than zero.", line=line.line)
        return Reason("invalid", sentence, f"{field}.amount_minor")
    if asked.amount_minor is not None and asked.amount_minor > full:
        paid = Money(full, currency)
        return Reason(
            "exceeds_refundable_balance",
            said("{paid} was paid for this much of line {line}.", paid=paid, line=line.line),
            f"{field}.amount_minor",
        )
    return None


def _payment_for(order: Order, asked_minor: int) -> Payment | None:
    """Choose the payment that can give it all back; failing that the one with most left, whose lack is then named."""
    payments = sorted(order.payments.all(), key=lambda payment: (-payment.refundable_minor, payment.pk))
    fitting = [payment for payment in payments if payment.refundable_minor >= asked_minor]
    return next(iter(fitting or payments), None)


def line_set_of(order_line_ids: Sequence[int], *, with_shipping: bool) -> str:
    """Fingerprint what is asked for, so that two open requests for the same things are one too many."""
    words = [str(pk) for pk in sorted(order_line_ids)] + (["shipping"] if with_shipping else [])
    return hashlib.sha256(" ".join(words).encode()).hexdigest()


def next_reference() -> str:
    """Take the next name for a request, as people say it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('refund_request_reference')")
        return spoken_reference("RR", cursor.fetchone()[0])
