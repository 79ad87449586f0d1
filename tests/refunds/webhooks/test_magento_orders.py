"""Orders of a Magento shop: found by asking, read one by one, and what cannot be true waits for a person."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from refunds.models import Customer, Order, OrderLine, Payment, ShopConnection
from refunds.vocabulary import DeliveryState
from refunds.webhooks.polling import poll_shops

from .orders_of_shops import magento_order
from .shop import Shelf, connected, only, shop_server, work

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.harness.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.servers]

READ_ORDER = "/rest/V1/orders/5"
LIST = "/rest/V1/orders?"


@pytest.fixture
def shelf() -> Shelf:
    """Have a shop that sold one order."""
    shelf = Shelf()
    changed = timezone.now() - timedelta(minutes=5)
    listed = [{"entity_id": 5, "updated_at": f"{changed:%Y-%m-%d %H:%M:%S}"}]
    shelf.pages = {
        READ_ORDER: magento_order(),
        LIST: {"items": listed, "total_count": 1},
        "/rest/V1/creditmemos?": {"items": [], "total_count": 0},
    }
    return shelf


@pytest.fixture
def connection(world: World, shelf: Shelf) -> Iterator[ShopConnection]:
    """Connect it, as the place its orders come from."""
    with shop_server(shelf) as (api_base, _):
        yield connected(world, kind="magento", api_base=api_base, domain="lamps.example", takes_orders=True)[0]


def look(shelf: Shelf, order: Any = None) -> None:
    """Ask the shop, and work."""
    if order is not None:
        shelf.pages[READ_ORDER] = order
    poll_shops(at=timezone.now())
    work()


class TestAnOrder:
    def test_is_found_by_asking_and_kept_in_minor_units(
        self, world: World, connection: ShopConnection, shelf: Shelf
    ) -> None:
        look(shelf)

        assert only().state == DeliveryState.APPLIED
        order = Order.objects.get()
        assert (order.external_id, order.currency, order.shipping_minor) == ("5", "GBP", 4_80)
        line = order.lines.get()
        assert (line.line, line.sku, line.quantity, line.unit_price_minor) == ("3", "LAMP-RED", 2, 22_20)
        payment = order.payments.get()
        assert (payment.gateway, payment.external_id, payment.captured_minor) == ("stripe", "pi_3Nabcdefgh", 49_20)
        assert Customer.objects.get().name == "Carla Crane"

    def test_is_asked_for_once(self, world: World, connection: ShopConnection, shelf: Shelf) -> None:
        assert [poll_shops(at=timezone.now()) for _ in range(2)] == [1, 0]

    @pytest.mark.parametrize(
        "payment", [None, {}, {"method": "checkmo", "amount_paid": None}, {"method": "x", "amount_paid": 0}]
    )
    def test_that_nobody_paid_has_no_payment(
        self, world: World, connection: ShopConnection, shelf: Shelf, payment: Any
    ) -> None:
        look(shelf, magento_order(payment=payment))

        assert Order.objects.get().currency == "GBP"
        assert not Payment.objects.exists()

    def test_paid_elsewhere_goes_back_by_transfer(self, world: World, connection: ShopConnection, shelf: Shelf) -> None:
        look(shelf, magento_order(payment={"method": "banktransfer", "amount_paid": 49.2, "last_trans_id": None}))

        payment = Payment.objects.get()
        assert (payment.gateway, payment.external_id, payment.method) == ("bank_transfer", "shop-uk/5", "banktransfer")

    def test_is_read_without_a_float(self, world: World, connection: ShopConnection, shelf: Shelf) -> None:
        raw = json.dumps(magento_order(item={"tax_amount": "@"})).replace('"@"', "7.4000000000000004")

        look(shelf, raw.encode())

        assert OrderLine.objects.get().unit_price_minor == 22_20

    @pytest.mark.parametrize(
        "lie",
        [
            {"entity_id": 6},
            {"order_currency_code": "XQX"},
            {"updated_at": None},
            {"items": []},
            {"items": 3},
            {"item": {"qty_ordered": 1.5}},
            {"item": {"qty_ordered": -1}},
            {"item": {"qty_ordered": "2"}},
            {"item": {"row_total": -40}},
            {"item": {"discount_amount": 400}},
            {"shipping_amount": -4},
            {"payment": {"method": "x", "amount_paid": -1}},
            {"payment": {"method": "x", "amount_paid": 49.205}},
        ],
    )
    def test_that_cannot_be_true_waits_for_a_person(
        self, world: World, connection: ShopConnection, shelf: Shelf, lie: Any
    ) -> None:
        look(shelf, magento_order(**lie))

        assert only().state == DeliveryState.NEEDS_PERSON
        assert only().note
        assert not Order.objects.exists()
