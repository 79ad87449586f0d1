"""One scheduler rules; whoever was slow, stopped or gone sends nothing twice."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db.models.functions import Now

from config.kernel.ids import new_id
from config.kernel.scheduling import LastRun, SchedulerLease, claim_run, give_lease_up, hold_lease, last_runs
from tests.harness.races import in_the_same_instant

if TYPE_CHECKING:
    from uuid import UUID

pytestmark = pytest.mark.django_db


@pytest.fixture
def first() -> UUID:
    """A scheduler that rules."""
    holder = new_id()
    assert hold_lease(holder=holder)
    return holder


def let_it_run_out() -> None:
    """Do what fifteen seconds of silence do."""
    SchedulerLease.objects.update(until=Now() - timedelta(seconds=1))


class TestTheLease:
    def test_is_held_by_one_and_renewed_by_it(self, first: UUID) -> None:
        assert hold_lease(holder=new_id()) is False
        assert hold_lease(holder=first)
        assert SchedulerLease.objects.get().holder == first

    def test_that_ran_out_goes_to_whoever_asks(self, first: UUID) -> None:
        let_it_run_out()
        second = new_id()

        assert hold_lease(holder=second)
        assert hold_lease(holder=first) is False

    def test_that_was_given_up_is_free_at_once(self, first: UUID) -> None:
        give_lease_up(holder=first)

        assert hold_lease(holder=new_id())

    def test_is_given_up_by_its_holder_alone(self, first: UUID) -> None:
        give_lease_up(holder=new_id())

        assert SchedulerLease.objects.get().holder == first

    @pytest.mark.django_db(transaction=True)
    def test_goes_to_one_of_eight_that_ask_in_the_same_instant(self) -> None:
        holders = [new_id() for _ in range(8)]

        answers = in_the_same_instant(*(lambda holder=holder: hold_lease(holder=holder) for holder in holders))

        assert sorted(map(bool, answers)) == [False] * 7 + [True]
        assert SchedulerLease.objects.get().holder == holders[answers.index(True)]


class TestARun:
    def test_is_noted_by_whoever_rules(self, first: UUID) -> None:
        assert claim_run(holder=first, name="sweep")
        before = last_runs()["sweep"]

        assert claim_run(holder=first, name="sweep")
        assert last_runs()["sweep"] >= before
        assert LastRun.objects.count() == 1

    def test_is_not_for_whoever_rules_no_more(self, first: UUID) -> None:
        let_it_run_out()

        assert claim_run(holder=first, name="sweep") is False
        assert last_runs() == {}

    def test_is_not_for_whoever_was_followed(self, first: UUID) -> None:
        let_it_run_out()
        second = new_id()
        hold_lease(holder=second)

        assert claim_run(holder=first, name="sweep") is False
        assert claim_run(holder=second, name="sweep")
