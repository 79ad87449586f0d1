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
    """Write down what changed in each Magento shop as if it had told us; answers how much of it was new.

    Shopify lists refunds by order only. Shops rest after a failure, and one that answers nonsense keeps none of the
    others waiting.
    """
    rested = Q(next_read_at__isnull=True) | Q(next_read_at__lte=at)
    count = 0
    for connection in ShopConnection.objects.filter(rested, kind=ShopKind.MAGENTO, is_active=True).order_by("pk"):
        try:
            count += _poll(connection, at)
        except (ShopUnreachable, UnreadableSecret, OddAnswer) as no:
            note_failure(connection, why=str(no), at=at)
    return count


def _poll(connection: ShopConnection, at: datetime) -> int:
    since = (connection.polled_until or connection.created_at) - LOOKS_BACK
    count, newest = 0, connection.polled_until
    for refund, order, changed_at in shop_behind(connection).changed_since(since):
        count += store_delivery(
            source=str(connection.kind),
            envelope=Envelope(
                event_id=f"{connection.pk.hex}:poll:{refund}:{int(changed_at.timestamp())}",
                event_type=f"{connection.kind}.refund",
                object_id=refund,
                created_at=changed_at,
                livemode=True,
                payload={},
            ),
            raw=kept_of(Hint(order=order, refund=refund)),
            connection_id=connection.pk,
            at=at,
        )
        # A shop whose clock is ahead must not make us pass by what it tells later.
        newest = min(max(changed_at, newest or changed_at), at)
    if newest is not None:
        note_success(connection, at=at)
        ShopConnection.objects.filter(pk=connection.pk).update(polled_until=newest)
    return count
