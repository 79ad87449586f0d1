"""The limits of the day: a change of a limit or of a policy explains nothing that was decided before it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from analytics.patterns.finding import signals_in
from analytics.patterns.limits import near
from analytics.patterns.limits_in_force import EVER, EVER_AFTER, LimitsThen, Span, limits_then
from analytics.patterns.rows import Limit
from approvals.guards import Scope
from approvals.models import AuthorityLimit
from approvals.services.limits import confirm_change, propose_limit
from tests.harness.people import settle
from tests.harness.world import NOON

from .year import AGENTS, FROM_AT, SPLIT_CUSTOMER, TEAM, clean_year, plant_splitter

if TYPE_CHECKING:
    from datetime import datetime

    from tests.analytics.patterns.year import Year
    from tests.harness.world import World

AGENT = AGENTS[3]
RAISED_AT = FROM_AT + timedelta(days=180)


def then(*spans: Span) -> LimitsThen:
    return LimitsThen({}, {("refund", "GBP"): spans})


def on(limits: LimitsThen, at: datetime, *, team_id: int = TEAM, category: str = "refund") -> tuple[int, ...]:
    return limits.on(team_id=team_id, category=category, currency="GBP", version_id=None, at=at)


class TestOfTheDay:
    def test_is_the_old_limit_before_a_change_and_the_new_one_from_it_on(self) -> None:
        limits = then(Span(TEAM, EVER, RAISED_AT, 100_00), Span(TEAM, RAISED_AT, EVER_AFTER, 150_00))

        assert on(limits, RAISED_AT - timedelta(seconds=1)) == (100_00,)
        assert on(limits, RAISED_AT) == (150_00,)

    def test_is_of_the_team_or_of_every_team(self) -> None:
        limits = then(Span(TEAM, EVER, EVER_AFTER, 100_00), Span(None, EVER, EVER_AFTER, 500_00))

        assert on(limits, NOON) == (100_00, 500_00)
        assert on(limits, NOON, team_id=TEAM + 1) == (500_00,)
        assert on(limits, NOON, category="goodwill_credit") == ()


@pytest.mark.django_db
class TestLimitsThen:
    def test_follow_what_two_people_confirmed(self, world: World) -> None:
        dana, root, lena = (settle(name) for name in ("dana", "root", "lena"))
        scope = Scope(user=dana, category="payout", currency="GBP")
        for days, minor in ((0, 100_00), (10, 150_00)):
            at = NOON + timedelta(days=days)
            change = propose_limit(
                scope=scope, single_minor=minor, daily_minor=1_000_00, why="A post.", actor=root, at=at
            )
            confirm_change(change_id=change.pk, note="", actor=lena, at=at)

        # What was given before this test began has no confirmed change of its own here.
        limits = limits_then([]).spans["payout", "GBP"]
        mine = [span for span in limits if span.minor in {100_00, 150_00}]
        assert [(span.from_at, span.until_at, span.minor) for span in mine] == [
            (NOON, NOON + timedelta(days=10), 100_00),
            (NOON + timedelta(days=10), EVER_AFTER, 150_00),
        ]

    def test_take_one_that_nobody_changed_as_it_is(self, world: World) -> None:
        dana = settle("dana")
        minor = AuthorityLimit.objects.get(user=dana, category="refund", currency="GBP").single_minor

        assert minor in on(limits_then([]), NOON - timedelta(days=9_999), team_id=world.team().pk)

    def test_take_the_bands_of_the_version_that_judged(self, world: World) -> None:
        request = world.waiting(by=settle("amir"))
        assert request.decision is not None
        limits = limits_then([request.decision.version_id])
        threshold = limits.documents[request.decision.version_id].threshold_for("refund", "GBP")
        assert threshold is not None

        judged = limits.on(
            team_id=request.team_id,
            category="refund",
            currency="GBP",
            version_id=request.decision.version_id,
            at=NOON,
        )

        bands = {threshold.auto_up_to_minor, threshold.approve_up_to_minor}
        assert set(judged) == bands | set(on(limits, NOON, team_id=request.team_id))


def raised(year: Year, minor: int) -> Year:
    """Let the limit have been 100.00 until it was raised, half through the year."""
    year.requests = [replace(one, limits=(minor,)) if one.submitted_at >= RAISED_AT else one for one in year.requests]
    return year


class TestHugging:
    def test_looks_at_each_request_beside_the_limit_it_met(self) -> None:
        observed = raised(clean_year(5), 150_00).observed()

        assert {one.minor for one in observed.limits} == {100_00, 150_00}
        assert all(one.submitted_at < RAISED_AT for one in near(observed, Limit(TEAM, "GBP", 100_00)))
        assert all(one.submitted_at >= RAISED_AT for one in near(observed, Limit(TEAM, "GBP", 150_00)))

    def test_finds_what_was_asked_under_a_limit_that_is_gone(self) -> None:
        year = clean_year(5)
        year.requests = [
            replace(one, amount_minor=97_50)
            if one.agent_id == AGENT and 95_00 < one.amount_minor < 220_00 and one.submitted_at < RAISED_AT
            else one
            for one in year.requests
        ]
        observed = raised(year, 150_00).observed()

        keys = {signal.key for signal in signals_in(observed) if signal.kind.slug == "hugging"}
        assert keys == {f"{TEAM}-GBP-10000-{AGENT}"}


class TestSplitting:
    def test_is_no_splitting_before_there_was_a_limit(self) -> None:
        year = clean_year(5)
        plant_splitter(year)
        splits = {one.id for one in year.requests if one.customer == SPLIT_CUSTOMER}
        with_limit = year.observed()
        year.requests = [replace(one, limits=()) if one.id in splits else one for one in year.requests]

        def told(observed: object) -> bool:
            return any(signal.kind.slug == "splitting" for signal in signals_in(observed))  # type: ignore[arg-type]

        assert told(with_limit)
        assert not told(year.observed())
