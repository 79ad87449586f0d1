"""One refund of a shop, told by several messages and read by several workers at once: recorded once."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from policies.models import GovernedAction
from refunds.models import Delivery, ShopRefund
from refunds.vocabulary import DeliveryState
from refunds.webhooks.asking import ask_shops
from tests.harness.races import in_the_same_instant, losers
from tests.refunds.webhooks.shop import BODY, READ, Shelf, connected, order_of_shop, send, shop_server

if TYPE_CHECKING:
    from tests.harness.world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.servers]


class TestFourWorkers:
    def test_record_a_movement_once(self, world: World) -> None:
        order_of_shop(world)
        shelf = Shelf()
        shelf.pages[f"{READ}/{BODY['id']}.json"] = {"refund": BODY}
        shelf.pages[f"{READ}.json"] = {"refunds": [BODY]}
        with shop_server(shelf) as (api_base, _):
            _, address = connected(world, api_base=api_base)
            send(address, BODY)
            send(address, {"id": BODY["order_id"], "line_items": [], "refunds": []})

            results = in_the_same_instant(*[partial(ask_shops, at=timezone.now())] * 4)

        assert losers(results) == []
        assert ShopRefund.objects.count() == GovernedAction.objects.count() == 1
        assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.APPLIED}
