"""A Shopify shop tells of its refunds: believed when it proves itself, read again, and put before finance."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import structlog
from django.utils import timezone

from policies.models import GovernedAction
from refunds.connectors import connecting
from refunds.models import Delivery, ShopConnection, ShopRefund
from refunds.vocabulary import DeliveryState
from refunds.webhooks import retaking
from tests.harness.tables import fingerprints
from tests.harness.world import NOON, World

from .shop import (
    BODY,
    ORDER,
    READ,
    SECRET,
    Shelf,
    connected,
    only,
    order_of_shop,
    refund_body,
    send,
    shop_server,
    shopify_headers,
    work,
)

if TYPE_CHECKING:
    from config.kernel.people import User

pytestmark = [pytest.mark.django_db, pytest.mark.servers]


class TestAMessage:
    def test_leads_to_money_that_left_without_us(self, world: World, shop: Any, shelf: Shelf) -> None:
        order = order_of_shop(world)

        assert send(shop[1], BODY) == 200
        work()

        assert only().state == DeliveryState.APPLIED
        action = GovernedAction.objects.get()
        assert (action.is_ungoverned, action.amount_minor, action.currency) == (True, 41_94, "GBP")
        assert (action.gateway, action.about, action.team) == ("shopify", ORDER, order.team)
        assert action.external_id == f"shop-uk/{BODY['transactions'][0]['id']}"
        noted = ShopRefund.objects.get()
        assert (noted.order, noted.action, noted.operation) == (order, action, None)
        connection = ShopConnection.objects.get()
        assert connection.last_delivery_at is not None
        assert connection.last_read_at is not None

    def test_is_a_hint_and_what_it_says_is_not_believed(self, world: World, shop: Any) -> None:
        order_of_shop(world)
        boastful = refund_body(transaction={"amount": "99999.00", "currency": "USD"})

        assert send(shop[1], boastful) == 200
        work()

        assert GovernedAction.objects.get().amount_minor == 41_94

    def test_keeps_no_word_about_anybody(self, world: World, shop: Any) -> None:
        order_of_shop(world)
        send(shop[1], {**BODY, "customer": {"email": "carla@example.com"}, "note": "Carla Crane called"})

        assert json.loads(bytes(only().raw)) == {"order": ORDER, "refund": str(BODY["id"])}

    def test_is_stored_once_by_event_by_hook_and_by_its_bytes(self, world: World, shop: Any) -> None:
        raw = json.dumps(BODY).encode()
        again = {"X-Shopify-Webhook-Id": "hook-2"}

        assert send(shop[1], BODY) == 200
        before = fingerprints()
        assert send(shop[1], BODY) == 200
        assert send(shop[1], BODY, headers=shopify_headers(raw, **again)) == 200
        assert send(shop[1], raw + b" ") == 200
        # Whoever caught the bytes may write any id beside them: it is not signed.
        assert send(shop[1], BODY, event="another") == 200

        after = {name for name, told in fingerprints().items() if told != before[name]}
        assert after <= {"refunds_shopconnection"}
        assert Delivery.objects.count() == 1

    def test_and_its_twin_lead_to_one_record(self, world: World, shop: Any, shelf: Shelf) -> None:
        order_of_shop(world)
        shelf.pages[f"{READ}.json"] = {"refunds": [BODY]}
        order = {"id": int(ORDER), "line_items": [], "refunds": [BODY]}

        # One event of the shop tells both topics.
        assert [send(shop[1], BODY), send(shop[1], order)] == [200, 200]
        work()

        assert Delivery.objects.filter(state=DeliveryState.APPLIED).count() == 2
        assert GovernedAction.objects.count() == ShopRefund.objects.count() == 1

    def test_under_the_new_names_of_its_headers_is_taken(self, world: World, shop: Any) -> None:
        raw = json.dumps(BODY).encode()
        headers = {name.removeprefix("X-"): value for name, value in shopify_headers(raw).items()}

        assert send(shop[1], raw, headers=headers) == 200
        assert only().object_id == str(BODY["id"])

    @pytest.mark.parametrize("body", [{}, {"id": 5}, {"id": 5, "order_id": "../7", "transactions": []}, {"refunds": 1}])
    def test_about_something_else_is_put_aside(self, world: World, shop: Any, body: Any) -> None:
        assert send(shop[1], body) == 200
        work()

        assert only().state == DeliveryState.IGNORED

    def test_is_believed_under_both_secrets_while_they_change(self, world: World, shop: Any, root: User) -> None:
        connection, address = shop
        change = {"connection_id": connection.pk, "actor": root}
        connecting.rotate_secret(secret="new", overlap_hours=1, at=timezone.now(), **change)

        assert [send(address, refund_body(n), event=str(n), secret=s) for n, s in ((1, SECRET), (3, "new"))] == [
            200
        ] * 2
        assert send(address, refund_body(5), secret="other") == 400

        ShopConnection.objects.update(old_secret_ends_at=timezone.now() - timedelta(seconds=1))
        assert send(address, refund_body(7), secret=SECRET) == 400
        assert send(address, refund_body(7), secret="new") == 200


class TestABoundShop:
    def test_is_not_spoken_for_by_another_with_the_same_app(self, world: World, shelf: Shelf) -> None:
        """The signature covers the body alone: what shop A was told verifies for shop B."""
        order_of_shop(world)
        with shop_server(Shelf()) as (other_base, heard):
            _, other = connected(world, api_base=other_base, channel="shop-us", domain="other.myshopify.com")
            raw = json.dumps(BODY).encode()
            assert send(other, raw) == 400
            named = shopify_headers(raw, **{"X-Shopify-Shop-Domain": "other.myshopify.com"})
            assert send(other, raw, headers=named) == 200
            work()

            # The order is of another channel: nobody is asked and nothing is recorded.
            assert only().state == DeliveryState.PARKED
            assert heard.heard == []
        assert not GovernedAction.objects.exists()

    def test_that_is_switched_off_is_not_there(self, world: World, shop: Any, root: User) -> None:
        connecting.switch(connection_id=shop[0].pk, is_on=False, actor=root, at=NOON)

        assert send(shop[1], BODY) == 404

    def test_has_an_address_of_its_own_kind(self, world: World, shop: Any) -> None:
        assert send(shop[1].replace("shopify", "magento"), BODY) == 404
        assert send(shop[1][:-2] + "/", BODY) == 404

    def test_keeps_nothing_that_could_speak_for_it(self, world: World, shop: Any) -> None:
        row = json.dumps(list(ShopConnection.objects.values()), default=str)

        assert SECRET not in row
        assert "shpat_1" not in row
        assert shop[1].split("/")[3] not in row


class TestAnOrderNobodyKnows:
    def test_is_waited_for_and_then_looked_at_by_a_person(self, world: World, shop: Any, root: User) -> None:
        send(shop[1], BODY)
        work()
        assert (only().state, only().tries) == (DeliveryState.PARKED, 1)

        Delivery.objects.update(received_at=timezone.now() - timedelta(hours=49))
        work()
        assert only().state == DeliveryState.NEEDS_PERSON
        assert "order is not known" in only().note

        order_of_shop(world)
        retaking.take_up_again(delivery_id=only().pk, actor=root)
        work()
        assert only().state == DeliveryState.APPLIED

    def test_that_comes_meanwhile_is_found(self, world: World, shop: Any) -> None:
        send(shop[1], BODY)
        work()
        order_of_shop(world)

        work()

        assert only().state == DeliveryState.APPLIED


class TestTheLog:
    def test_holds_no_secret(self, world: World, shop: Any, caplog: pytest.LogCaptureFixture) -> None:
        send(shop[1], BODY, secret="other")
        send(shop[1], BODY)
        work()

        handlers = logging.getLogger().handlers
        console = next(one for one in handlers if isinstance(one.formatter, structlog.stdlib.ProcessorFormatter))
        told = "\n".join(console.format(record) for record in caplog.records)
        assert "/webhooks/shopify/…/" in told
        assert not any(secret in told for secret in (SECRET, "shpat_1", shop[1].split("/")[3]))
