"""Bring an order of a connected shop into our books: read from the shop, never believed from a message."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from config.kernel.refusals import Refused
from refunds.carriers.noting import note_parcels
from refunds.orders.announcing import announce_payments
from refunds.orders.upserting import upsert_order_of_shop

from .base import OddAnswer

if TYPE_CHECKING:
    from refunds.carriers.base import Parcel
    from refunds.models import Order, ShopConnection

    from .base import Shop

CLOCKS_DIFFER = timedelta(days=1)


def take_order(*, external_id: str, connection: ShopConnection, shop: Shop) -> Order | None:
    """Read an order and write it down as one that was sent; None when the shop does not know it.

    :raises ShopUnreachable:
    :raises OddAnswer: naming what cannot be true, or what refunds that rest on the order forbid
    """
    told = shop.order(external_id, connection)
    if told is None:
        return None
    if told.external_id != external_id:
        raise OddAnswer("The shop speaks of another order than the one we asked for.")
    try:
        order, _ = upsert_order_of_shop(order=told, team=connection.team)
    except Refused as no:
        raise OddAnswer(" ".join(dict.fromkeys(reason.detail for reason in no.reasons))) from no
    announce_payments(order.payments.select_related("order"))
    parcels = shop.parcels(external_id)
    if parcels:
        for parcel in parcels:
            _check_arrival(parcel, order)
        note_parcels(order_id=order.pk, parcels=parcels)
    return order


def _check_arrival(parcel: Parcel, order: Order) -> None:
    """Hold what a carrier says beside the calendar.

    :raises OddAnswer:
    """
    arrived = parcel.delivered_at
    if arrived is not None and not order.placed_at - CLOCKS_DIFFER < arrived < timezone.now() + CLOCKS_DIFFER:
        raise OddAnswer("The order is written down; a parcel of it arrived before it was placed, or in the future.")
