"""Thresholds: set with a reason on record, in force from the next scorecard, never for one that was published."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, transaction

from analytics.models import Scorecard, ScorecardThreshold
from analytics.scorecards.counting import lines_of, read, sha256_of
from analytics.scorecards.measures import MEASURES
from analytics.scorecards.publishing import publish_due
from analytics.scorecards.thresholds import CHANGES, measures_in_force, set_threshold, threshold_subject
from config.kernel.refusals import NotPermitted, Refused
from evidence.ledger import timeline_of
from evidence.models import LedgerEntry
from tests.architecture.asking import client_of
from tests.harness.people import settle
from tests.refunds.books import person_with

from .test_scorecards import OCTOBER, THIRD, a_month

if TYPE_CHECKING:
    from config.kernel.people import Team, User

pytestmark = pytest.mark.django_db

ADD = "/admin/analytics/scorecardthreshold/add/"


@pytest.fixture
def root(db: None) -> User:
    """Root may set thresholds."""
    return person_with("rita", CHANGES)


def wanted(**other: Any) -> dict[str, Any]:
    """Ask for leakage amber from 1.6 %, red from 3 %."""
    return {"measure": "leakage", "amber": 160, "red": 300, "why": "The new shop leaks more at first.", **other}


class TestSetThreshold:
    def test_colours_what_is_counted_from_now_on(self, north: Team, root: User) -> None:
        a_month(north)
        set_threshold(**wanted(), actor=root, at=THIRD)

        # 1.5 % in pounds is green now.
        line = next(line for line in lines_of(north.pk, OCTOBER) if line.currency == "GBP")
        assert (line.measure, line.amber, line.red, line.colour) == ("leakage", 160, 300, "green")
        assert line.targets == "amber from 1.6 %, red from 3 %"

    def test_leaves_what_was_published_as_it_was(self, north: Team, root: User) -> None:
        a_month(north)
        publish_due(at=THIRD)
        before = Scorecard.objects.get(team=north)

        set_threshold(**wanted(), actor=root, at=THIRD + timedelta(days=1))

        kept = Scorecard.objects.get(team=north)
        assert kept.lines == before.lines
        line = next(line for line in read(kept.lines) if line.currency == "GBP")
        assert (line.targets, line.colour) == ("amber from 1 %, red from 2 %", "amber")
        assert sha256_of("north", OCTOBER, read(kept.lines)) == kept.sha256

    def test_says_who_when_why_and_what_it_was(self, root: User) -> None:
        set_threshold(**wanted(), actor=root, at=THIRD)
        set_threshold(**wanted(red=400, why="Three was too strict."), actor=root, at=THIRD)

        entries = list(timeline_of(threshold_subject("leakage")))

        assert [entry.actor for entry in entries] == [root, root]
        said = sorted(entry.sentence for entry in entries)
        assert said[0].endswith("amber from 1.6 %, red from 3 % (was amber from 1 %, red from 2 %): "
                                "The new shop leaks more at first.")  # fmt: skip
        assert "red from 4 % (was amber from 1.6 %, red from 3 %): Three was too strict." in said[1]

    def test_twice_the_same_is_on_record_once(self, root: User) -> None:
        set_threshold(**wanted(), actor=root, at=THIRD)
        set_threshold(**wanted(), actor=root, at=THIRD)

        assert LedgerEntry.objects.filter(kind="scorecard_threshold.set").count() == 1

    @pytest.mark.parametrize(
        ("other", "field"),
        [
            ({"amber": 300}, "amber"),
            ({"amber": 400}, "amber"),
            ({"amber": 0}, "red"),
            ({"red": 10_001}, "red"),
            ({"why": "  "}, "why"),
            ({"why": "x" * 301}, "why"),
            ({"measure": "in-time", "amber": 90_00, "red": 95_00}, "amber"),
            ({"measure": "decided", "amber": 1, "red": 366 * 86_400}, "red"),
            ({"measure": "luck"}, "measure"),
        ],
    )
    def test_is_refused_where_it_makes_no_sense(self, root: User, other: dict[str, Any], field: str) -> None:
        with pytest.raises(Refused) as refusal:
            set_threshold(**wanted(**other), actor=root, at=THIRD)

        assert {reason.field for reason in refusal.value.reasons} == {field}
        assert not ScorecardThreshold.objects.exists()
        assert not LedgerEntry.objects.filter(kind="scorecard_threshold.set").exists()

    def test_is_for_the_entitled(self, sam: User) -> None:
        with pytest.raises(NotPermitted):
            set_threshold(**wanted(), actor=sam, at=THIRD)

        assert measures_in_force() == MEASURES

    def test_needs_a_reason_in_the_database_too(self) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            ScorecardThreshold.objects.create(measure="leakage", amber=1, red=2, why="")


class TestTheSetupPage:
    def test_sets_them_and_shows_what_happened(self) -> None:
        client = client_of(settle("root"))

        answer = client.post(ADD, wanted())

        assert answer.status_code == 302, answer.content.decode()
        kept = ScorecardThreshold.objects.get()
        assert (kept.amber, kept.red) == (160, 300)
        page = client.get(f"/admin/analytics/scorecardthreshold/{kept.pk}/change/").text
        assert "was amber from 1 %, red from 2 %" in page

    def test_shows_what_makes_no_sense_again(self) -> None:
        answer = client_of(settle("root")).post(ADD, wanted(amber=900))

        assert answer.status_code == 200
        assert not ScorecardThreshold.objects.exists()

    def test_is_reached_from_the_scorecards_by_the_entitled_alone(self, sam: User) -> None:
        page = "/admin/analytics/scorecardthreshold/"

        entitled = person_with("rosa", CHANGES, "analytics.view_insight")

        assert page in client_of(entitled).get("/insight/scorecards/").text
        assert page not in client_of(sam).get("/insight/scorecards/").text
        assert client_of(sam).get(ADD).status_code in {302, 403, 404}
