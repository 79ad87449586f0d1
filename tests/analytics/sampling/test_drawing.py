"""Samples are drawn by lot, by a seed anybody can draw by again."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.db import ProgrammingError, transaction

from analytics.models import Sample, SampledDecision
from analytics.sampling.drawing import is_drawn_the_same
from analytics.sampling.lots import drawn, fingerprint
from analytics.sampling.populations import Decided, decisions_of, read_decisions
from config.kernel.refusals import NotPermitted, Refused
from evidence.models import LedgerEntry
from refunds.models import RefundRequest
from tests.harness.people import settle

from .stage import TODAY, automatic, declined, drawn_by, signed

if TYPE_CHECKING:
    from config.kernel.people import User
    from tests.harness.world import World

IDS = [UUID(int=number) for number in range(1, 201)]


class TestLots:
    def test_are_the_same_for_the_same_seed_whatever_the_order(self) -> None:
        lots = [(one, 1) for one in IDS]

        assert drawn(lots, size=10, seed="a") == drawn(lots[::-1], size=10, seed="a")
        assert drawn(lots, size=10, seed="a") != drawn(lots, size=10, seed="b")
        assert drawn(lots, size=10, seed="a") == drawn(lots, size=20, seed="a")[:10]

    def test_are_fair(self) -> None:
        """Each of 20 is among 5 drawn with the chance of a quarter; of 4,000 draws 1,000 take it, give or take 109.

        109 is four times the standard deviation of a binomial of 4,000 and a quarter.
        """
        lots = [(one, 1) for one in IDS[:20]]
        taken = Counter(one for seed in range(4_000) for one in drawn(lots, size=5, seed=str(seed)))

        assert len(taken) == 20
        assert all(abs(count - 1_000) <= 110 for count in taken.values())

    def test_prefer_by_weight(self) -> None:
        """One of weight 3 against three of weight 1 is drawn first in every second draw."""
        lots = [(IDS[0], 3), *((one, 1) for one in IDS[1:4])]
        first = sum(drawn(lots, size=1, seed=str(seed)) == [IDS[0]] for seed in range(4_000))

        assert abs(first - 2_000) <= 127

    def test_are_drawn_from_what_a_hash_names(self) -> None:
        assert fingerprint(IDS) == fingerprint(IDS[::-1]) != fingerprint(IDS[1:])


@pytest.mark.django_db
class TestADraw:
    def test_takes_the_decisions_of_the_days_and_says_which(self, world: World, sam: User) -> None:
        mine = [*automatic(world, 2), *signed(world, 2), declined(world)]
        world.filed(world.order(team="us-dtc"), by=settle("amir"))
        world.waiting(by=settle("amir"))

        sample = drawn_by(sam)

        assert set(sample.decisions.values_list("refund_request_id", flat=True)) == {one.pk for one in mine}
        assert sample.strata == {
            "people: approve": {"decisions": 2, "drawn": 2},
            "people: decline": {"decisions": 1, "drawn": 1},
            "policy: approve": {"decisions": 2, "drawn": 2},
        }
        assert (sample.seed, sample.population_count) == ("november", 5)
        assert "decided_at" in sample.query
        entry = LedgerEntry.objects.get(kind="quality_sample.drawn", subject_id=sample.pk)
        assert entry.sentence == "drew 5 of 5 decisions of uk-retail, at random."

    @pytest.mark.parametrize(("population", "count"), [("automatic", 2), ("human", 3), ("every", 5)])
    def test_is_from_whose_decisions_it_says(self, world: World, sam: User, population: str, count: int) -> None:
        automatic(world, 2)
        signed(world, 2)
        declined(world)

        assert drawn_by(sam, population=population).population_count == count

    def test_comes_out_the_same_again_until_decisions_change(self, world: World, sam: User) -> None:
        automatic(world, 6)
        sample, again, other = (drawn_by(sam, size=3, seed=seed) for seed in ("a", "a", "b"))
        places = [
            list(one.decisions.order_by("place").values_list("refund_request_id", flat=True))
            for one in (sample, again, other)
        ]

        assert places[0] == places[1] != places[2]
        assert is_drawn_the_same(sample)
        automatic(world)
        assert not is_drawn_the_same(sample)

    def test_makes_a_seed_where_none_is_named(self, world: World, sam: User) -> None:
        automatic(world)

        assert len(drawn_by(sam, seed="").seed) == 16

    def test_by_risk_weighs_what_looks_risky(self, world: World, sam: User) -> None:
        plain, odd = automatic(world, 12)[0], signed(world)[0]
        RefundRequest.objects.filter(pk=odd.pk).update(exception_code="OTHER")

        found: dict[UUID, Decided] = {
            one.id: one
            for one in read_decisions(decisions_of(odd.team, from_on=TODAY, to_on=TODAY, population="every"))
        }

        # An exception 3, signed within two minutes 2, among the largest tenth 3.
        assert (found[plain.pk].weight, found[odd.pk].weight) == (1, 9)
        assert drawn_by(sam, method="risk", size=1).decisions.count() == 1

    @pytest.mark.parametrize(
        ("words", "code"),
        [
            ({"team": "nowhere"}, "unknown_team"),
            ({"to_on": TODAY - timedelta(days=1)}, "refused"),
            ({"from_on": TODAY - timedelta(days=400)}, "refused"),
            ({"to_on": date.max, "from_on": date.max}, "refused"),
            ({"size": 0}, "refused"),
            ({"size": 501}, "refused"),
            ({"method": "best"}, "refused"),
            ({"from_on": TODAY + timedelta(days=1), "to_on": TODAY + timedelta(days=1)}, "nothing_to_draw"),
        ],
    )
    def test_of_nonsense_is_refused(self, world: World, sam: User, words: dict[str, Any], code: str) -> None:
        automatic(world)

        with pytest.raises(Refused) as no:
            drawn_by(sam, **words)

        assert no.value.code == code
        assert not Sample.objects.exists()

    def test_needs_the_right_and_the_team(self, world: World) -> None:
        automatic(world)

        for name in ("mei", "ada", "root"):
            with pytest.raises(NotPermitted):
                drawn_by(settle(name))

    def test_stays_as_it_was_drawn(self, world: World, sam: User) -> None:
        automatic(world)
        sample = drawn_by(sam)

        for change in (
            lambda: Sample.objects.filter(pk=sample.pk).update(seed="x"),
            lambda: SampledDecision.objects.filter(sample=sample).update(outcome="decline"),
            lambda: SampledDecision.objects.filter(sample=sample).delete(),
        ):
            with pytest.raises(ProgrammingError, match="Cannot"), transaction.atomic():
                change()
