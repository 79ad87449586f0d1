"""Several workers in the same instant: the budget of a day is one for all of them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from refunds.models import ProposalDay
from refunds.proposing.budget import settle_share, take_share
from tests.harness.races import in_the_same_instant
from tests.harness.world import NOON

if TYPE_CHECKING:
    from pytest_django import Settings

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

WORKERS = 8


class TestTheBudgetOfADay:
    def test_lets_as_many_calls_through_as_it_has(self, settings: Settings) -> None:
        settings.MODEL_DAY_CALLS, settings.MODEL_DAY_TOKENS = 3, 1_000_000

        took = in_the_same_instant(*[partial(take_share, NOON.date(), tokens=10)] * WORKERS)

        assert sorted(map(bool, took)) == [False] * 5 + [True] * 3
        assert ProposalDay.objects.get().call_count == 3

    def test_is_never_overdrawn_by_tokens(self, settings: Settings) -> None:
        settings.MODEL_DAY_CALLS, settings.MODEL_DAY_TOKENS = 100, 1_000

        took = in_the_same_instant(*[partial(take_share, NOON.date(), tokens=300)] * WORKERS)

        assert took.count(True) == 3
        assert ProposalDay.objects.get().token_count == 900

    def test_loses_no_count_when_all_settle_at_once(self, settings: Settings) -> None:
        settings.MODEL_DAY_CALLS, settings.MODEL_DAY_TOKENS = 100, 1_000_000
        for _ in range(WORKERS):
            take_share(NOON.date(), tokens=100)

        in_the_same_instant(*[partial(settle_share, NOON.date(), taken=100, used=150)] * WORKERS)

        assert ProposalDay.objects.get().token_count == WORKERS * 150
