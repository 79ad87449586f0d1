"""What a Shopify shop says when it is asked: ours or not, true or not, or nothing at all."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from config.kernel.outbox import OutboxRow, drain
from policies.actions.explaining import explain
from policies.models import GovernedAction
from refunds.actions.observing import observe_refund
from refunds.connectors import reading
from refunds.gateways.base import ProviderRefund, RefundStatus
from refunds.models import Operation, Payment, ShopConnection, ShopRefund
from refunds.vocabulary import DeliveryState
from refunds.webhooks import inbox
from refunds.webhooks.asking import ask_shops
from tests.harness.known import order_of
from tests.harness.people import settle
from tests.refunds.outgoing.receivers import drips, hangs, never_ends, resets

from .shop import (
    BODY,
    ORDER,
    READ,
    Shelf,
    connected,
    only,
    order_of_shop,
    refund_body,
    send,
    shared,
    shop_server,
    work,
)

if TYPE_CHECKING:
    from tests.harness.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.servers]


class TestOurOwnRefund:
    def paid(self, world: World) -> Operation:
        """Have an operation of 100.00 on the order."""
        request = world.approved(by=settle("amir"), approver=settle("dana"))
        type(order_of(request)).objects.filter(pk=order_of(request).pk).update(external_id=ORDER)
        operation = Operation.objects.get()
        Operation.objects.filter(pk=operation.pk).update(state="succeeded")
        return operation

    @pytest.mark.parametrize("place", ["note", "authorization", "receipt"])
    def test_is_not_ungoverned(self, world: World, shop: Any, shelf: Shelf, place: str) -> None:
        operation = self.paid(world)
        words: Any = {
            "note": {"note": f"Refund of {operation.refund_request.reference}."},
            "authorization": {"transaction": {"authorization": str(operation.pk)}},
            "receipt": {"transaction": {"receipt": {"metadata": {"operation_id": str(operation.pk)}}}},
        }[place]
        words = {**words, "transaction": {"amount": "100.00", **words.get("transaction", {})}}
        shelf.pages[f"{READ}/{BODY['id']}.json"] = {"refund": refund_body(**words)}

        send(shop[1], BODY)
        work()

        assert ShopRefund.objects.get().operation == operation
        assert not GovernedAction.objects.exists()

    @pytest.mark.parametrize("changes", [{"amount": "99.99"}, {"amount": "1.00"}])
    def test_is_another_one_when_the_amount_is(self, world: World, shop: Any, shelf: Shelf, changes: Any) -> None:
        operation = self.paid(world)
        other = refund_body(note=operation.refund_request.reference, transaction=changes)
        shelf.pages[f"{READ}/{BODY['id']}.json"] = {"refund": other}

        send(shop[1], BODY)
        work()

        assert GovernedAction.objects.get().is_ungoverned

    def test_covers_one_movement_only(self, world: World, shop: Any, shelf: Shelf) -> None:
        operation = self.paid(world)
        Payment.objects.update(captured_minor=500_00)
        for number in (11, 21):
            named = refund_body(number, note=operation.refund_request.reference, transaction={"amount": "100.00"})
            shelf.pages[f"{READ}/{number}.json"] = {"refund": named}
            send(shop[1], named, event=str(number))
        work()

        assert ShopRefund.objects.filter(operation=operation).count() == 1
        assert GovernedAction.objects.count() == 1


class TestWhatAShopGaveBack:
    @pytest.mark.parametrize(("by_processor", "left"), [(0, 58_06), (30_00, 58_06), (60_00, 40_00)])
    def test_lowers_what_is_left_once_whoever_else_tells_of_it(
        self, world: World, shop: Any, shelf: Shelf, by_processor: int, left: int
    ) -> None:
        """The shop gave 41.94 of 100.00 back, perhaps through the very processor that shows refunds too."""
        payment = order_of_shop(world).payments.get()
        if by_processor:
            refund = ProviderRefund(
                external_id="re_shop",
                status=RefundStatus.SUCCEEDED,
                amount_minor=by_processor,
                currency="GBP",
                payment_external_id=payment.external_id,
                created_at=timezone.now(),
            )
            observe_refund(gateway=payment.gateway, refund=refund, at=timezone.now())

        send(shop[1], BODY)
        work()

        payment.refresh_from_db()
        assert (payment.captured_minor, payment.refundable_minor) == (100_00, left)

    def test_is_free_again_once_finance_found_it_to_be_only_a_note_of_ours(
        self, world: World, shop: Any, shelf: Shelf
    ) -> None:
        payment = order_of_shop(world).payments.get()
        send(shop[1], BODY)
        work()
        action = GovernedAction.objects.get()

        note = "Support writes each of our refunds down there by hand."
        explain(reference=action.reference, code="mirror", note=note, actor=settle("lena"), at=timezone.now())
        drain()

        payment.refresh_from_db()
        assert (payment.elsewhere_minor, payment.refundable_minor) == (0, 100_00)


ODD: dict[str, dict[str, Any]] = {
    "another currency": {"transaction": {"currency": "USD"}},
    "no currency": {"transaction": {"currency": None}},
    "a currency there is not": {"transaction": {"currency": "XQX"}},
    "less than nothing": {"transaction": {"amount": "-41.94"}},
    "more than was paid": {"transaction": {"amount": "100.01"}},
    "a fraction of a penny": {"transaction": {"amount": "41.945"}},
    "no number": {"transaction": {"amount": "much"}},
    "not a number": {"transaction": {"amount": "NaN"}},
    "an endless number": {"transaction": {"amount": "9" * 4000}},
    "an exponent": {"transaction": {"amount": "1e999999"}},
    "a truth value": {"transaction": {"amount": True}},
    "no moment": {"transaction": {"processed_at": "yesterday"}},
    "no transactions": {"transactions": None},
    "transactions that are words": {"transactions": ["refund"]},
    "another order": {"order_id": 7},
    "no id of its transaction": {"transaction": {"id": None}},
}


class TestAShopThatLies:
    @pytest.mark.parametrize("lie", ODD)
    def test_is_looked_at_by_a_person(self, world: World, shop: Any, shelf: Shelf, lie: str) -> None:
        order_of_shop(world)
        shelf.pages[f"{READ}/{BODY['id']}.json"] = {"refund": refund_body(**ODD[lie])}

        assert send(shop[1], BODY) == 200
        work()

        assert only().state == DeliveryState.NEEDS_PERSON
        assert only().note
        assert not ShopRefund.objects.exists()
        assert not GovernedAction.objects.exists()

    @pytest.mark.parametrize(
        "page", [b"", b"<html>", b"[]", b"[" * 50_000, b'{"refund": NaN}', b'{"refund": null}', b"x" * 3_000_000]
    )
    def test_in_its_very_shape_too(self, world: World, shop: Any, shelf: Shelf, page: bytes) -> None:
        order_of_shop(world)
        shelf.pages[f"{READ}/{BODY['id']}.json"] = page

        send(shop[1], BODY)
        work()

        assert only().state == DeliveryState.NEEDS_PERSON

    def test_by_the_noise_of_a_float_is_understood(self, world: World, shop: Any, shelf: Shelf) -> None:
        order_of_shop(world)
        raw = json.dumps({"refund": refund_body(transaction={"amount": "@"})}).replace('"@"', "29.990000000000002")
        shelf.pages[f"{READ}/{BODY['id']}.json"] = raw.encode()

        send(shop[1], BODY)
        work()

        assert GovernedAction.objects.get().amount_minor == 29_99

    def test_or_knows_nothing_of_it_is_passed_by(self, world: World, shop: Any, shelf: Shelf) -> None:
        order_of_shop(world)
        shelf.pages.clear()

        send(shop[1], BODY)
        work()

        assert only().state == DeliveryState.IGNORED

    @pytest.mark.parametrize("status", ["failure", "error"])
    def test_about_money_that_never_left_records_none(self, world: World, shop: Any, shelf: Shelf, status: str) -> None:
        order_of_shop(world)
        shelf.pages[f"{READ}/{BODY['id']}.json"] = {"refund": refund_body(transaction={"status": status})}

        send(shop[1], BODY)
        work()

        assert only().state == DeliveryState.APPLIED
        assert not GovernedAction.objects.exists()

    def test_no_more_once_the_money_has_left(self, world: World, shop: Any, shelf: Shelf) -> None:
        order_of_shop(world)
        page = f"{READ}/{BODY['id']}.json"
        shelf.pages[page] = {"refund": refund_body(transaction={"status": "pending"})}
        send(shop[1], BODY)
        work()
        assert (only().state, GovernedAction.objects.count()) == (DeliveryState.PARKED, 0)

        shelf.pages[page] = {"refund": BODY}
        work()

        assert (only().state, GovernedAction.objects.count()) == (DeliveryState.APPLIED, 1)


class TestAShopThatDoesNotAnswer:
    @pytest.mark.parametrize("habit", [hangs, drips, never_ends, resets])
    def test_is_left_in_peace_and_keeps_nobody_waiting(
        self, world: World, monkeypatch: pytest.MonkeyPatch, habit: Any
    ) -> None:
        monkeypatch.setattr(reading, "ALTOGETHER_SECONDS", 0.3)
        order_of_shop(world)
        with shop_server(habit) as (api_base, heard):
            _, address = connected(world, api_base=api_base)
            assert send(address, BODY) == 200
            work()
            for _ in range(5):
                work()

            assert len(heard.heard) == 1
        connection = ShopConnection.objects.get()
        assert (only().state, only().tries) == (DeliveryState.PARKED, 0)
        assert connection.failures_in_a_row == 1
        assert connection.next_read_at is not None
        assert connection.last_failure

    def test_in_time_leaves_the_rest_for_the_next_round(self, world: World, shop: Any) -> None:
        order_of_shop(world)
        for number in (1, 3, 5):
            send(shop[1], refund_body(number), event=str(number))

        assert ask_shops(at=timezone.now(), run_seconds=0) == 0
        assert ask_shops(at=timezone.now()) == 3

    def test_is_not_waited_for_by_messages_about_money(self, world: World, shop: Any) -> None:
        send(shop[1], BODY)

        assert not OutboxRow.objects.filter(news="delivery.received").exists()
        inbox.apply_delivery(delivery_id=only().pk)
        inbox.sweep_deliveries(at=timezone.now())
        assert only().state == DeliveryState.RECEIVED

    @pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden", "429 Slow down", "500 No", "302 Found"])
    def test_with_what_we_asked_for_is_asked_again_later(
        self, world: World, shop: Any, shelf: Shelf, status: str
    ) -> None:
        order_of_shop(world)
        shelf.status = status
        send(shop[1], BODY)
        work()
        assert only().state == DeliveryState.PARKED

        shelf.status = "200 OK"
        ShopConnection.objects.update(next_read_at=timezone.now())
        work()

        assert only().state == DeliveryState.APPLIED
        assert ShopConnection.objects.get().failing_since is None

    def test_because_it_is_an_inner_address_is_never_called(self, world: World, settings: Any) -> None:
        order_of_shop(world)
        with shop_server(Shelf()) as (api_base, heard):
            _, address = connected(world, api_base=api_base)
            settings.WEBHOOK_ALLOWED = []
            send(address, BODY)
            work()

            assert heard.heard == []
        assert only().state == DeliveryState.PARKED
        assert "https" in ShopConnection.objects.get().last_failure


class TestTheSamples:
    @pytest.mark.parametrize("number", ["01", "02", "03"])
    def test_of_shopifys_own_tests_are_read(self, world: World, shop: Any, shelf: Shelf, number: str) -> None:
        body = shared(f"shopify/admin_2026-07.refund.{number}.refund.json")
        refund = body["refund"]
        us = order_of_shop(world, unit_minor=500_00, team="us-dtc")
        type(us).objects.filter(pk=us.pk).update(channel="shop-us")
        ShopConnection.objects.update(channel="shop-us", team=world.team("us-dtc"))
        shelf.pages[f"{READ}/{refund['id']}.json"] = body

        assert send(shop[1], refund) == 200
        work()

        moved = [one for one in refund["transactions"] if one["kind"] == "refund" and one["status"] == "success"]
        wanted = sorted(round(float(one["amount"]) * 100) for one in moved if float(one["amount"]))
        assert only().state == DeliveryState.APPLIED
        assert sorted(GovernedAction.objects.values_list("amount_minor", flat=True)) == wanted
