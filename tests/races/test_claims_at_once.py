"""Many who ask for the next in the same instant get different ones."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from approvals.models import ApprovalRoute, ApprovalStep
from approvals.queue_view import QueueView
from approvals.services.leasing import claim_next
from tests.harness.people import fresh
from tests.harness.races import in_the_same_instant
from tests.harness.world import NOON, World

if TYPE_CHECKING:
    from config.kernel.people import User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


class TestTwentyClaims:
    def test_are_of_twenty_requests(
        self, world: World, amir: User, dana: User, viktor: User, vera: User, zeus: User
    ) -> None:
        for _ in range(20):
            world.waiting(by=amir, pounds=60)

        claimed = in_the_same_instant(
            *(
                partial(claim_next, wanted=QueueView(), actor=fresh(who), at=NOON)
                for who in (dana, viktor, vera, zeus)
                for _ in range(5)
            )
        )

        routes = [route for route in claimed if isinstance(route, ApprovalRoute)]
        assert len({route.pk for route in routes}) == len(routes) == 20
        assert ApprovalStep.objects.filter(leased_by__isnull=False).count() == 20
