"""One service account asking many times in the same instant: never for more than it may within a day."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from approvals.services.service_accounts import open_account
from config.kernel.refusals import NotPermitted
from config.kernel.service_accounts import AskingLimit
from refunds import workflow
from refunds.models import Order, RefundRequest
from tests.harness.people import fresh, settle
from tests.harness.races import in_the_same_instant, losers
from tests.harness.world import NOON, World

if TYPE_CHECKING:
    from config.kernel.people import User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

MAY_ASK, ASKS = 2, 6


def file_on(world: World, order: Order, who: User) -> RefundRequest:
    """File a request."""
    return workflow.file_request(draft=world.draft_of(order), actor=fresh(who), at=NOON)


class TestAskingAtOnce:
    def test_never_passes_the_limit_of_a_day(self) -> None:
        world, bot, root = World(), settle("bot"), settle("root")
        account = open_account(
            username="bot", purpose="Any", owner=settle("lena"), teams=world.teams.values(), actor=root, at=NOON
        )
        orders = [world.order(unit_minor=40_00) for _ in range(ASKS)]
        each = world.draft_of(orders[0])
        first = workflow.file_request(draft=each, actor=fresh(settle("amir")), at=NOON)
        AskingLimit.objects.create(
            account=account,
            currency=first.currency,
            single_minor=first.requested_minor,
            daily_minor=first.requested_minor * MAY_ASK,
        )

        results = in_the_same_instant(*[partial(file_on, world, order, bot) for order in orders[1:]])

        refused = losers(results)
        assert len(refused) == ASKS - 1 - MAY_ASK
        assert {type(no) for no in refused} == {NotPermitted}
        assert RefundRequest.objects.filter(requested_by=bot).count() == MAY_ASK
