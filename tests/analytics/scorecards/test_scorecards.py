"""A scorecard: counted by hand, held to its thresholds, published once and kept."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.db import ProgrammingError, transaction
from django.urls import reverse

from analytics.models import SUMMED, CaptureCell, OutflowCell, Scorecard
from analytics.scorecards.counting import lines_of, read, sha256_of
from analytics.scorecards.measures import EVIDENCE, LEAKAGE, worst_of
from analytics.scorecards.publishing import publish_due
from analytics.tasks import publish_scorecards
from evidence.models import LedgerEntry
from tests.refunds.books import team_called

if TYPE_CHECKING:
    from django.test import Client

    from config.kernel.people import Team, User

pytestmark = pytest.mark.django_db

OCTOBER = date(2026, 10, 1)
THIRD = datetime(2026, 11, 3, 6, tzinfo=UTC)


def cell(team: Team, on: date = date(2026, 10, 31), **told: Any) -> None:
    """Write one sum; what is not told is nothing."""
    words = {"basis": "decision", "dimension": "total", "value": "", "currency": "GBP"}
    OutflowCell.objects.create(**{**dict.fromkeys(SUMMED, 0), **words, "team": team, "on": on, **told})


def a_month(team: Team) -> None:
    """40 decided: 30 by people, 29 as asked for, 28 in time; 3 exceptions; evidence held in 19 of 20.

    1.5 % leaked; customers had paid 8,000; 2 of the 25 refunds nobody had asked for.
    """
    signed: dict[str, Any] = {"due_step_count": 30, "late_step_count": 2}
    cell(
        team, count=40, reviewed_count=30, unchanged_count=29, evidence_asked_count=20, evidence_held_count=19, **signed
    )
    cell(team, dimension="code", value="WINDOW_EXPIRED", count=3)
    cell(team, dimension="code", value="", count=37)
    cell(team, date(2026, 10, 1), dimension="step.decide", value="000000003600", count=30)
    cell(team, date(2026, 10, 1), dimension="step.decide", value="000000200000", count=10)
    cell(team, basis="refund", count=25, refunded_minor=1_000_00, override_minor=10_00, fees_minor=5_00)
    cell(team, basis="refund", currency="EUR", count=2, refunded_minor=50_00, over_minor=50_00)
    cell(team, basis="refund", dimension="origin", value="asked", count=23)
    cell(team, basis="refund", dimension="origin", value="ungoverned", count=2)
    CaptureCell.objects.create(on=OCTOBER, team=team, currency="GBP", count=90, captured_minor=8_000_00)
    # Of the months before and after, and of another team.
    CaptureCell.objects.create(on=date(2026, 9, 30), team=team, currency="GBP", count=9, captured_minor=1)
    cell(team, date(2026, 9, 30), count=100)
    cell(team, date(2026, 11, 1), count=100)
    cell(team_called("south"), count=100)


class TestTheMeasures:
    def test_are_what_a_hand_counts(self, north: Team) -> None:
        a_month(north)

        found = {(line.measure, line.currency): line for line in lines_of(north.pk, OCTOBER)}

        assert {key: (line.part, line.whole, line.value, line.colour) for key, line in found.items()} == {
            ("leakage", "EUR"): (50_00, 50_00, "100 %", ""),
            ("leakage", "GBP"): (15_00, 1_000_00, "1.5 %", "amber"),
            ("refund-rate", "GBP"): (1_000_00, 8_000_00, "12.5 %", "amber"),
            ("bypass", ""): (2, 25, "8 %", "red"),
            ("exceptions", ""): (3, 40, "7.5 %", "red"),
            ("evidence", ""): (19, 20, "95 %", "amber"),
            ("unchanged", ""): (29, 30, "96.66 %", "amber"),
            ("decided", ""): (200_000, 40, "2 d 7 h", "amber"),
            ("in-time", ""): (28, 30, "93.33 %", "amber"),
        }

    def test_of_an_empty_month_are_none(self, north: Team) -> None:
        assert lines_of(north.pk, OCTOBER) == []

    @pytest.mark.parametrize(
        ("value", "colour"), [(0, "green"), (99, "green"), (100, "amber"), (199, "amber"), (200, "red")]
    )
    def test_where_less_is_better_turn_at_their_thresholds(self, value: int, colour: str) -> None:
        assert LEAKAGE.colour_of(value) == colour

    @pytest.mark.parametrize(
        ("value", "colour"), [(100_00, "green"), (98_00, "green"), (97_99, "amber"), (94_99, "red")]
    )
    def test_where_more_is_better_turn_the_other_way(self, value: int, colour: str) -> None:
        assert EVIDENCE.colour_of(value) == colour

    def test_make_the_card_as_bad_as_the_worst(self) -> None:
        assert (worst_of(["green", "", "red", "amber"]), worst_of(["green", "amber"]), worst_of([""])) == (
            "red",
            "amber",
            "green",
        )


class TestPublishing:
    def test_keeps_the_month_before_once(self, north: Team) -> None:
        a_month(north)

        assert publish_due(at=THIRD) == 2
        assert publish_due(at=THIRD) == 0

        kept = Scorecard.objects.get(team=north)
        assert (kept.month, kept.colour, kept.published_at) == (OCTOBER, "red", THIRD)
        assert read(kept.lines) == lines_of(north.pk, OCTOBER)
        assert kept.sha256 == sha256_of("north", OCTOBER, read(kept.lines))
        told = LedgerEntry.objects.get(subject_id=kept.pk)
        assert told.sentence == f"published the scorecard of {north.name} for October 2026."
        assert kept.sha256 in told.payload

    def test_waits_for_the_last_news_of_the_month(self, north: Team) -> None:
        a_month(north)

        assert publish_due(at=datetime(2026, 11, 2, 23, tzinfo=UTC)) == 0
        assert not Scorecard.objects.exists()

    def test_says_nothing_of_teams_that_did_nothing(self, north: Team) -> None:
        assert publish_due(at=THIRD) == 0

    def test_is_not_changed_by_what_is_counted_later(self, north: Team) -> None:
        a_month(north)
        publish_due(at=THIRD)
        before = Scorecard.objects.get(team=north).lines
        cell(north, date(2026, 10, 15), count=1_000)

        publish_due(at=THIRD)

        assert Scorecard.objects.get(team=north).lines == before

    def test_stays_as_it_was_written(self, north: Team) -> None:
        a_month(north)
        publish_due(at=THIRD)

        for change in (lambda: Scorecard.objects.update(colour="green"), lambda: Scorecard.objects.all().delete()):
            with pytest.raises(ProgrammingError), transaction.atomic():
                change()

    def test_is_a_task_of_the_clock(self, north: Team) -> None:
        publish_scorecards(later="ignored")


class TestThePages:
    def test_show_what_was_published_and_the_running_month(self, client: Client, north: Team, sam: User) -> None:
        a_month(north)
        publish_due(at=THIRD)
        client.force_login(sam)

        listed = client.get(reverse("analytics:scorecards")).text
        kept = Scorecard.objects.get(team=north)
        shown = client.get(kept.get_absolute_url()).text

        assert "October 2026" in listed
        assert "so far" in listed
        assert "It is what was published." in shown
        assert kept.sha256 in shown
        assert "too few" in shown
        assert "amber from 1 %, red from 2 %" in shown
        assert "amber below 98 %, red below 95 %" in shown

    def test_say_when_it_is_not_what_was_published(self, client: Client, north: Team, sam: User) -> None:
        kept = Scorecard.objects.create(
            team=north, month=OCTOBER, lines=[], colour="green", sha256="0" * 64, published_at=THIRD
        )
        client.force_login(sam)

        assert "It is not what was published." in client.get(kept.get_absolute_url()).text

    def test_are_of_ones_own_teams(self, client: Client, north: Team, sam: User) -> None:
        a_month(north)
        publish_due(at=THIRD)
        client.force_login(sam)

        other = Scorecard.objects.get(team__slug="south")

        assert client.get(other.get_absolute_url()).status_code == 404
        assert other.team.name not in client.get(reverse("analytics:scorecards")).text
