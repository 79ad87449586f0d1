"""Ask shops about what they told: in a queue of its own, because shops are slow and money must not wait for them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import structlog
from django.db.models import Q
from django.utils import timezone

from refunds.connectors.applying import apply_shop_delivery
from refunds.models import Delivery
from refunds.vocabulary import DeliveryState

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

logger = structlog.get_logger(__name__)

RUN_SECONDS = 25
AT_MOST = 100
TO_DO = (DeliveryState.RECEIVED, DeliveryState.PARKED)


def ask_shops(*, at: datetime, run_seconds: float = RUN_SECONDS) -> int:
    """Take up what shops told, what was looked at least first, for a while; answers how much.

    What is read again because a person asked for it comes after all that shops really tell.

    Shops that are switched off or rest after a failure are passed by. Safe to run beside itself.
    """
    rested = Q(connection__next_read_at__isnull=True) | Q(connection__next_read_at__lte=at)
    due = Delivery.objects.filter(rested, connection__is_active=True, state__in=TO_DO)
    due = due.alias(is_resync=Q(event_type__endswith=".resync")).order_by("is_resync", "tries", "received_at")
    until, count = time.monotonic() + run_seconds, 0
    for pk in list(due.values_list("pk", flat=True)[:AT_MOST]):
        if time.monotonic() >= until:
            break
        try:
            count += take_up(delivery_id=pk)
        except Exception:
            # One broken row must not keep all others waiting.
            logger.exception("delivery.cannot_be_applied", delivery=str(pk))
    return count


def take_up(*, delivery_id: UUID) -> bool:
    """Apply one message of a shop and write down what became of it; no when somebody else was faster."""
    waiting = Delivery.objects.select_related("connection").filter(pk=delivery_id, state__in=TO_DO)
    delivery = waiting.first()
    if delivery is None or delivery.connection is None:
        return False
    applied = apply_shop_delivery(delivery, delivery.connection, at=timezone.now())
    is_over = applied.state != DeliveryState.PARKED
    # What another worker has finished meanwhile stays as it left it.
    return bool(
        Delivery.objects.filter(pk=delivery_id, state__in=TO_DO).update(
            state=applied.state,
            note=applied.note,
            tries=delivery.tries + int(applied.is_a_try),
            handled_at=timezone.now() if is_over else None,
        )
    )
