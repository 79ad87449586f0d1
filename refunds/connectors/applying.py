"""What a shop's message leads to: the shop is asked, and what left without us is put before finance."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from approvals.vocabulary import Category
from config.kernel.money import Money
from policies.actions.observing import Sighting, observe
from refunds.elsewhere import count_elsewhere, hold_payments
from refunds.models import Operation, Order, Payment, ShopRefund
from refunds.outgoing.signing import UnreadableSecret
from refunds.vocabulary import DeliveryState, OperationState

from .base import Hint, OddAnswer, ShopUnreachable
from .health import note_failure, note_success
from .keeping import shop_behind
from .ordering import take_order

if TYPE_CHECKING:
    from datetime import datetime

    from refunds.models import Delivery, ShopConnection

    from .base import Movement, Shop, ToldRefund

logger = structlog.get_logger(__name__)

WAITS_FOR_AN_ORDER = timedelta(hours=48)
"""Orders come from the shop too, at latest with the next night's import."""

MOVED = (
    OperationState.SENDING,
    OperationState.UNKNOWN,
    OperationState.PENDING,
    OperationState.SUCCEEDED,
    OperationState.NEEDS_PERSON,
)
"""Operations whose money left, or may have."""


LONGEST_NOTE = 200


class UnknownOrder(Exception):
    """The order may still come."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a delivery, and why it waits for a person; `is_a_try` counts it."""

    state: DeliveryState
    note: str = ""
    is_a_try: bool = False


def apply_shop_delivery(delivery: Delivery, connection: ShopConnection, *, at: datetime) -> Applied:
    """Bring what we know of a shop's refunds in line with its own books. Call it outside any transaction.

    1. A message about neither a refund nor an order is about nothing we keep.
    2. Where orders are read from the shop, read the one the message is about, or whose refund it tells of.
    3. Elsewhere an order we do not know yet may still come; after two days a person looks. The shop is not asked.
    4. Ask the shop; while it cannot be asked the message waits, however long.
    5. What it says of another order, another currency or more money than was paid, nobody books: a person looks.
    6. Write down each movement, ours or ungoverned.
    """
    hint = Hint(**json.loads(bytes(delivery.raw)))
    if not hint.refund and not hint.order:
        return Applied(DeliveryState.IGNORED)
    if not connection.is_active or (connection.next_read_at is not None and connection.next_read_at > at):
        return Applied(DeliveryState.PARKED)
    try:
        shop = shop_behind(connection)
        order = _taken(hint, connection, shop)
        is_gone = order is None and connection.takes_orders and not hint.refund
        if hint.order and not is_gone:
            _order_called(hint.order, connection)
        told = [] if is_gone else shop.refunds(hint)
        note_success(connection, at=at)
        for one in told:
            _note(one, hint, connection, at)
    except UnknownOrder:
        return _waits_for_its_order(delivery, at)
    except (ShopUnreachable, UnreadableSecret) as silence:
        note_failure(connection, why=str(silence), at=at)
        return Applied(DeliveryState.PARKED)
    except OddAnswer as odd:
        logger.warning("shop.odd_answer", delivery=str(delivery.pk), why=str(odd))
        return Applied(DeliveryState.NEEDS_PERSON, str(odd)[:LONGEST_NOTE])
    done = DeliveryState.APPLIED if told or order else DeliveryState.IGNORED
    is_settled = all(one.is_settled for one in told)
    return Applied(done if is_settled else DeliveryState.PARKED, is_a_try=not is_settled)


def _taken(hint: Hint, connection: ShopConnection, shop: Shop) -> Order | None:
    """Bring the order in that a message is about, where the shop is where orders come from.

    :raises ShopUnreachable:
    :raises OddAnswer:
    """
    if not hint.order or not connection.takes_orders:
        return None
    if hint.refund and Order.objects.filter(channel=connection.channel, external_id=hint.order).exists():
        return None
    return take_order(external_id=hint.order, connection=connection, shop=shop)


