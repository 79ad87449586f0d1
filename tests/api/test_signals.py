"""What stands out, over the API."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics.models import PatternReading, PatternSignal
from analytics.patterns.marking import look_into
from config.kernel.ids import new_id
from tests.harness.people import settle
from tests.harness.world import NOON

if TYPE_CHECKING:
    from collections.abc import Callable

    from config.kernel.people import Team
    from tests.harness.world import World

    from .conftest import Caller

pytestmark = pytest.mark.django_db


def reading(team: Team | None) -> PatternReading:
    return PatternReading.objects.create(
        team=team, from_at=NOON - timedelta(days=365), to_at=NOON, is_cut=False, request_count=90, decision_count=80,
        plots={}, read_at=NOON,
    )  # fmt: skip


def signal(of: PatternReading, *teams: Team, place: int = 0, **more: Any) -> PatternSignal:
    words = {"pattern": "codes", "key": f"key-{place}", "people": [settle("amir").pk], "p_value": 0.001, **more}
    return PatternSignal.objects.create(
        reading=of, place=place, standing_id=new_id(), first_seen_at=NOON - timedelta(days=place), is_new=not place,
        sentence="9 of 10 requests of {0} carry the reason “other”.", numbers=[["Share", "90.0 %"]],
        request_ids=[new_id()], request_count=9, team_ids=sorted(team.pk for team in teams), **words,
    )  # fmt: skip


@pytest.fixture
def british(world: World) -> PatternReading:
    """A reading of the British team."""
    return reading(world.team())


class TestSignals:
    """GET /analytics/signals."""

    def test_say_what_was_seen_and_when_it_means_nothing(
        self, british: PatternReading, world: World, calling: Callable[[str], Caller]
    ) -> None:
        kept = signal(british, world.team())

        [told] = calling("sam").get("analytics/signals").json()["results"]

        amir = str(settle("amir"))
        assert told["id"] == str(kept.standing_id)
        assert told["sentence"] == f"9 of 10 requests of {amir} carry the reason “other”."
        assert told["numbers"] == [{"name": "Share", "value": "90.0 %"}]
        assert (told["teams"], told["people"]) == (["uk-retail"], [amir])
        assert (told["p_value"], told["is_new"], told["state"], told["answer"]) == (0.001, True, "open", None)
        assert "sees its faults all day" in told["may_mean_nothing"]

    def test_name_nobody_to_who_may_not_know(
        self, british: PatternReading, world: World, calling: Callable[[str], Caller]
    ) -> None:
        signal(british, world.team())

        answer = calling("dana").get("analytics/signals")

        [told] = answer.json()["results"]
        assert (told["people"], "Person 1" in told["sentence"]) == (None, True)
        assert str(settle("amir")) not in answer.content.decode()

    def test_keep_to_the_teams_of_the_caller(
        self, british: PatternReading, world: World, calling: Callable[[str], Caller]
    ) -> None:
        home, away = world.team(), world.team("us-dtc")
        signal(british, home)
        signal(reading(away), away, key="away")
        signal(reading(None), home, away, key="both")

        keys = {name: len(calling(name).get("analytics/signals").json()["results"]) for name in ("sam", "luis")}
        american = calling("sam").get("analytics/signals", team="us-dtc").json()["results"]
        nowhere = calling("sam").get("analytics/signals", team="nowhere").json()["results"]

        assert keys == {"sam": 3, "luis": 1}
        assert sorted(told["teams"] for told in american) == [["uk-retail", "us-dtc"], ["us-dtc"]]
        assert nowhere == []

    def test_are_narrowed_by_pattern_and_by_whether_somebody_looked(
        self, british: PatternReading, world: World, calling: Callable[[str], Caller]
    ) -> None:
        done, other = signal(british, world.team()), signal(british, world.team(), place=1, pattern="serial")
        look_into(
            standing_id=done.standing_id, answer="explained", note="A fault.", code="", actor=settle("sam"), at=NOON
        )
        sam = calling("sam")

        def ids(**query: str) -> list[str]:
            return [told["id"] for told in sam.get("analytics/signals", **query).json()["results"]]

        assert ids(pattern="serial") == [str(other.standing_id)]
        assert ids(state="open") == [str(other.standing_id)]
        assert ids(state="looked_into") == [str(done.standing_id)]
        [told] = sam.get("analytics/signals", state="looked_into").json()["results"]
        assert (told["state"], told["answer"]) == ("looked_into", "explained")
        assert "A fault." not in str(told)

    def test_come_page_by_page_newest_first(
        self, british: PatternReading, world: World, calling: Callable[[str], Caller]
    ) -> None:
        made = [str(signal(british, world.team(), place=place).standing_id) for place in range(5)]
        sam = calling("sam")

        seen, address = [], "analytics/signals?page_size=2"
        while address:
            page = sam.get(address).json()
            seen += [told["id"] for told in page["results"]]
            address = (page["next"] or "").partition("/api/v1/")[2]

        assert seen == made

    def test_leave_out_readings_that_stand_no_more(
        self, british: PatternReading, world: World, calling: Callable[[str], Caller]
    ) -> None:
        signal(british, world.team())
        PatternReading.objects.update(is_standing=False)

        assert calling("sam").get("analytics/signals").json()["results"] == []

    @pytest.mark.parametrize("query", ["pattern=gossip", "state=guilty", "cursor=x", "page_size=0", "colour=red"])
    def test_refuse_what_makes_no_sense(self, calling: Callable[[str], Caller], query: str) -> None:
        assert calling("sam").get(f"analytics/signals?{query}").status_code == 400

    def test_ask_as_many_queries_however_many(
        self, british: PatternReading, world: World, calling: Callable[[str], Caller]
    ) -> None:
        sam, counts = calling("sam"), []
        for place in range(3):
            signal(british, world.team(), place=place)
            with CaptureQueriesContext(connection) as asked:
                sam.get("analytics/signals")
            counts.append(len(asked))

        assert counts[1] == counts[2]
