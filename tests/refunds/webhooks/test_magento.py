"""A Magento shop: its messages are hints at most, its credit memos are read, and where it tells nothing it is asked."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.utils import timezone

from policies.models import GovernedAction
from refunds.models import Delivery, ShopConnection, ShopRefund
from refunds.vocabulary import DeliveryState
from refunds.webhooks.polling import poll_shops
from tests.refunds.outgoing.receivers import hangs

from .shop import Shelf, connected, only, order_of_shop, send, shared, shop_server, work

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.harness.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.servers]

MEMO = {
    "entity_id": 3,
    "order_id": 5,
    "state": 2,
    "grand_total": 27.5,
    "order_currency_code": "GBP",
    "created_at": "2026-11-12 23:43:45",
    "updated_at": "2026-11-12 23:43:45",
    "comments": [],
}
HINT = {"creditmemo": {"entity_id": 3, "order_id": 5}}
LIST = "/rest/V1/creditmemos?"


@pytest.fixture
def shelf() -> Shelf:
    """Have a shop with one credit memo."""
    shelf = Shelf()
    shelf.pages["/rest/V1/creditmemo/3"] = MEMO
    shelf.pages[LIST] = {"items": [MEMO], "total_count": 1}
    return shelf


@pytest.fixture
def address(world: World, shelf: Shelf) -> Iterator[str]:
    """Connect it; answers where it writes to."""
    with shop_server(shelf) as (api_base, _):
        yield connected(world, kind="magento", api_base=api_base, domain="lamps.example")[1]


class TestAMessage:
    @pytest.mark.parametrize("body", [HINT, HINT["creditmemo"], {"data": HINT["creditmemo"]}, {"entity_id": "3"}])
    def test_is_a_hint_however_it_is_wrapped(self, world: World, address: str, body: Any) -> None:
        order = order_of_shop(world, "5")

        assert send(address, body, headers={}) == 200
        work()

        assert only().state == DeliveryState.APPLIED
        assert ShopRefund.objects.get().order == order
        action = GovernedAction.objects.get()
        assert (action.amount_minor, action.currency, action.gateway) == (27_50, "GBP", "magento")
        assert action.occurred_at == datetime(2026, 11, 12, 23, 43, 45, tzinfo=UTC)

    @pytest.mark.parametrize("body", [b" ", b"{", b"\xff", b"[" * 9999])
    def test_that_is_no_json_is_refused(self, world: World, address: str, body: bytes) -> None:
        assert send(address, body, headers={}) == 400
        assert not Delivery.objects.exists()

    @pytest.mark.parametrize("body", [[], {}, 3, {"creditmemo": {"entity_id": "../1"}}, {"entity_id": -3}])
    def test_without_a_memo_is_put_aside(self, world: World, address: str, body: Any) -> None:
        assert send(address, body, headers={}) == 200
        work()

        assert only().state == DeliveryState.IGNORED

    def test_of_a_shop_with_a_key_must_be_signed_by_it(self, world: World, shelf: Shelf) -> None:
        key, other = (rsa.generate_private_key(65537, 2048) for _ in range(2))
        pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        _, address = connected(world, kind="magento", domain="lamps.example", public_key=pem)
        raw = json.dumps(HINT).encode()

        def signed(by: rsa.RSAPrivateKey, text: bytes) -> dict[str, str]:
            signature = by.sign(text, padding.PKCS1v15(), SHA256())
            return {"x-adobe-commerce-webhook-signature": base64.b64encode(signature).decode()}

        lies = [{}, signed(other, raw), signed(key, raw + b" "), {"x-adobe-commerce-webhook-signature": "grüß"}]
        assert [send(address, raw, headers=told) for told in lies] == [400] * 4
        assert not Delivery.objects.exists()
        assert send(address, raw, headers=signed(key, raw)) == 200
        assert send(address, raw, headers=signed(key, base64.b64encode(raw))) == 200
        assert Delivery.objects.count() == 1


class TestACreditMemo:
    @pytest.mark.parametrize(("state", "becomes"), [(1, DeliveryState.PARKED), (3, DeliveryState.APPLIED)])
    def test_that_moved_no_money_is_no_refund(
        self, world: World, address: str, shelf: Shelf, state: int, becomes: str
    ) -> None:
        order_of_shop(world, "5")
        shelf.pages["/rest/V1/creditmemo/3"] = {**MEMO, "state": state}

        send(address, HINT, headers={})
        work()

        assert only().state == becomes
        assert not ShopRefund.objects.exists()

    @pytest.mark.parametrize("total", ["27.500000000000004", "27.4999999999999964", "2.75e1"])
    def test_is_read_without_a_float(self, world: World, address: str, shelf: Shelf, total: str) -> None:
        order_of_shop(world, "5")
        shelf.pages["/rest/V1/creditmemo/3"] = json.dumps({**MEMO, "grand_total": "@"}).replace('"@"', total).encode()

        send(address, HINT, headers={})
        work()

        assert ShopRefund.objects.get().amount_minor == 27_50

    @pytest.mark.parametrize(
        "lie", [{"grand_total": -27.5}, {"grand_total": 27.505}, {"order_currency_code": "EUR"}, {"order_id": 6}]
    )
    def test_that_cannot_be_true_waits_for_a_person(self, world: World, address: str, shelf: Shelf, lie: Any) -> None:
        order_of_shop(world, "5")
        shelf.pages["/rest/V1/creditmemo/3"] = {**MEMO, **lie}

        send(address, HINT, headers={})
        work()

        assert only().state == DeliveryState.NEEDS_PERSON
        assert not ShopRefund.objects.exists()

    def test_of_the_samples_is_read(self, world: World, address: str, shelf: Shelf) -> None:
        memo = shared("magento/creditmemo.composed.json")
        order_of_shop(world, str(memo["order_id"]))
        shelf.pages["/rest/V1/creditmemo/3"] = memo

        send(address, memo, headers={})
        work()

        assert ShopRefund.objects.get().amount_minor == 27_50


class TestPolling:
    def test_finds_what_nobody_told_once(self, world: World, address: str) -> None:
        order_of_shop(world, "5")

        assert [poll_shops(at=timezone.now()) for _ in range(3)] == [1, 0, 0]
        work()

        assert only().state == DeliveryState.APPLIED
        assert GovernedAction.objects.count() == 1

    def test_and_a_message_lead_to_one_record(self, world: World, address: str) -> None:
        order_of_shop(world, "5")
        send(address, HINT, headers={})
        poll_shops(at=timezone.now())
        work()

        assert Delivery.objects.count() == 2
        assert GovernedAction.objects.count() == 1

    def test_asks_from_where_it_was_and_an_hour_back(self, world: World, shelf: Shelf) -> None:
        changed = timezone.now().replace(microsecond=0) - timedelta(minutes=5)
        shelf.pages[LIST] = {"items": [{**MEMO, "updated_at": f"{changed:%Y-%m-%d %H:%M:%S}"}]}
        with shop_server(shelf) as (api_base, heard):
            connected(world, kind="magento", api_base=api_base, domain="lamps.example")
            for _ in range(2):
                poll_shops(at=timezone.now())

            asked = [parse_qs(urlsplit(one.head.split(" ")[1]).query) for one in heard.heard]
        since = asked[-1]["searchCriteria[filter_groups][0][filters][0][value]"]
        until = ShopConnection.objects.get().polled_until
        assert until is not None
        assert since == [f"{until - timedelta(hours=1):%Y-%m-%d %H:%M:%S}"]
        assert asked[0]["searchCriteria[filter_groups][0][filters][0][condition_type]"] == ["gteq"]

    @pytest.mark.parametrize(
        "page", [{"items": None}, [], {"items": [3]}, {"items": [{"entity_id": 1, "updated_at": "soon"}]}, b"<html>"]
    )
    def test_survives_nonsense(self, world: World, address: str, shelf: Shelf, page: Any) -> None:
        shelf.pages[LIST] = page

        assert poll_shops(at=timezone.now()) == 0
        assert ShopConnection.objects.get().failures_in_a_row == 1

    def test_of_a_dead_shop_keeps_no_other_waiting(
        self, world: World, address: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("refunds.connectors.reading.ALTOGETHER_SECONDS", 0.3)
        with shop_server(hangs) as (api_base, dead):
            connected(world, kind="magento", api_base=api_base, domain="dead.example", channel="dead")

            assert [poll_shops(at=timezone.now()) for _ in range(2)] == [1, 0]
            assert len(dead.heard) == 1

    def test_leaves_a_shop_alone_that_is_switched_off(self, world: World, address: str) -> None:
        ShopConnection.objects.update(is_active=False)

        assert poll_shops(at=timezone.now()) == 0
