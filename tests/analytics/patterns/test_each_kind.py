"""Each kind of pattern on its own: planted in a clean year it is told, with its rows; without it nothing is."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from analytics.patterns.customers import FEWEST_RETURNS, serial_refunders
from analytics.patterns.finding import signals_in
from analytics.patterns.rows import Observed
from analytics.patterns.weeks import charts, monday

from .year import AGENTS, APPROVERS, FROM_AT, LIMIT, TEAM, clean_year

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from analytics.patterns.rows import Asked, Signed
    from analytics.patterns.signals import Signal

    from .year import Year

AGENT, APPROVER = AGENTS[3], APPROVERS[5]


def told(year: Year) -> dict[tuple[str, str], Signal]:
    return {(signal.kind.slug, signal.key): signal for signal in signals_in(year.observed())}


def change(year: Year, new: Callable[[Asked], Asked]) -> None:
    """Change requests, and what was decided on them."""
    year.requests = [new(one) for one in year.requests]
    known = {one.id: one for one in year.requests}
    year.decisions = [replace(one, request=known[one.request.id]) for one in year.decisions]


def ids(requests: list[Asked]) -> set[UUID]:
    return {one.id for one in requests}


class TestApprovers:
    def test_one_who_grants_more_than_the_policy_allows_is_told(self) -> None:
        year = clean_year(5)
        hers = {one.request.id for one in year.decisions if one.approver_id == APPROVER}
        change(
            year,
            lambda one: (
                replace(one, allowed_minor=one.amount_minor // 3)
                if one.id in hers and one.amount_minor % 3 == 0
                else one
            ),
        )

        signal = told(year)["approvers", f"overridden-{APPROVER}"]
        over = [one.request for one in year.decisions if one.approver_id == APPROVER and one.request.is_override]
        assert set(signal.rows) == ids(over)

    def test_one_who_declines_far_more_is_told(self) -> None:
        year = clean_year(5)
        hers = {one.request.id for one in year.decisions if one.approver_id == APPROVER}
        change(
            year, lambda one: replace(one, is_declined=True) if one.id in hers and one.amount_minor % 3 == 0 else one
        )
        year.decisions = [replace(one, is_approval=not one.request.is_declined) for one in year.decisions]

        assert ("approvers", f"approved-{APPROVER}") in told(year)

    def test_one_who_is_handed_the_hard_ones_is_not(self) -> None:
        year = clean_year(5)
        # Everything in one code is declined seven times of ten, and one approver gets two thirds of that code.
        change(
            year,
            lambda one: replace(one, is_declined=one.amount_minor % 10 < 7) if one.reason == "damaged" else one,
        )

        def handed(one: Signed) -> Signed:
            is_hers = one.request.reason == "damaged" and one.request.amount_minor % 3
            return replace(
                one, approver_id=APPROVER if is_hers else one.approver_id, is_approval=not one.request.is_declined
            )

        year.decisions = [handed(one) for one in year.decisions]
        hers = [one for one in year.decisions if one.approver_id == APPROVER]
        assert sum(one.is_approval for one in hers) / len(hers) < 0.75

        assert ("approvers", f"approved-{APPROVER}") not in told(year)

    def test_few_decisions_are_hidden_however_odd(self) -> None:
        year = clean_year(5)
        newcomer, seen = 7_999, 0
        for place, one in enumerate(year.decisions):
            if one.request.is_declined and seen < 19:
                year.decisions[place] = replace(one, approver_id=newcomer)
                seen += 1

        assert not [signal for signal in told(year).values() if newcomer in signal.people]


class TestStamping:
    def test_bursts_are_told(self) -> None:
        year = clean_year(5)
        hers = [one for one in year.decisions if one.approver_id == APPROVER]
        others = [one for one in year.decisions if one.approver_id != APPROVER]
        at_once = [
            replace(one, decided_at=FROM_AT + timedelta(days=place // 10, seconds=20 * (place % 10)))
            for place, one in enumerate(hers)
        ]
        year.decisions = others + at_once

        found = told(year)
        assert ("stamping", f"bursts-{APPROVER}") in found
        assert {signal.people for signal in found.values()} == {(APPROVER,)}


class TestPairs:
    def test_the_same_two_are_told(self) -> None:
        year = clean_year(5)
        year.decisions = [
            replace(one, approver_id=APPROVER) if one.request.agent_id == AGENT else one for one in year.decisions
        ]

        signal = told(year)["pairs", f"{TEAM}-{APPROVER}-{AGENT}"]
        assert signal.people == (APPROVER, AGENT)
        assert set(signal.rows) == ids([one.request for one in year.decisions if one.request.agent_id == AGENT])


class TestAmounts:
    def test_a_slip_of_the_finger_is_told(self) -> None:
        year = clean_year(5)
        slip = year.requests[7]
        change(year, lambda one: replace(one, amount_minor=60_000_00) if one.id == slip.id else one)

        assert told(year)["amounts", f"{TEAM}-GBP-{slip.reason}"].rows[0] == slip.id


class TestHugging:
    def test_one_who_asks_for_what_passes_is_told(self) -> None:
        year = clean_year(5)
        change(
            year,
            lambda one: (
                replace(one, amount_minor=97_50)
                if one.agent_id == AGENT and 100_00 < one.amount_minor < 160_00
                else one
            ),
        )

        signal = told(year)["hugging", f"{TEAM}-GBP-{LIMIT.minor}-{AGENT}"]
        hers = [one for one in year.requests if one.agent_id == AGENT and 90_00 <= one.amount_minor <= 100_00]
        assert set(signal.rows) == ids(hers)

    def test_a_price_that_everybody_meets_is_not(self) -> None:
        year = clean_year(5)
        change(year, lambda one: replace(one, amount_minor=97_50) if 100_00 < one.amount_minor < 160_00 else one)

        assert not [key for key in told(year) if key[0] == "hugging"]


class TestCodes:
    def test_one_who_always_uses_the_same_is_told(self) -> None:
        year = clean_year(5)
        change(
            year,
            lambda one: (
                replace(one, exception_code="GOODWILL") if one.agent_id == AGENT and one.amount_minor % 4 == 0 else one
            ),
        )

        signal = told(year)["codes", f"{TEAM}-{AGENT}-exception code-GOODWILL"]
        hers = [one for one in year.requests if one.agent_id == AGENT and one.exception_code == "GOODWILL"]
        assert set(signal.rows) == ids(hers)


class TestWeeks:
    def test_a_week_in_which_most_was_declined_is_told(self) -> None:
        year = clean_year(5)
        odd = monday(FROM_AT + timedelta(weeks=20))
        change(year, lambda one: replace(one, is_declined=True) if monday(one.submitted_at) == odd else one)

        signal = told(year)["weeks", f"{TEAM}-declined-{odd:%Y-%m-%d}"]
        assert set(signal.rows) == ids([one for one in year.requests if monday(one.submitted_at) == odd])

    def test_a_long_shift_is_told_by_its_run(self) -> None:
        year = clean_year(5)
        since = FROM_AT + timedelta(weeks=26)
        change(year, lambda one: replace(one, amount_minor=one.amount_minor * 3) if one.submitted_at > since else one)

        found = told(year)
        assert ("weeks", f"{TEAM}-GBP-run") in found
        assert ("drift", f"{TEAM}-amounts") in found

    def test_weeks_before_a_shop_opened_are_no_weeks_of_it(self) -> None:
        year = clean_year(5)
        opened = FROM_AT + timedelta(weeks=30)
        late = {one.id for one in year.requests if one.submitted_at > opened}
        year.requests = [one for one in year.requests if one.id in late]
        year.decisions = [one for one in year.decisions if one.request.id in late]

        assert [key for kind, key in told(year) if kind == "weeks" and "GBP" in key] == []
        assert {series.weeks[0] > opened.date() for series in charts(year.observed())} == {True}

    def test_too_few_weeks_with_money_are_no_chart(self) -> None:
        year = clean_year(5)
        since = FROM_AT + timedelta(weeks=45)
        change(year, lambda one: one if one.submitted_at > since else replace(one, is_declined=True))

        assert [key for kind, key in told(year) if kind == "weeks" and "GBP" in key] == []


class TestSerial:
    def test_credits_without_an_order_are_no_orders_given_back(self) -> None:
        year = clean_year(5)
        returned = Counter(one.customer for one in year.requests if one.customer is not None)
        customer = next(customer for customer, count in returned.items() if count == FEWEST_RETURNS - 1)
        year.ask(year.orders.index(customer), order_id=None)

        assert str(customer) not in {signal.key for signal in serial_refunders(year.observed()).candidates}


class TestNothing:
    def test_of_nothing_is_nothing(self) -> None:
        assert signals_in(Observed(from_at=FROM_AT, to_at=FROM_AT, requests=[])) == []
