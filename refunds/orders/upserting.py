"""Take one order as a shop tells it: new, or grown since the last time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from config.kernel.money import Money
from config.kernel.outbox import publish
from config.kernel.people import Team, team_ids_of
from config.kernel.refusals import NotPermitted, Reason, Refused
from config.kernel.wording import said
from refunds.elsewhere import count_elsewhere, hold_payments
from refunds.gateways.registry import UnknownGateway, gateway_named
from refunds.models import Customer, Order, OrderLine, Payment, RefundLine
from refunds.vocabulary import ProofSource

from .checking import objections_to
from .sold import CustomerFacts, LineFacts, OrderFacts, PaymentFacts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime

    from config.kernel.people import User

__all__ = [
    "CustomerFacts",
    "LineFacts",
    "OrderFacts",
    "PaymentFacts",
    "upsert_order",
    "upsert_order_of_shop",
    "write_order",
]


@transaction.atomic(durable=True)
def upsert_order(*, order: OrderFacts, actor: User, at: datetime) -> tuple[Order, bool]:  # noqa: ARG001 - one shape for all commands
    """Write an order down, or what changed about it. Answers the order and whether it is new.

    Sending the same facts again changes nothing. Facts grow or change only where no refund touches them: a payment
    left out is kept, a line left out goes, unless somebody asked for money back on it.

    1. Check what needs no database, then the team.
    2. Lock the payments, then the order: the order of locks everywhere.
    3. Compare with what refunds rest on, and refuse with every reason at once.
    4. Write.

    :raises NotPermitted: for whoever may not send orders
    :raises Refused: with a code, a sentence and a field for each reason; nothing is written
    """
    if not actor.has_perm("refunds.add_order"):
        raise NotPermitted("not_permitted", said("Sending orders needs the right “refunds.add_order”."))
    reasons = [*objections_to(order), *_about_gateways(order.payments)]
    team = Team.objects.filter(slug=order.team, pk__in=team_ids_of(actor)).first()
    if team is None:
        reasons.append(Reason("unknown_team", said("There is no team “{team}” you work for.", team=order.team), "team"))
    if reasons or team is None:
        raise Refused.of(reasons)
    return _write(order, team, team_ids_of(actor))


@transaction.atomic(durable=True)
def upsert_order_of_shop(*, order: OrderFacts, team: Team) -> tuple[Order, bool]:
    """Write down an order that was read from a connected shop, for the team it is connected for.

    What the shop said earlier than what we know of it changes nothing: answers come in any order.

    :raises Refused: as for an order that is sent
    """
    return write_order(order=order, team=team, reach=None)


def write_order(*, order: OrderFacts, team: Team, reach: Collection[int] | None) -> tuple[Order, bool]:
    """Write one order down inside the transaction of whoever has many.

    `reach` are the teams whose customers the sender may name; None for the shop itself, whose customers they are.

    :raises Refused: as for an order that is sent
    """
    reasons = [*objections_to(order), *_about_gateways(order.payments)]
    if reasons:
        raise Refused.of(reasons)
    return _write(order, team, reach)


def _write(order: OrderFacts, team: Team, reach: Collection[int] | None) -> tuple[Order, bool]:
    stored, created = _hold(order, team)
    if order.changed_at is not None and stored.changed_at is not None and order.changed_at < stored.changed_at:
        return stored, created
    payments = {(payment.gateway, payment.external_id): payment for payment in _payments_of(stored, order)}
    lines = {line.line: line for line in stored.lines.select_for_update().order_by("pk")}
    reasons = [
        *_against_order(stored, order, team),
        *_against_customer(stored, order, reach),
        *_against_payments(stored, order.payments, payments),
        *_against_lines(order.lines, lines),
    ]
    if reasons:
        raise Refused.of(reasons)
    captured = {name: payment.captured_minor for name, payment in payments.items()}
    _write_order(stored, order)
    _write_lines(stored, order.lines, lines)
    _write_payments(stored, order.payments, payments)
    # What left of a charge before its order was known here counts from now on.
    held = hold_payments(stored.pk)
    count_elsewhere(held)
    if any(_is_corrected(one, captured.get((one.gateway, one.external_id))) for one in held):
        publish("order.corrected", order_id=str(stored.pk))
    return stored, created


def _is_corrected(payment: Payment, captured_minor: int | None) -> bool:
    """Whether what was counted of a payment is not so any more; of a new one only what left before it was known."""
    return payment.captured_minor != captured_minor and (captured_minor is not None or payment.is_touched)


def _about_gateways(payments: Sequence[PaymentFacts]) -> Iterator[Reason]:
    for place, payment in enumerate(payments):
        try:
            gateway_named(payment.gateway)
        except UnknownGateway as unknown:
            yield Reason("unknown_gateway", str(unknown), f"payments[{place}].gateway")


def _hold(order: OrderFacts, team: Team) -> tuple[Order, bool]:
    """Find and lock the order, its payments first; of two racing senders the second waits and finds it there."""
    payments = Payment.objects.filter(order__channel=order.channel, order__external_id=order.external_id)
    list(payments.select_for_update(of=("self",)).order_by("pk"))
    found, created = Order.objects.get_or_create(
        channel=order.channel,
        external_id=order.external_id,
        defaults={
            "team": team,
            "placed_at": order.placed_at,
            "currency": order.payments[0].currency if order.payments else order.currency or team.currency,
            "shipping_minor": order.shipping_minor,
        },
    )
    return Order.objects.select_for_update().get(pk=found.pk), created


def _payments_of(stored: Order, order: OrderFacts) -> Sequence[Payment]:
    """List the payments of this order, and of any other order that has one of the ids we were told."""
    told = Q(order=stored)
    for payment in order.payments:
        told |= Q(gateway=payment.gateway, external_id=payment.external_id)
    return list(Payment.objects.filter(told))


def _against_order(stored: Order, order: OrderFacts, team: Team) -> list[Reason]:
    reasons = []
    if stored.team_id != team.pk:
        reasons.append(
            Reason("refused", said("Order {number} belongs to another team.", number=stored.external_id), "team")
        )
    currency = order.payments[0].currency if order.payments else order.currency or stored.currency
    if currency != stored.currency and (stored.payments.exists() or stored.refund_requests.exists()):
        reasons.append(
            Reason(
                "currency_mismatch",
                said("This order is in {currency}, not {other}.", currency=stored.currency, other=currency),
                "payments[0].currency",
            )
        )
    spoken_for = stored.shipping_refunded_minor + stored.shipping_reserved_minor
    if order.shipping_minor < spoken_for:
        printed = Money(spoken_for, stored.currency)
        reasons.append(
            Reason(
                "refused",
                said("{amount} of the shipping went back or is asked for.", amount=printed),
                "shipping_minor",
            )
        )
    bought_by = stored.customer.external_id if stored.customer is not None else ""
    told = order.customer.external_id if order.customer is not None else bought_by
    if bought_by and told != bought_by and stored.refund_requests.exists():
        reasons.append(
            Reason("refused", said("The customer asked for money back; the order stays theirs."), "customer")
        )
    return reasons


def _against_customer(stored: Order, order: OrderFacts, reach: Collection[int] | None) -> Iterator[Reason]:
    """Keep customers of other teams out of reach: whoever names one writes her address anew, and reads her name."""
    if order.customer is None or reach is None:
        return
    bought = Order.objects.filter(customer__channel=order.channel, customer__external_id=order.customer.external_id)
    teams = set(bought.exclude(pk=stored.pk).order_by().values_list("team_id", flat=True).distinct())
    if teams and not teams & set(reach):
        sentence = said(
            "Customer {customer} of {channel} buys from another team."
            " Send the order by an account that works for both.",
            customer=order.customer.external_id,
            channel=order.channel,
        )
        yield Reason("refused", sentence, "customer.external_id")


def _against_payments(
    stored: Order, told: Sequence[PaymentFacts], known: dict[tuple[str, str], Payment]
) -> list[Reason]:
    reasons = []
    for place, facts in enumerate(told):
        payment = known.get((facts.gateway, facts.external_id))
        field = f"payments[{place}]"
        if payment is None:
            continue
        if payment.order_id != stored.pk:
            sentence = said("Payment {number} belongs to another order.", number=facts.external_id)
            reasons.append(Reason("refused", sentence, f"{field}.external_id"))
            continue
        spoken_for = payment.refunded_minor + payment.reserved_minor
        if facts.captured_minor < spoken_for:
            sentence = said(
                "{amount} of this payment went back or is asked for.", amount=Money(spoken_for, payment.currency)
            )
            reasons.append(Reason("refused", sentence, f"{field}.captured_minor"))
    return reasons


def _against_lines(told: Sequence[LineFacts], known: dict[str, OrderLine]) -> list[Reason]:
    asked_for = set(RefundLine.objects.filter(order_line__in=known.values()).values_list("order_line__line", flat=True))
    reasons = [
        Reason("refused", said("Money was asked back for line {line}; it cannot be taken away.", line=line), "lines")
        for line in known
        if line in asked_for and line not in {facts.line for facts in told}
    ]
    for place, facts in enumerate(told):
        line = known.get(facts.line)
        if line is None:
            continue
        spoken_for = line.refunded_quantity + line.reserved_quantity
        if facts.quantity < spoken_for:
            sentence = said("{count} of line {line} came back or are asked for.", count=spoken_for, line=facts.line)
            reasons.append(Reason("refused", sentence, f"lines[{place}].quantity"))
        if facts.line in asked_for and facts.unit_price_minor != line.unit_price_minor:
            sentence = said("Money was asked back for line {line}; its price stays.", line=facts.line)
            reasons.append(Reason("refused", sentence, f"lines[{place}].unit_price_minor"))
    return reasons


def _write_order(stored: Order, order: OrderFacts) -> None:
    if order.customer is not None:
        stored.customer = _write_customer(order.channel, order.customer)
    stored.currency = order.payments[0].currency if order.payments else order.currency or stored.currency
    stored.placed_at = order.placed_at
    stored.delivered_at = _arrived(stored, order)
    stored.shipping_minor = order.shipping_minor
    stored.changed_at = order.changed_at or stored.changed_at
    stored.save(update_fields=["customer", "currency", "placed_at", "delivered_at", "shipping_minor", "changed_at"])


def _arrived(stored: Order, order: OrderFacts) -> datetime | None:
    """Keep a delivery once told, lest a shop that forgets it moves the return window; and a person's word before it."""
    told = order.delivered_at
    if told is None or told == stored.delivered_at:
        return stored.delivered_at
    if not stored.delivery_proofs.filter(source=ProofSource.PERSON).exists():
        return told
    # Not lost: people see that the two disagree.
    stored.delivery_proofs.update_or_create(
        source=ProofSource.SENDER, external_id="order", defaults={"delivered_at": told, "told_at": timezone.now()}
    )
    return stored.delivered_at


