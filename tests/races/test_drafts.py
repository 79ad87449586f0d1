"""The intake form keeps its draft at every change, and changes come faster than answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from refunds import drafting
from refunds.models import RefundRequest
from tests.harness.races import in_the_same_instant, losers
from tests.harness.world import NOON

if TYPE_CHECKING:
    from config.kernel.people import User
    from tests.harness.world import World

pytestmark = [pytest.mark.django_db(transaction=True)]


class TestKeepDraft:
    """One person, one order, two changes."""

    def test_of_one_order_in_the_same_instant_is_one_draft(self, world: World, amir: User) -> None:
        order = world.order()

        def keep() -> RefundRequest:
            return drafting.keep_draft(draft=world.draft_of(order), actor=amir, at=NOON)

        assert losers(in_the_same_instant(keep, keep)) == []
        assert RefundRequest.objects.filter(order=order).count() == 1
