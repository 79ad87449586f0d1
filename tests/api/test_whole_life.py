"""From an order to an approved refund, over the API only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from evidence.models import LedgerEntry
from refunds.models import Operation

from .conftest import order_body, request_body

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Caller

pytestmark = pytest.mark.django_db


class TestOneRefund:
    """The happy path of a shop, an agent and an approver who only know HTTP."""

    def test_goes_from_order_to_approved(self, calling: Callable[[str], Caller]) -> None:
        bot, amir, dana = calling("bot"), calling("amir"), calling("dana")
        assert bot.post("orders", order_body()).status_code == 201

        filed = amir.post("refund-requests", request_body(), key="first")
        assert filed.status_code == 201, filed.json()
        told = filed.json()
        assert told["state"] == "awaiting_approval"
        assert told["amount_minor"] == 7500
        assert told["decision"]["outcome"] == "require_approval"
        assert told["decision"]["policy"]["version"] == 1
        assert told["decision"]["why_not_automatic"]
        assert told["route"]["steps"][0]["state"] == "open"

        waiting = dana.get("approvals", mine="true").json()["results"]
        assert [row["reference"] for row in waiting] == [told["reference"]]
        assert waiting[0]["id"] == told["route"]["steps"][0]["id"]
        held = dana.post(f"approvals/{waiting[0]['id']}/lease")
        assert held.json()["leased_by"] == "dana"

        approved = dana.post(f"refund-requests/{told['reference']}/approve", {"rationale": "Goods are back in stock."})
        assert approved.status_code == 200, approved.json()
        assert approved.json()["state"] == "approved"
        assert approved.json()["approved_minor"] == 7500
        assert approved.json()["operations"][0]["state"] == "ready"
        assert Operation.objects.get().amount_minor == 7500

        order = amir.get("orders/shop-uk/W-1").json()
        assert order["payments"][0]["reserved_minor"] == 7500
        assert order["payments"][0]["refundable_minor"] == 2800
        assert order["lines"][0]["refundable_quantity"] == 1

        timeline = amir.get(f"refund-requests/{told['reference']}/timeline").json()["results"]
        assert [entry["seq"] for entry in timeline] == list(range(1, len(timeline) + 1))
        assert timeline[0]["actor"] == "amir"
        assert len(timeline[-1]["hash"]) == 64
        assert timeline[-1]["entry"] == LedgerEntry.objects.filter(kind=timeline[-1]["kind"]).latest("pk").pk
        messages = amir.get(f"refund-requests/{told['reference']}/messages").json()["results"]
        assert [message["template"] for message in messages] == ["refund_approved"]

    def test_is_automatic_below_the_limit(self, calling: Callable[[str], Caller]) -> None:
        calling("bot").post("orders", order_body())
        filed = calling("bot").post("refund-requests", request_body(quantity=1))
        assert filed.status_code == 201
        assert filed.json()["state"] == "approved"
        assert filed.json()["requested_by"] == "bot"
