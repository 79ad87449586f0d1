"""Orders of a Shopify shop: a message is a hint, the shop is asked, and what cannot be true waits for a person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from refunds import workflow
from refunds.models import Customer, Delivery, Order, OrderLine, Payment, ShopConnection
from refunds.vocabulary import DeliveryState
from refunds.webhooks.polling import poll_shops
from tests.harness.people import settle
from tests.harness.tables import fingerprints
from tests.refunds.outgoing.receivers import answer, hangs

from .orders_of_shops import LIST, READ_ORDER, REFUNDS, TRANSACTIONS, captured, shopify_order
from .shop import BODY, ORDER, READ, Shelf, connected, only, send, shop_server, work

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

    from tests.harness.world import World
    from tests.refunds.outgoing.receivers import Receiver

pytestmark = [pytest.mark.django_db, pytest.mark.servers]


@pytest.fixture
def shelf() -> Shelf:
    """Have a shop that sold one order."""
    shelf = Shelf()
    shelf.pages[READ_ORDER] = {"order": shopify_order()}
    shelf.pages[TRANSACTIONS] = {"transactions": [captured()]}
    shelf.pages[REFUNDS] = {"refunds": []}
    return shelf


@pytest.fixture
def address(world: World, shelf: Shelf) -> Iterator[str]:
    """Connect it, as the place its orders come from."""
    with shop_server(shelf) as (api_base, _):
        yield connected(world, api_base=api_base, takes_orders=True)[1]


def tell(address: str, shelf: Shelf, *, event: str = "evt-1", order: Any = None, paid: Any = None) -> None:
    """Let the shop have an order, say so, and let the worker look."""
    if order is not None:
        shelf.pages[READ_ORDER] = {"order": order}
    if paid is not None:
        shelf.pages[TRANSACTIONS] = {"transactions": paid}
    told = {"id": int(ORDER), "line_items": [], "refunds": [], "event": event}
    assert send(address, told, event=event) == 200
    work()


class TestAnOrder:
    def test_is_read_from_the_shop_and_kept_in_minor_units(self, world: World, address: str, shelf: Shelf) -> None:
        tell(address, shelf)

        assert only().state == DeliveryState.APPLIED
        order = Order.objects.get()
        assert (order.channel, order.external_id, order.team, order.currency) == (
            "shop-uk", ORDER, world.team(), "GBP",
        )  # fmt: skip
        assert order.placed_at == datetime(2026, 11, 10, 9, tzinfo=UTC)
        assert order.shipping_minor == 4_80
        line = order.lines.get()
        # 40.00 - 3.00 + 7.40, by two.
        assert (line.line, line.sku, line.title, line.quantity, line.unit_price_minor) == (
            "466157049", "LAMP", "Lamp, red", 2, 22_20,
        )  # fmt: skip
        payment = order.payments.get()
        assert (payment.gateway, payment.external_id, payment.captured_minor, payment.currency, payment.last4) == (
            "stripe", "pi_3Nabcdefgh", 49_20, "GBP", "4242",
        )  # fmt: skip
        customer = Customer.objects.get()
        assert (customer.external_id, customer.name, customer.email, customer.country) == (
            "207119551", "Carla Crane", "carla@example.com", "GB",
        )  # fmt: skip

    def test_told_again_changes_nothing(self, world: World, address: str, shelf: Shelf) -> None:
        tell(address, shelf)
        before = fingerprints()

        tell(address, shelf, event="evt-2")

        changed = {name for name, told in fingerprints().items() if told != before[name]}
        assert changed <= {"refunds_delivery", "refunds_shopconnection", "kernel_outboxrow"}

    def test_is_what_the_shop_says_now_and_not_what_the_message_said(
        self, world: World, address: str, shelf: Shelf
    ) -> None:
        boastful = shopify_order(line={"price": "9000.00"}, customer={"id": 1, "email": "eve@example.com"})

        assert send(address, boastful) == 200
        work()

        assert OrderLine.objects.get().unit_price_minor == 22_20
        assert not Customer.objects.filter(email="eve@example.com").exists()

    def test_is_left_alone_where_another_system_sends_them(self, world: World, address: str, shelf: Shelf) -> None:
        ShopConnection.objects.update(takes_orders=False)

        tell(address, shelf)

        assert only().state == DeliveryState.PARKED
        assert not Order.objects.exists()

    def test_older_than_what_we_know_overwrites_nothing(self, world: World, address: str, shelf: Shelf) -> None:
        tell(address, shelf, order=shopify_order(updated_at="2026-11-12T10:00:00Z"))

        tell(address, shelf, event="late", order=shopify_order(line={"quantity": 1}))

        assert OrderLine.objects.get().quantity == 2
        tell(address, shelf, event="new", order=shopify_order(updated_at="2026-11-13T10:00:00Z", line={"name": "Lamp"}))
        assert OrderLine.objects.get().title == "Lamp"

    def test_whose_refund_is_told_first_is_read_with_it(self, world: World, address: str, shelf: Shelf) -> None:
        shelf.pages[f"{READ}/{BODY['id']}.json"] = {"refund": BODY}

        assert send(address, BODY) == 200
        work()

        assert only().state == DeliveryState.APPLIED
        payment = Payment.objects.get()
        assert (payment.captured_minor, payment.elsewhere_minor) == (49_20, 41_94)

    def test_that_the_shop_does_not_know_is_put_aside(self, world: World, address: str, shelf: Shelf) -> None:
        shelf.pages.clear()

        tell(address, shelf)

        assert only().state == DeliveryState.IGNORED
        assert not Order.objects.exists()


class TestTheMoney:
    @pytest.mark.parametrize(
        ("paid", "kept"),
        [
            ([captured(kind="authorization")], []),
            ([captured(status="failure")], []),
            ([captured(status="pending")], []),
            ([captured(kind="refund")], []),
            ([captured(amount="0.00")], []),
            ([captured(kind="sale")], [("stripe", "pi_3Nabcdefgh", 49_20)]),
            (
                [captured(amount="40.00"), captured(id=5, amount="9.20")],
                [("stripe", "pi_3Nabcdefgh", 49_20)],
            ),
            ([captured(gateway="shopify_payments")], [("bank_transfer", "shop-uk/801038806", 49_20)]),
            ([captured(gateway="paypal", authorization="8AB")], [("bank_transfer", "shop-uk/801038806", 49_20)]),
            ([captured(authorization=None)], [("bank_transfer", "shop-uk/801038806", 49_20)]),
            ([captured(authorization=None, receipt={"id": "ch_3Nabcdefgh"})], [("stripe", "ch_3Nabcdefgh", 49_20)]),
        ],
    )
    def test_is_only_what_the_shop_proves(
        self, world: World, address: str, shelf: Shelf, paid: Any, kept: list[tuple[str, str, int]]
    ) -> None:
        tell(address, shelf, paid=paid)

        assert list(Payment.objects.values_list("gateway", "external_id", "captured_minor")) == kept
        assert Order.objects.get().currency == "GBP"

    def test_of_a_test_payment_counts_in_a_demo_alone(
        self, world: World, address: str, shelf: Shelf, settings: Any
    ) -> None:
        settings.DEMO = False
        tell(address, shelf, paid=[captured(test=True)])
        assert not Payment.objects.exists()

        settings.DEMO = True
        tell(address, shelf, event="again")
        assert Payment.objects.get().captured_minor == 49_20

    def test_is_in_the_currency_the_customer_paid(self, world: World, address: str, shelf: Shelf) -> None:
        yen = {"presentment_money": {"amount": "3000", "currency_code": "JPY"}}
        order = shopify_order(
            presentment_currency="JPY",
            shipping_lines=[],
            line={"price_set": yen, "discount_allocations": [], "tax_lines": []},
        )

        tell(address, shelf, order=order, paid=[captured(amount="6000", currency="JPY")])

        assert (Order.objects.get().currency, OrderLine.objects.get().unit_price_minor) == ("JPY", 3000)
        assert Payment.objects.get().captured_minor == 6000

    def test_is_never_lowered_below_what_a_request_rests_on(self, world: World, address: str, shelf: Shelf) -> None:
        tell(address, shelf)
        draft = world.draft_of(Order.objects.get(), quantity=2, line="466157049")
        workflow.file_request(draft=draft, actor=settle("amir"), at=timezone.now())

        tell(address, shelf, event="less", paid=[captured(amount="10.00")])

        assert Payment.objects.get().captured_minor == 49_20
        odd = Delivery.objects.get(state=DeliveryState.NEEDS_PERSON)
        assert "went back or is asked for" in odd.note


ODD: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "another order": ({"id": 7}, {}),
    "a currency there is not": ({"currency": "XQX"}, {}),
    "no currency": ({"currency": None}, {}),
    "no moment": ({"updated_at": "soon"}, {}),
    "a moment before the calendar": ({"updated_at": "0001-01-01T00:00:00+14:00"}, {}),
    "no lines": ({"line_items": []}, {}),
    "lines that are words": ({"line_items": ["lamp"]}, {}),
    "a price below nothing": ({"line": {"price": "-20.00"}}, {}),
    "an endless price": ({"line": {"price": "1e99999"}}, {}),
    "a fraction of a penny": ({"line": {"price": "20.005"}}, {}),
    "a quantity below nothing": ({"line": {"quantity": -2}}, {}),
    "a quantity in words": ({"line": {"quantity": "two"}}, {}),
    "an endless quantity": ({"line": {"quantity": 10**15}}, {}),
    "more off than it cost": ({"line": {"discount_allocations": [{"amount": "99.00"}]}}, {}),
    "a line without an id": ({"line": {"id": None}}, {}),
    "a price in another currency": (
        {"line": {"price_set": {"presentment_money": {"amount": "20.00", "currency_code": "USD"}}}}, {},
    ),
    "a payment in another currency": ({}, {"currency": "USD"}),
    "a payment below nothing": ({}, {"amount": "-49.20"}),
    "a payment of another order": ({}, {"order_id": 7}),
    "a payment without an id": ({}, {"id": None}),
    "a payment without a kind": ({}, {"kind": None, "status": {}, "amount": []}),
}  # fmt: skip


class TestAShopThatLies:
    @pytest.mark.parametrize("lie", [one for one in ODD if one != "a payment without a kind"])
    def test_is_looked_at_by_a_person(self, world: World, address: str, shelf: Shelf, lie: str) -> None:
        order, paid = ODD[lie]

        tell(address, shelf, order=shopify_order(**order), paid=[captured(**paid)])

        assert only().state == DeliveryState.NEEDS_PERSON
        assert only().note
        assert not Order.objects.exists()
        assert not Payment.objects.exists()

    @pytest.mark.parametrize("page", [b"", b"<html>", b"[]", b'{"order": null}', b'{"order": []}', b"x" * 3_000_000])
    @pytest.mark.parametrize("where", [READ_ORDER, TRANSACTIONS])
    def test_in_its_very_shape_too(self, world: World, address: str, shelf: Shelf, page: bytes, where: str) -> None:
        shelf.pages[where] = page

        tell(address, shelf)

        assert only().state == DeliveryState.NEEDS_PERSON
        assert not Order.objects.exists()

    def test_about_a_charge_of_another_order_moves_nothing(self, world: World, address: str, shelf: Shelf) -> None:
        other = world.order()
        Payment.objects.update(external_id="pi_3Nabcdefgh")

        tell(address, shelf)

        assert (only().state, only().note) == (
            DeliveryState.NEEDS_PERSON, "Payment pi_3Nabcdefgh belongs to another order.",
        )  # fmt: skip
        assert list(Order.objects.all()) == [other]


class TestAShopWithoutTimeForUs:
    def test_is_asked_again_when_it_says(
        self, world: World, address: str, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        waited: list[float] = []
        monkeypatch.setattr("refunds.connectors.reading.time.sleep", waited.append)

        def busy(client: socket.socket, receiver: Receiver) -> None:
            shelf.pages[READ_ORDER] = {"order": shopify_order()}
            client.sendall(answer("429 Too Many Requests", b"{}", "Retry-After: 2.0"))

        shelf.pages[READ_ORDER] = busy
        tell(address, shelf)

        assert only().state == DeliveryState.APPLIED
        assert waited == [2.0]

    @pytest.mark.parametrize("told", ["3600", "soon", "-1", "1e9", ""])
    def test_for_long_is_left_for_later(self, world: World, address: str, shelf: Shelf, told: str) -> None:
        def busy(client: socket.socket, _receiver: Receiver) -> None:
            client.sendall(answer("429 Too Many Requests", b"{}", f"Retry-After: {told}"))

        shelf.pages[READ_ORDER] = busy
        tell(address, shelf)

        assert only().state == DeliveryState.PARKED
        assert ShopConnection.objects.get().failures_in_a_row == 1


class TestAListOfOrders:
    def test_finds_what_no_message_told_page_by_page(self, world: World, shelf: Shelf) -> None:
        changed = (timezone.now() - timedelta(minutes=2)).isoformat()

        def listed(client: socket.socket, receiver: Receiver) -> None:
            asked = parse_qs(urlsplit(receiver.heard[-1].head.split(" ")[1]).query)
            is_second = "page_info" in asked
            orders = f'{{"orders": [{{"id": {ORDER if is_second else 77}, "updated_at": "{changed}"}}]}}'.encode()
            link = '<https://elsewhere.example/admin/orders.json?page_info=abc&limit=250>; rel="next"'
            client.sendall(answer("200 OK", orders, *([] if is_second else [f"Link: {link}"])))

        shelf.pages[LIST] = listed
        with shop_server(shelf) as (api_base, heard):
            connected(world, api_base=api_base, takes_orders=True)

            assert [poll_shops(at=timezone.now()) for _ in range(2)] == [2, 0]
            work()

            assert len([one for one in heard.heard if "page_info=abc" in one.head]) == 2
        assert Order.objects.get().external_id == ORDER
        assert set(Delivery.objects.values_list("object_id", "state")) == {
            (ORDER, DeliveryState.APPLIED), ("77", DeliveryState.IGNORED),
        }  # fmt: skip

    @pytest.mark.parametrize("page", [{"orders": None}, [], {"orders": [3]}, {"orders": [{"id": 1}]}, b"<html>"])
    def test_that_is_nonsense_is_survived(self, world: World, address: str, shelf: Shelf, page: Any) -> None:
        shelf.pages[LIST] = page

        assert poll_shops(at=timezone.now()) == 0
        assert ShopConnection.objects.get().failures_in_a_row == 1

    def test_is_not_asked_for_where_orders_come_from_elsewhere(self, world: World, address: str) -> None:
        ShopConnection.objects.update(takes_orders=False)

        assert poll_shops(at=timezone.now()) == 0
        assert ShopConnection.objects.get().failures_in_a_row == 0

    def test_of_a_dead_shop_is_asked_for_less_and_less(
        self, world: World, monkeypatch: pytest.MonkeyPatch, shelf: Shelf
    ) -> None:
        monkeypatch.setattr("refunds.connectors.reading.ALTOGETHER_SECONDS", 0.3)
        with shop_server(hangs) as (api_base, dead):
            connected(world, api_base=api_base, takes_orders=True)

            assert [poll_shops(at=timezone.now()) for _ in range(2)] == [0, 0]
            assert len(dead.heard) == 1
