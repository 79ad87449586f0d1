"""A goodwill credit over the API: filed, checked and listed like a refund, with an order or without one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from refunds.models import RefundRequest

from .conftest import order_body

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.harness.world import World

    from .conftest import Caller

pytestmark = pytest.mark.django_db


@pytest.fixture
def credit(world: World) -> dict[str, Any]:
    """Ask for one without an order, for somebody who bought from the team."""
    customer = world.customer()
    world.order(customer=customer)
    return {
        "category": "goodwill_credit",
        "amount_minor": 15_00,
        "currency": "GBP",
        "customer": customer.external_id,
        "team": "uk-retail",
        "reason": "late_delivery",
    }


class TestAGoodwillCredit:
    def test_is_filed_without_an_order(self, credit: dict[str, Any], calling: Callable[[str], Caller]) -> None:
        amir = calling("amir")

        answer = amir.post("refund-requests", credit, key="goodwill-1")
        again = amir.post("refund-requests", credit, key="goodwill-1")

        told = answer.json()
        assert (answer.status_code, again.json()["reference"]) == (201, told["reference"])
        assert (told["category"], told["order"], told["lines"]) == ("goodwill_credit", None, [])
        assert (told["customer"], told["team"], told["method"]) == (credit["customer"], "uk-retail", "store_credit")
        assert (told["requested_minor"], told["state"]) == (15_00, "awaiting_approval")
        assert told["decision"]["matched_rule"] == "thresholds.goodwill_credit.GBP"
        listed = amir.get("refund-requests", customer=credit["customer"]).json()["results"]
        assert [one["reference"] for one in listed] == [told["reference"]]

    def test_is_filed_for_an_order(self, credit: dict[str, Any], calling: Callable[[str], Caller]) -> None:
        assert calling("bot").post("orders", order_body()).status_code == 201
        named = {name: credit[name] for name in ("category", "amount_minor", "currency", "reason")}

        told = calling("amir").post("refund-requests", named | {"channel": "shop-uk", "order": "W-1"}).json()

        assert told["order"] == {"channel": "shop-uk", "external_id": "W-1"}
        assert (told["requested_minor"], told["lines"]) == (15_00, [])

    def test_is_checked_without_being_kept(self, credit: dict[str, Any], calling: Callable[[str], Caller]) -> None:
        told = calling("amir").post("refund-requests/check", credit)

        assert (told.status_code, told.json()["amount_minor"]) == (200, 15_00)
        assert not RefundRequest.objects.exists()

    def test_may_be_kept_as_a_draft(self, credit: dict[str, Any], calling: Callable[[str], Caller]) -> None:
        told = calling("amir").post("refund-requests", credit | {"submit": False}).json()

        assert told["state"] == "intake"

    @pytest.mark.parametrize(
        ("change", "status", "field"),
        [
            ({"lines": [{"line": "1", "quantity": 1}]}, 400, "lines"),
            ({"shipping_minor": 1}, 400, "shipping_minor"),
            ({"method": "original"}, 400, "method"),
            ({"method": "bank_transfer"}, 400, "method"),
            ({"amount_minor": None}, 400, "amount_minor"),
            ({"currency": None}, 400, "currency"),
            ({"customer": None}, 400, "customer"),
            ({"team": None}, 400, "team"),
            ({"order": "W-1"}, 400, "channel"),
            ({"amount_minor": 0}, 400, "amount_minor"),
            ({"amount_minor": -1}, 400, "amount_minor"),
            ({"customer": "nobody"}, 422, "customer"),
            ({"team": "us-retail"}, 400, "team"),
            ({"channel": "shop-uk", "order": "W-404"}, 422, "order"),
            ({"currency": "XXQ"}, 422, "currency"),
            ({"reason": "because"}, 422, "reason"),
            ({"note": "4242 4242 4242 4242"}, 422, "note"),
        ],
    )
    def test_is_refused_at_the_field_that_is_wrong(
        self,
        credit: dict[str, Any],
        calling: Callable[[str], Caller],
        change: dict[str, Any],
        status: int,
        field: str,
    ) -> None:
        body = {name: value for name, value in (credit | change).items() if value is not None}

        answer = calling("amir").post("refund-requests", body)

        assert answer.status_code == status, answer.json()
        assert field in {fault["field"] for fault in answer.json()["errors"]}
        assert not RefundRequest.objects.exists()

    def test_is_of_no_refund(self, calling: Callable[[str], Caller]) -> None:
        calling("bot").post("orders", order_body())
        body = {"channel": "shop-uk", "order": "W-1", "reason": "other", "amount_minor": 100}

        answer = calling("amir").post("refund-requests", body)

        assert answer.status_code == 400
        assert answer.json()["errors"][0]["detail"] == "Only a goodwill credit names this."
