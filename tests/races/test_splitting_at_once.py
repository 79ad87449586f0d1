"""Two requests of one customer in the same instant: each is judged with the other, or waits until it can be."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from refunds import workflow
from refunds.models import RefundRequest
from refunds.vocabulary import State
from tests.harness.people import fresh, settle
from tests.harness.races import in_the_same_instant, losers
from tests.harness.world import NOON, World

if TYPE_CHECKING:
    from config.kernel.people import User
    from refunds.models import Order

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ROUNDS = 5
PARTS = 4


def file_on(world: World, order: Order, who: User) -> RefundRequest:
    return workflow.file_request(draft=world.draft_of(order), actor=fresh(who), at=NOON)


class TestSplittingAtOnce:
    def test_lets_one_part_pass_however_many_press_together(self) -> None:
        world, people = World(), [settle("amir"), settle("bot")]
        for _ in range(ROUNDS):
            ada = world.customer()
            orders = [world.order(unit_minor=40_00, customer=ada) for _ in range(PARTS)]
            results = in_the_same_instant(
                *[partial(file_on, world, order, people[place % 2]) for place, order in enumerate(orders)]
            )
            assert losers(results) == []
            states = list(RefundRequest.objects.filter(customer=ada).values_list("state", flat=True))
            assert sorted(states) == sorted([State.APPROVED, *[State.AWAITING_APPROVAL] * (PARTS - 1)])
