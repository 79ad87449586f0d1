"""A backtest counts what it says it counts, can be stopped, begun again, and asks nobody twice."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import DataError, connection

from config.kernel import jobs, outbox
from config.kernel.jobs import Job, JobState, StillRunning
from config.kernel.people import assign_to_teams
from config.kernel.refusals import NotPermitted, Refused
from policies.models import Backtest, BacktestFlip, PolicyDecision
from policies.simulation import backtesting, slices
from policies.simulation.backtesting import run_backtest
from tests.harness.people import fresh, settle
from tests.harness.stillness import refused
from tests.harness.world import NOON
from tests.policies.simulation.stored import FIRST_DAY, decided, draft_document

if TYPE_CHECKING:
    from collections.abc import Callable

    from config.kernel.people import User
    from tests.harness.world import World

    Ask = Callable[..., Backtest]


def as_stored(backtest: Backtest) -> Backtest:
    """Read a backtest anew, with its job."""
    return Backtest.objects.select_related("job").get(pk=backtest.pk)


def result_of(backtest: Backtest) -> dict[str, Any]:
    """Run it and answer what came of it."""
    run_backtest(job_id=backtest.job_id, at=NOON)
    ended = as_stored(backtest)
    assert ended.job.state == JobState.SUCCEEDED
    assert ended.job.result == ended.result
    assert ended.result is not None
    result: dict[str, Any] = ended.result
    return result


def cell(old: str, new: str, currency: str, count: int, amount_minor: int) -> dict[str, Any]:
    """Write a cell of the table."""
    return {"old": old, "new": new, "currency": currency, "count": count, "amount_minor": amount_minor}


def moved(count: int, amount_minor: int) -> dict[str, int]:
    """Write what moved."""
    return {"count": count, "amount_minor": amount_minor}


class TestTheResult:
    def test_is_what_one_adds_up_by_hand(self, ask: Ask, dozen: list[PolicyDecision]) -> None:
        result = result_of(ask())

        assert (result["rows"], result["flips"], result["days_of_data"], result["is_short"]) == (11, 3, 10, True)
        assert result["cells"] == [
            cell("allow", "allow", "GBP", 3, 125_00),
            cell("allow", "require_approval", "GBP", 1, 40_00),
            cell("block", "block", "GBP", 1, 6_000_00),
            cell("exception", "exception", "GBP", 1, 20_00),
            cell("require_approval", "allow", "GBP", 2, 115_00),
            cell("require_approval", "require_approval", "EUR", 1, 10_00),
            cell("require_approval", "require_approval", "GBP", 2, 760_01),
        ]

    def test_says_what_money_moves_in_each_currency(self, ask: Ask, dozen: list[PolicyDecision]) -> None:
        still = dict.fromkeys(["to_automatic", "to_people", "to_reviewers", "to_blocked"], moved(0, 0))

        assert result_of(ask())["moved"] == [
            {"currency": "EUR", **still},
            {"currency": "GBP", **still, "to_automatic": moved(2, 115_00), "to_people": moved(1, 40_00)},
        ]

    def test_counts_the_signatures_of_each_role_under_the_document_of_its_time(
        self, ask: Ask, dozen: list[PolicyDecision]
    ) -> None:
        # Before: five decisions with one approver. Now: four, and one of them with two of finance besides.
        assert result_of(ask())["approvals"] == [
            {"role": "approver", "old_signatures": 5, "new_signatures": 4, "extra_per_day": "-0.1"},
            {"role": "finance", "old_signatures": 0, "new_signatures": 2, "extra_per_day": "0.2"},
        ]

    def test_says_which_facts_were_not_recorded(self, ask: Ask, dozen: list[PolicyDecision]) -> None:
        assert result_of(ask())["unknown"] == {"sums.customer.7": 11, "tenure": 1}

    def test_names_each_decision_that_would_flip(self, ask: Ask, dozen: list[PolicyDecision]) -> None:
        backtest = ask()
        result_of(backtest)

        assert {
            (flip.decision_id, flip.old_outcome, flip.new_outcome)
            for flip in BacktestFlip.objects.filter(backtest=backtest)
        } == {
            (dozen[3].pk, "require_approval", "allow"),
            (dozen[4].pk, "require_approval", "allow"),
            (dozen[10].pk, "allow", "require_approval"),
        }

    def test_of_an_empty_window_is_empty(self, ask: Ask, dozen: list[PolicyDecision]) -> None:
        result = result_of(ask(from_at=FIRST_DAY - timedelta(days=9), until_at=FIRST_DAY))

        assert result == {
            "rows": 0,
            "flips": 0,
            "days_of_data": 0,
            "is_short": True,
            "unknown": {},
            "cells": [],
            "moved": [],
            "approvals": [],
        }

    def test_begins_with_the_window_and_ends_before_it(self, ask: Ask, dozen: list[PolicyDecision]) -> None:
        one_day = ask(from_at=FIRST_DAY + timedelta(days=1), until_at=FIRST_DAY + timedelta(days=2))

        assert result_of(one_day)["rows"] == 2

    def test_leaves_out_what_another_team_decided(self, world: World, ask: Ask) -> None:
        decided(world.policy("us-dtc"), "allow", 30_00)

        assert result_of(ask())["rows"] == 0

    def test_is_the_same_however_small_the_slices(
        self, ask: Ask, dozen: list[PolicyDecision], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        whole = result_of(ask())
        monkeypatch.setattr(slices, "ROWS_OF_A_SLICE", 1)

        assert result_of(ask()) == whole

    def test_counts_all_flips_and_lists_as_many_as_fit(
        self, ask: Ask, dozen: list[PolicyDecision], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(backtesting, "MOST_FLIPS", 2)
        monkeypatch.setattr(slices, "ROWS_OF_A_SLICE", 1)
        backtest = ask()

        assert result_of(backtest)["flips"] == 3
        assert BacktestFlip.objects.filter(backtest=backtest).count() == 2

    def test_changes_no_decision_and_no_customer(self, ask: Ask, dozen: list[PolicyDecision]) -> None:
        before = list(PolicyDecision.objects.order_by("pk").values())

        result_of(ask())

        assert list(PolicyDecision.objects.order_by("pk").values()) == before


class TestABacktestUnderWay:
    def test_is_run_by_the_news_of_its_job(self, ask: Ask, dozen: list[PolicyDecision]) -> None:
        backtest = ask()

        outbox.drain()

        assert as_stored(backtest).job.state == JobState.SUCCEEDED

    def test_says_how_far_it_is(self, ask: Ask, dozen: list[PolicyDecision]) -> None:
        backtest = ask()
        result_of(backtest)

        assert (as_stored(backtest).job.done, as_stored(backtest).job.total) == (11, 11)

    def test_stops_after_the_slice_it_is_at_and_keeps_nothing(
        self, ask: Ask, dozen: list[PolicyDecision], milo: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        backtest, judge = ask(), slices.judge_slice
        monkeypatch.setattr(slices, "ROWS_OF_A_SLICE", 2)

        def judge_then_cancel(*args: Any, **kwargs: Any) -> Any:
            backtesting.cancel_backtest(backtest=backtest, actor=milo)
            return judge(*args, **kwargs)

        monkeypatch.setattr(backtesting, "judge_slice", judge_then_cancel)
        run_backtest(job_id=backtest.job_id, at=NOON)

        stopped = as_stored(backtest)
        assert (stopped.job.state, stopped.result) == (JobState.CANCELLED, None)
        assert 0 < stopped.job.done < 11
        assert not BacktestFlip.objects.filter(backtest=backtest).exists()

    def test_is_not_stopped_by_somebody_else(self, ask: Ask, mei: User) -> None:
        backtest = ask()

        with pytest.raises(NotPermitted):
            backtesting.cancel_backtest(backtest=backtest, actor=mei)

        assert not as_stored(backtest).job.is_cancel_wanted

    def test_begins_again_after_a_killed_worker_and_counts_nothing_twice(
        self, ask: Ask, dozen: list[PolicyDecision], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        backtest, judge, calls = ask(), slices.judge_slice, []
        monkeypatch.setattr(slices, "ROWS_OF_A_SLICE", 2)

        def killed(*args: Any, **kwargs: Any) -> Any:
            calls.append(1)
            if len(calls) == 3:
                raise KeyboardInterrupt
            return judge(*args, **kwargs)

        monkeypatch.setattr(backtesting, "judge_slice", killed)
        with pytest.raises(KeyboardInterrupt):
            run_backtest(job_id=backtest.job_id, at=NOON)
        assert as_stored(backtest).job.state == JobState.RUNNING
        assert BacktestFlip.objects.filter(backtest=backtest).exists()

        assert result_of(backtest)["flips"] == 3
        assert BacktestFlip.objects.filter(backtest=backtest).count() == 3

    def test_is_not_run_by_a_second_worker_at_the_same_time(self, ask: Ask, dozen: list[PolicyDecision]) -> None:
        backtest = ask()
        elsewhere = connection.copy()
        try:
            with elsewhere.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [f"job:{backtest.job_id}"])
            with pytest.raises(StillRunning):
                run_backtest(job_id=backtest.job_id, at=NOON)
        finally:
            elsewhere.close()

        # The first worker is dead and its connection with it.
        assert result_of(backtest)["rows"] == 11

    def test_that_is_over_is_not_run_again(self, ask: Ask, dozen: list[PolicyDecision]) -> None:
        backtest = ask()
        before = result_of(backtest)
        decided(backtest.policy.versions.get(), "allow", 1_00, day=1)

        run_backtest(job_id=backtest.job_id, at=NOON)

        assert as_stored(backtest).result == before

    def test_ends_where_the_database_cannot_read_a_fact(
        self, ask: Ask, dozen: list[PolicyDecision], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        backtest = ask()

        def unreadable(*_args: Any, **_kwargs: Any) -> Any:
            raise DataError("value out of range")

        monkeypatch.setattr(backtesting, "judge_slice", unreadable)
        run_backtest(job_id=backtest.job_id, at=NOON)

        failed = as_stored(backtest).job
        assert (failed.state, failed.error) == (JobState.FAILED, "value out of range")


class TestAsking:
    @pytest.mark.parametrize("username", ["amir", "dana", "lena", "nobody"])
    def test_is_refused_without_the_right_to_read_versions(self, ask: Ask, username: str) -> None:
        with refused(NotPermitted, "not_permitted"):
            ask(actor=settle(username))

        assert not Job.objects.exists()

    def test_is_refused_to_a_reviewer_of_another_team(self, ask: Ask, mei: User, world: World) -> None:
        assign_to_teams(user=mei, teams=[world.team("us-dtc")])

        with refused(NotPermitted, "not_permitted"):
            ask(actor=fresh(mei))

    @pytest.mark.parametrize(
        ("window", "field"),
        [
            ({"from_at": NOON, "until_at": NOON}, "to"),
            ({"from_at": FIRST_DAY, "until_at": FIRST_DAY - timedelta(days=1)}, "to"),
            ({"from_at": NOON - timedelta(days=1_100), "until_at": NOON}, "from"),
            ({"from_at": NOON + timedelta(days=1), "until_at": NOON + timedelta(days=2)}, "from"),
        ],
    )
    def test_names_what_is_wrong_with_a_window(self, ask: Ask, window: dict[str, Any], field: str) -> None:
        with pytest.raises(Refused) as no:
            ask(**window)

        assert field in [reason.field for reason in no.value.reasons]
        assert not Job.objects.exists()

    def test_names_every_fault_of_a_document(self, ask: Ask, world: World) -> None:
        broken = draft_document(world.policy()) | {"tenure": {"minimum_days": 0}, "colour": "red"}

        with pytest.raises(Refused) as no:
            ask(document=broken)

        assert {reason.field for reason in no.value.reasons} == {"document.tenure.minimum_days", "document.colour"}

    def test_is_refused_while_three_others_are_under_way(self, ask: Ask, mei: User) -> None:
        for _ in range(3):
            ask()

        with pytest.raises(Refused, match="under way"):
            ask()
        assert ask(actor=mei).job.state == JobState.QUEUED

    def test_can_be_cancelled_before_it_began(self, ask: Ask, dozen: list[PolicyDecision]) -> None:
        backtest = ask()
        jobs.cancel_job(job_id=backtest.job_id)

        run_backtest(job_id=backtest.job_id, at=NOON)

        assert as_stored(backtest).job.state == JobState.CANCELLED
