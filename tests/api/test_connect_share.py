"""A destination charge over the API: told with the order, and decided with the refund."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .conftest import order_body

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Caller

pytestmark = pytest.mark.django_db

ASKED = {
    "channel": "shop-uk",
    "order": "W-1",
    "reason": "changed_mind",
    "lines": [{"line": "1", "quantity": 1, "condition": "unopened"}],
}


class TestADestinationCharge:
    def test_is_told_with_the_order_and_who_bears_it_with_the_refund(self, calling: Callable[[str], Caller]) -> None:
        bot, order = calling("bot"), order_body()
        order["payments"][0]["destination_charge"] = True
        assert bot.post("orders", order).json()["payments"][0]["destination_charge"] is True

        refused = bot.post("refund-requests", ASKED)
        filed = bot.post("refund-requests", ASKED | {"connect_share": "transfer_and_fee"})

        assert refused.status_code == 422
        assert [error["field"] for error in refused.json()["errors"]] == ["connect_share"]
        assert filed.status_code == 201
        reference = filed.json()["reference"]
        assert bot.get(f"refund-requests/{reference}").json()["connect_share"] == "transfer_and_fee"

    def test_may_be_told_later(self, calling: Callable[[str], Caller]) -> None:
        bot, order = calling("bot"), order_body()
        bot.post("orders", order)
        order["payments"][0]["destination_charge"] = True

        assert bot.post("orders", order).json()["payments"][0]["destination_charge"] is True

    def test_is_none_unless_the_order_says_so(self, calling: Callable[[str], Caller]) -> None:
        bot = calling("bot")
        assert bot.post("orders", order_body()).json()["payments"][0]["destination_charge"] is False

        assert bot.post("refund-requests", ASKED | {"connect_share": "transfer"}).status_code == 422
        assert bot.post("refund-requests", ASKED).json()["connect_share"] == ""
