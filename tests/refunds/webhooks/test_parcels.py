"""Parcels as shops tell of them: read with the order, and what cannot be waits for a person."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from refunds.models import Customer, DeliveryProof, Order
from refunds.vocabulary import DeliveryState
from refunds.webhooks.polling import poll_shops
from tests.refunds.outgoing.receivers import resets

from .orders_of_shops import READ_ORDER, REFUNDS, TRANSACTIONS, captured, magento_order, shopify_order
from .shop import ORDER, Shelf, connected, only, send, shared, shop_server, work

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.harness.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.servers]

BASE = f"/admin/api/2026-07/orders/{ORDER}"


def fulfilment(**changes: Any) -> dict[str, Any]:
    """Send a parcel that arrived."""
    return {
        "id": 255858046,
        "order_id": int(ORDER),
        "status": "success",
        "shipment_status": "delivered",
        "tracking_company": "USPS",
        "tracking_number": "1Z1234512345123456",
        "created_at": "2026-11-11T10:00:00Z",
        "updated_at": "2026-11-19T10:00:00Z",
        **changes,
    }


@pytest.fixture
def shelf() -> Shelf:
    """Have a shop whose order arrived on 14 November."""
    shelf = Shelf()
    happened = {"fulfillment_events": [{"status": "delivered", "happened_at": "2026-11-14T16:00:00Z"}]}
    shelf.pages = {
        READ_ORDER: {"order": shopify_order()},
        TRANSACTIONS: {"transactions": [captured()]},
        REFUNDS: {"refunds": []},
        f"{BASE}/fulfillments.json": {"fulfillments": [fulfilment()]},
        f"{BASE}/fulfillments/255858046/events.json": happened,
    }
    return shelf


@pytest.fixture
def address(world: World, shelf: Shelf) -> Iterator[str]:
    """Connect it."""
    with shop_server(shelf) as (api_base, _):
        yield connected(world, api_base=api_base, takes_orders=True)[1]


def tell(address: str, event: str = "evt-1") -> None:
    """Let the shop say that the order changed."""
    assert send(address, {"id": int(ORDER), "line_items": [], "refunds": [], "event": event}, event=event) == 200
    work()


class TestAShopifyParcel:
    def test_says_when_the_order_arrived(self, world: World, address: str) -> None:
        tell(address)

        assert only().state == DeliveryState.APPLIED
        proof = DeliveryProof.objects.get()
        assert (proof.carrier, proof.tracking, proof.source) == ("USPS", "1Z1234512345123456", "carrier")
        assert Order.objects.get().delivered_at == datetime(2026, 11, 14, 16, tzinfo=UTC)

    def test_without_an_event_arrived_at_its_last_change(self, world: World, address: str, shelf: Shelf) -> None:
        del shelf.pages[f"{BASE}/fulfillments/255858046/events.json"]

        tell(address)

        assert Order.objects.get().delivered_at == datetime(2026, 11, 19, 10, tzinfo=UTC)

    @pytest.mark.parametrize("changes", [{"shipment_status": None}, {"shipment_status": "in_transit"}])
    def test_under_way_has_not_arrived(self, world: World, address: str, shelf: Shelf, changes: Any) -> None:
        shelf.pages[f"{BASE}/fulfillments.json"] = {"fulfillments": [fulfilment(**changes)]}

        tell(address)

        assert Order.objects.get().delivered_at is None
        assert DeliveryProof.objects.get().delivered_at is None

    @pytest.mark.parametrize("status", ["failure", "cancelled", "error", "pending"])
    def test_that_never_left_is_none(self, world: World, address: str, shelf: Shelf, status: str) -> None:
        shelf.pages[f"{BASE}/fulfillments.json"] = {"fulfillments": [fulfilment(status=status)]}

        tell(address)

        assert only().state == DeliveryState.APPLIED
        assert not DeliveryProof.objects.exists()

    def test_of_somebody_who_was_erased_has_no_number(self, world: World, address: str) -> None:
        tell(address)
        Customer.objects.update(erased_at=timezone.now())

        tell(address, "evt-2")

        assert DeliveryProof.objects.get().tracking == ""

    @pytest.mark.parametrize(
        "page",
        [
            b"<html>",
            [],
            {"fulfillments": 3},
            {"fulfillments": ["parcel"]},
            {"fulfillments": [fulfilment(id=None)]},
            {"fulfillments": [fulfilment(created_at="soon")]},
        ],
    )
    def test_that_is_nonsense_waits_for_a_person(self, world: World, address: str, shelf: Shelf, page: Any) -> None:
        shelf.pages[f"{BASE}/fulfillments.json"] = page

        tell(address)

        assert only().state == DeliveryState.NEEDS_PERSON
        assert not DeliveryProof.objects.exists()

    @pytest.mark.parametrize("happened", ["2026-10-01T10:00:00Z", "2036-10-01T10:00:00Z"])
    def test_that_arrived_at_no_time_it_can_have_waits_for_a_person(
        self, world: World, address: str, shelf: Shelf, happened: str
    ) -> None:
        shelf.pages[f"{BASE}/fulfillments/255858046/events.json"] = {
            "fulfillment_events": [{"status": "delivered", "happened_at": happened}]
        }

        tell(address)

        assert only().state == DeliveryState.NEEDS_PERSON
        assert Order.objects.get().delivered_at is None

    def test_of_a_shop_that_hangs_up_is_read_later(self, world: World, address: str, shelf: Shelf) -> None:
        shelf.pages[f"{BASE}/fulfillments.json"] = resets

        tell(address)

        assert only().state == DeliveryState.PARKED
        assert not DeliveryProof.objects.exists()

    def test_of_the_sample_never_left(self, world: World, address: str, shelf: Shelf) -> None:
        sample = shared("shopify/admin_2026-07.order.07.order.json")["order"]
        shelf.pages[f"{BASE}/fulfillments.json"] = {"fulfillments": sample["fulfillments"]}

        tell(address)

        assert only().state == DeliveryState.APPLIED
        assert not DeliveryProof.objects.exists()


class TestAMagentoShipment:
    def test_says_that_it_went_out_and_no_more(self, world: World) -> None:
        shelf = Shelf()
        shipment = {
            "entity_id": 2, "order_id": 5, "created_at": "2026-11-11 10:00:00",
            "tracks": [{"track_number": "JD1", "title": "DHL", "carrier_code": "dhl"}],
        }  # fmt: skip
        shelf.pages = {
            "/rest/V1/orders/5": magento_order(),
            "/rest/V1/orders?": {"items": [{"entity_id": 5, "updated_at": f"{timezone.now():%Y-%m-%d %H:%M:%S}"}]},
            "/rest/V1/creditmemos?": {"items": []},
            "/rest/V1/shipments?": {"items": [shipment]},
        }
        with shop_server(shelf) as (api_base, _):
            connected(world, kind="magento", api_base=api_base, domain="lamps.example", takes_orders=True)
            poll_shops(at=timezone.now())
            work()

        proof = DeliveryProof.objects.get()
        assert (proof.carrier, proof.tracking, proof.delivered_at) == ("DHL", "JD1", None)
        assert Order.objects.get().delivered_at is None