def _order_called(external_id: str, connection: ShopConnection) -> Order:
    """Find an order of this shop alone: the same id in another channel is another order.

    :raises UnknownOrder:
    """
    of_shop = Order.objects.filter(channel=connection.channel, team=connection.team_id)
    order = of_shop.select_related("team", "customer").filter(external_id=external_id).first()
    if order is None:
        raise UnknownOrder(external_id)
    return order


def _waits_for_its_order(delivery: Delivery, at: datetime) -> Applied:
    if at - delivery.received_at < WAITS_FOR_AN_ORDER:
        return Applied(DeliveryState.PARKED, is_a_try=True)
    return Applied(DeliveryState.NEEDS_PERSON, "The order is not known here. Import it, then take this up again.")


def _note(told: ToldRefund, hint: Hint, connection: ShopConnection, at: datetime) -> None:
    """Write down what was given back, if it can be true.

    :raises OddAnswer: naming what cannot
    :raises UnknownOrder:
    """
    if hint.order and told.order != hint.order:
        raise OddAnswer("The shop speaks of another order than its message did.")
    order = _order_called(told.order, connection)
    _check(told, order)
    for movement in told.movements:
        note_movement(connection=connection, order=order, movement=movement, words=told.words, at=at)


def _check(told: ToldRefund, order: Order) -> None:
    """Hold what a shop says beside what we know of its order.

    :raises OddAnswer: naming what does not fit
    """
    if any(one.amount.currency != order.currency for one in told.movements):
        raise OddAnswer(f"The shop names another currency than the order's, which is {order.currency}.")
    captured = Payment.objects.filter(order=order).aggregate(all=Sum("captured_minor"))["all"] or 0
    given_back = sum(one.amount.minor for one in told.movements)
    if given_back > captured:
        raise OddAnswer(f"The shop gave back more than the {Money(captured, order.currency)} we know to be paid.")


@transaction.atomic
def note_movement(
    *, connection: ShopConnection, order: Order, movement: Movement, words: str, at: datetime
) -> ShopRefund:
    """Write a movement down once: beside our operation if it names one, else as money that left without us."""
    payments = hold_payments(order.pk)
    # Whoever else reads the same refund in this instant waits here, and then finds the row.
    Order.objects.select_for_update(no_key=True).get(pk=order.pk)
    known = ShopRefund.objects.filter(connection=connection, external_id=movement.external_id).first()
    if known is not None:
        return known
    operation = _ours(order, movement, words)
    action = None
    if operation is None:
        sighting = Sighting(
            team=order.team,
            category=Category.REFUND,
            gateway=str(connection.kind),
            external_id=f"{connection.channel}/{movement.external_id}",
            amount=movement.amount,
            left_at=movement.left_at,
            about=order.external_id,
            customer="" if order.customer is None else order.customer.external_id,
        )
        action = observe(sighting=sighting, at=at)
    noted = ShopRefund.objects.create(
        connection=connection,
        external_id=movement.external_id,
        order=order,
        amount_minor=movement.amount.minor,
        currency=movement.amount.currency,
        left_at=movement.left_at,
        operation=operation,
        action=action,
        read_at=timezone.now(),
    )
    count_elsewhere(payments)
    return noted


def _ours(order: Order, movement: Movement, words: str) -> Operation | None:
    """Find the operation a movement names and agrees with, unless another movement stands for it already."""
    candidates = Operation.objects.filter(
        refund_request__order=order,
        amount_minor=movement.amount.minor,
        currency=movement.amount.currency,
        state__in=MOVED,
        shop_refund__isnull=True,
    ).select_related("refund_request")
    for operation in candidates.order_by("created_at", "pk"):
        names = [str(operation.pk), operation.refund_request.reference, operation.external_id or ""]
        if any(name and re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", words) for name in names):
            return operation
    return None
