"""Ask the shops that tell nothing what changed since we last asked."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from django.db.models import Q

from refunds.connectors.base import Hint, OddAnswer, ShopUnreachable
from refunds.connectors.health import note_failure, note_success
from refunds.connectors.keeping import shop_behind
from refunds.gateways.base import Envelope
from refunds.models import ShopConnection
from refunds.outgoing.signing import UnreadableSecret
from refunds.vocabulary import ShopKind

from .inbox import store_delivery
from .shops import kept_of

if TYPE_CHECKING:
    from datetime import datetime

logger = structlog.get_logger(__name__)

LOOKS_BACK = timedelta(hours=1)
"""A shop's clock and its transactions lag; what was seen before is known by its id and its moment."""


def poll_shops(*, at: datetime) -> int:
    """Write down what changed in each shop as if it had told us; answers how much of it was new.

    Magento is asked for its credit memos, which Shopify lists by order only; both for the orders we take from them: a
    webhook may be lost, or too long. Shops rest after a failure, and one that answers nonsense keeps no other waiting.
    """
    rested = Q(next_read_at__isnull=True) | Q(next_read_at__lte=at)
    count = 0
    asked = Q(kind=ShopKind.MAGENTO) | Q(takes_orders=True)
    for connection in ShopConnection.objects.filter(rested, asked, is_active=True).order_by("pk"):
        try:
            if connection.takes_orders:
                count += _poll_orders(connection, at)
            if connection.kind == ShopKind.MAGENTO:
                count += _poll(connection, at)
        except (ShopUnreachable, UnreadableSecret, OddAnswer) as no:
            note_failure(connection, why=str(no), at=at)
    return count


def _poll(connection: ShopConnection, at: datetime) -> int:
    since = (connection.polled_until or connection.created_at) - LOOKS_BACK
    count, newest = 0, connection.polled_until
    for refund, order, changed_at in shop_behind(connection).changed_since(since):
        count += hear(connection, Hint(order=order, refund=refund), "poll", changed_at, at=at)
        # A shop whose clock is ahead must not make us pass by what it tells later.
        newest = min(max(changed_at, newest or changed_at), at)
    if newest is not None:
        note_success(connection, at=at)
        ShopConnection.objects.filter(pk=connection.pk).update(polled_until=newest)
    return count


def _poll_orders(connection: ShopConnection, at: datetime) -> int:
    newest = connection.orders_read_until or connection.created_at
    count = 0
    for order, changed_at in shop_behind(connection).orders_changed_since(newest - LOOKS_BACK):
        count += hear(connection, Hint(order=order), "poll-order", changed_at, at=at)
        newest = min(max(changed_at, newest), at)
    note_success(connection, at=at)
    ShopConnection.objects.filter(pk=connection.pk).update(orders_read_until=newest)
    return count


def hear(connection: ShopConnection, hint: Hint, word: str, changed_at: datetime, *, at: datetime) -> bool:
    """Write down once, by its id and moment, that something changed in a shop; answers whether it is new."""
    about = "refund" if hint.refund else "order"
    object_id = hint.refund or hint.order
    return store_delivery(
        source=str(connection.kind),
        envelope=Envelope(
            event_id=f"{connection.pk.hex}:{word}:{object_id}:{int(changed_at.timestamp())}",
            event_type=f"{connection.kind}.{about}",
            object_id=object_id,
            created_at=changed_at,
            livemode=True,
            payload={},
        ),
        raw=kept_of(hint),
        connection_id=connection.pk,
        at=at,
    )