def _write_customer(channel: str, facts: CustomerFacts) -> Customer:
    names = ("name", "email", "country", "language", "since")
    known = {name: value for name in names if (value := getattr(facts, name))}
    customer, created = Customer.objects.get_or_create(channel=channel, external_id=facts.external_id, defaults=known)
    if known and not created:
        # Somebody who was erased stays so, however often the shop tells of them; asked in the statement that writes.
        Customer.objects.filter(pk=customer.pk, erased_at=None).update(**known)
    return customer


def _write_lines(stored: Order, told: Sequence[LineFacts], known: dict[str, OrderLine]) -> None:
    # A name that was struck out of a title stays out, however often the shop tells of it.
    is_erased = stored.customer is not None and stored.customer.erased_at is not None
    gone = [line.pk for name, line in known.items() if name not in {facts.line for facts in told}]
    if gone:
        OrderLine.objects.filter(pk__in=gone).delete()
    OrderLine.objects.bulk_create(
        [
            OrderLine(
                order=stored,
                line=facts.line,
                sku=facts.sku,
                title=facts.title,
                category=facts.category,
                quantity=facts.quantity,
                unit_price_minor=facts.unit_price_minor,
                final_sale=facts.final_sale,
            )
            for facts in told
        ],
        update_conflicts=True,
        unique_fields=["order", "line"],
        update_fields=["sku", "category", "quantity", "unit_price_minor", "final_sale"] + ["title"] * (not is_erased),
    )


def _write_payments(stored: Order, told: Sequence[PaymentFacts], known: dict[tuple[str, str], Payment]) -> None:
    new = [facts for facts in told if (facts.gateway, facts.external_id) not in known]
    rows = [
        Payment(
            order=stored,
            gateway=facts.gateway,
            external_id=facts.external_id,
            currency=facts.currency,
            captured_minor=facts.captured_minor,
            captured_at=facts.captured_at,
            method=facts.method,
            last4=facts.last4,
            is_destination_charge=facts.is_destination_charge,
        )
        for facts in new
    ]
    try:
        with transaction.atomic():
            Payment.objects.bulk_create(rows)
    except IntegrityError as error:
        # Another order took the id between our look and our write; the constraint saw it.
        raise Refused("refused", said("One of these payments belongs to another order."), "payments") from error
    for facts in told:
        payment = known.get((facts.gateway, facts.external_id))
        told_now = (facts.captured_minor, facts.is_destination_charge)
        if payment is not None and (payment.captured_minor, payment.is_destination_charge) != told_now:
            payment.captured_minor, payment.is_destination_charge = told_now
            payment.save(update_fields=["captured_minor", "is_destination_charge"])
