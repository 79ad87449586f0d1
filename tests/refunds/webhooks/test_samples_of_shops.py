"""Every sample of a shop's bodies that we were given: read, or refused for a reason it is told here."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from refunds.connectors import magento, shopify
from refunds.connectors.base import OddAnswer
from refunds.connectors.shopify_orders import order_of

from .shop import SHARED, connected, shared

if TYPE_CHECKING:
    from refunds.models import ShopConnection
    from tests.harness.world import World

pytestmark = pytest.mark.django_db

ORDERS = {
    "shopify/admin_2026-07.order.05.orders.json": "order",
    "shopify/admin_2026-07.order.06.order.json": "names four of its fields, neither currency nor moment: no order",
    "shopify/admin_2026-07.order.07.order.json": "order",
}
REFUNDS = {
    "shopify/admin_2026-07.refund.00.refunds.json": "refund",
    "shopify/admin_2026-07.refund.01.refund.json": "refund",
    "shopify/admin_2026-07.refund.02.refund.json": "refund",
    "shopify/admin_2026-07.refund.03.refund.json": "refund",
    "shopify/admin_2026-07.refund.04.refund.json": "a calculation: no order, no id, nothing moved",
    "shopify/admin_2026-07.refund.05.refund.json": "a calculation: no order, no id, nothing moved",
}
TRANSACTIONS = {
    "shopify/admin_2026-07.transaction.00.transactions.json": [250_94],
    "shopify/admin_2026-07.transaction.01.transactions.json": [10_00],
    "shopify/admin_2026-07.transaction.02.transaction.json": [10_00],
}
MAGENTO = {
    "magento/creditmemo.composed.json": "refund",
    "magento/refund_request.composed.json": "what we would write to the shop: names no credit memo",
}


def told(name: str) -> Any:
    """Read a sample as the connector reads an answer."""
    shared(name)
    return json.loads((SHARED / name).read_bytes(), parse_float=Decimal)


@pytest.fixture
def connection(world: World) -> ShopConnection:
    """Have a shop to read for."""
    return connected(world)[0]


def test_every_sample_has_its_place() -> None:
    shared("shopify/admin_2026-07.order.07.order.json")
    there = {f"{folder}/{one.name}" for folder in ("shopify", "magento") for one in (SHARED / folder).glob("*.json")}

    assert there == {*ORDERS, *REFUNDS, *TRANSACTIONS, *MAGENTO}


class TestAnOrder:
    @pytest.mark.parametrize("name", ORDERS)
    def test_is_read_or_refused(self, connection: ShopConnection, name: str) -> None:
        body = told(name)
        orders = body.get("orders") or [body["order"]]
        for one in orders:
            if ORDERS[name] == "order":
                facts = order_of(one, {"transactions": []}, connection, is_demo=True)
                assert facts.external_id == str(one["id"])
                assert len(facts.lines) == len(one["line_items"])
                assert facts.currency == "USD"
                if "fulfillments" in one:
                    paid = sum(line.quantity * line.unit_price_minor for line in facts.lines) + facts.shipping_minor
                    assert paid == int(one["total_price"].replace(".", ""))
            else:
                with pytest.raises(OddAnswer, match="no order"):
                    order_of(one, {"transactions": []}, connection, is_demo=True)


class TestARefund:
    @pytest.mark.parametrize("name", REFUNDS)
    def test_is_a_hint_or_about_nothing(self, connection: ShopConnection, name: str) -> None:
        body = told(name)
        for one in body.get("refunds") or [body["refund"]]:
            hint = shopify.hint_of(one)
            assert bool(hint.refund) == (REFUNDS[name] == "refund")
            assert bool(hint.order) == (REFUNDS[name] == "refund")


class TestTransactions:
    @pytest.mark.parametrize("name", TRANSACTIONS)
    def test_prove_what_was_captured(self, connection: ShopConnection, name: str) -> None:
        body = told(name)
        order = told("shopify/admin_2026-07.order.07.order.json")["order"]
        transactions = body.get("transactions") or [body["transaction"]]

        facts = order_of(order, {"transactions": transactions}, connection, is_demo=True)

        assert [one.captured_minor for one in facts.payments] == TRANSACTIONS[name]
        assert {one.gateway for one in facts.payments} == {"bank_transfer"}
        test_ones = [one for one in transactions if one["test"] and one["kind"] == "capture"]
        real = order_of(order, {"transactions": transactions}, connection, is_demo=False)
        assert len(real.payments) == len(facts.payments) - len(test_ones)


class TestMagento:
    @pytest.mark.parametrize("name", MAGENTO)
    def test_is_a_hint_or_about_nothing(self, name: str) -> None:
        assert bool(magento.hint_of(told(name)).refund) == (MAGENTO[name] == "refund")
