"""Bring an order of a connected shop into our books: read from the shop, never believed from a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.kernel.refusals import Refused
from refunds.orders.announcing import announce_payments
from refunds.orders.upserting import upsert_order_of_shop

from .base import OddAnswer

if TYPE_CHECKING:
    from refunds.models import Order, ShopConnection

    from .base import Shop


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
    return order
