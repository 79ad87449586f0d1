"""Orders: what shops send, and what of it may still go back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Prefetch
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from config.kernel.rest import ApiView
from refunds.models import OrderLine, Payment
from refunds.orders.announcing import announce_payments
from refunds.orders.upserting import upsert_order
from refunds.permissions import orders_visible_to

from .order_shapes import OrderAnswer, OrderBody, order_facts

if TYPE_CHECKING:
    from rest_framework.request import Request

    from config.kernel.people import User
    from refunds.models import Order

CREATED = 201
OK = 200


class Orders(ApiView):
    """Take orders in."""

    asks = {"POST": "refunds.add_order"}

    @extend_schema(
        operation_id="upsert_order",
        summary="Send an order, new or grown",
        tags=["Orders"],
        request=OrderBody,
        responses={CREATED: OrderAnswer, OK: OrderAnswer},
    )
    def post(self, request: Request) -> Response:  # noqa: ARG002
        """Write the order down by channel and id. 201 when it is new, 200 when it was known."""
        facts = order_facts(self.read(OrderBody))
        order, is_new = upsert_order(order=facts, actor=self.caller, at=timezone.now())
        announce_payments(order.payments.select_related("order"))
        return Response(
            OrderAnswer(_shown(self.caller, order.channel, order.external_id)).data, CREATED if is_new else OK
        )


class OneOrder(ApiView):
    """Read one order."""

    asks = {"GET": "refunds.view_order"}

    @extend_schema(
        operation_id="read_order",
        summary="Read an order with its refundable balance",
        tags=["Orders"],
        responses=OrderAnswer,
    )
    def get(self, request: Request, channel: str, external_id: str) -> Response:  # noqa: ARG002
        """Answer the order with what was refunded, is reserved and may still be refunded."""
        return Response(OrderAnswer(_shown(self.caller, channel, external_id)).data)


def _shown(viewer: User, channel: str, external_id: str) -> Order:
    found = (
        orders_visible_to(viewer)
        .filter(channel=channel, external_id=external_id)
        .select_related("team", "customer")
        .prefetch_related(
            Prefetch("lines", OrderLine.objects.order_by("pk")), Prefetch("payments", Payment.objects.order_by("pk"))
        )
        .first()
    )
    if found is None:
        raise Http404
    return found
