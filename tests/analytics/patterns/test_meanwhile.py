"""Reading while others work: what comes in between two queries is in the next reading, whole."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics.patterns.reading import observe
from refunds.models import RefundRequest
from tests.harness.world import NOON

if TYPE_CHECKING:
    from collections.abc import Callable

    from config.kernel.people import User
    from tests.harness.world import World


@pytest.mark.django_db
class TestObserve:
    def test_leaves_to_the_next_reading_who_asks_for_the_first_time_meanwhile(self, world: World, amir: User) -> None:
        """Every table may be read at another moment: whatever comes in between is left out whole."""

        def one_more() -> None:
            world.filed(world.order(customer=world.customer()), by=amir)

        one_more()
        first, last = NOON - timedelta(days=400), NOON + timedelta(days=400)
        with CaptureQueriesContext(connection) as asked:
            observe(teams=[world.team().pk], from_at=first, to_at=last)
        for place in range(len(asked)):
            before = RefundRequest.objects.count()
            with connection.execute_wrapper(_After(place, one_more)):
                read = observe(teams=[world.team().pk], from_at=first, to_at=last)

            assert before <= len(read.requests) <= before + 1
            assert {one.request.id for one in read.decisions} <= {one.id for one in read.requests}


class _After:
    """Does something right before a query of a certain number."""

    def __init__(self, place: int, do: Callable[[], object]) -> None:
        self.left, self.do = place, do

    def __call__(self, execute: Any, *words: Any) -> Any:
        do, self.left = (self.do if self.left == 0 else None), self.left - 1
        if do is not None:
            do()
        return execute(*words)
