"""Readings that are kept: since when a signal stands, what a killed worker leaves, who has them read, what goes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from analytics.models import PatternReading, PatternSignal
from analytics.patterns import keeping
from analytics.patterns.keeping import (
    KEPT,
    ask_reading,
    cancel_reading,
    read_and_keep,
    read_if_due,
    reading_under_way,
    run_reading,
    trim_readings,
)
from config.kernel.jobs import Job, JobState
from config.kernel.people import Team
from config.kernel.refusals import NotPermitted, OutOfDate
from evidence.models import LedgerEntry
from refunds.models import RefundRequest

from .year import STAMPER, TEAM, TO_AT

if TYPE_CHECKING:
    from config.kernel.people import User

    from .year import Year

LATER = TO_AT + timedelta(days=1)
NIGHT = TO_AT.replace(hour=2, minute=10)


def standing() -> dict[tuple[str, str], PatternSignal]:
    found = PatternSignal.objects.filter(reading__is_standing=True)
    return {(signal.pattern, signal.key): signal for signal in found}


def team() -> Team:
    return Team.objects.get(pk=TEAM)


@pytest.mark.usefixtures("year", "db")
class TestReading:
    def test_keeps_every_signal_with_exactly_its_requests(self, year: Year) -> None:
        hers = {one.request.id for one in year.decisions if one.approver_id == STAMPER and one.evidence_count}

        signal = standing()["stamping", f"unopened-{STAMPER}"]
        assert set(signal.request_ids) == hers
        assert (signal.request_count, signal.people, signal.team_ids) == (len(hers), [STAMPER], [TEAM])
        assert (signal.first_seen_at, signal.is_new) == (TO_AT, True)

    def test_names_nobody(self) -> None:
        words = [f"{signal.sentence} {signal.numbers} {signal.key}" for signal in standing().values()]

        assert not [text for text in words if "Person" in text or "Customer" in text or "@" in text]
        assert "Person" not in str(PatternReading.objects.values_list("plots", flat=True))

    def test_carries_on_since_when_a_signal_stands(self) -> None:
        before = standing()["stamping", f"unopened-{STAMPER}"]

        read_and_keep(team(), at=LATER)

        now = standing()["stamping", f"unopened-{STAMPER}"]
        assert now.pk != before.pk
        assert (now.standing_id, now.first_seen_at, now.is_new) == (before.standing_id, TO_AT, False)

    def test_begins_anew_with_a_signal_that_was_gone(self) -> None:
        before = standing()["photos", next(key for kind, key in standing() if kind == "photos")]
        PatternSignal.objects.filter(pk=before.pk).delete()

        read_and_keep(team(), at=LATER)

        now = standing()["photos", before.key]
        assert now.standing_id != before.standing_id
        assert (now.first_seen_at, now.is_new) == (LATER, True)

    def test_does_not_take_the_place_of_a_newer_one(self) -> None:
        read_and_keep(team(), at=LATER)

        read_and_keep(team(), at=TO_AT)

        assert {signal.reading.read_at for signal in standing().values()} == {LATER}

    def test_leaves_the_reading_before_when_it_dies_on_the_way(self, monkeypatch: pytest.MonkeyPatch) -> None:
        before = standing().keys()
        monkeypatch.setattr(keeping, "figures_of", _dies)

        with pytest.raises(MemoryError):
            read_and_keep(team(), at=LATER)

        assert standing().keys() == before
        assert set(PatternReading.objects.values_list("read_at", flat=True)) == {TO_AT}

    def test_tells_what_goes_through_several_teams_beside_them(self) -> None:
        other = Team.objects.create(slug="next-door", name="Next door", currency="GBP")
        photo = next(signal for signal in standing().values() if signal.pattern == "photos")
        RefundRequest.objects.filter(pk=photo.request_ids[0]).update(team=other)

        read_and_keep(team(), at=LATER)
        read_and_keep(other, at=LATER)
        read_and_keep(None, at=LATER)

        found = [signal for signal in standing().values() if signal.pattern == "photos"]
        assert [signal.reading.team for signal in found] == [None]
        assert found[0].team_ids == sorted([TEAM, other.pk])


def _dies(_observed: object) -> None:
    raise MemoryError


@pytest.mark.usefixtures("year", "db")
class TestJob:
    def test_reads_every_team_and_says_how_far_it_is(self, sam: User) -> None:
        job = ask_reading(actor=sam, at=LATER)

        run_reading(job_id=job.pk, at=LATER)

        ended = Job.objects.get(pk=job.pk)
        count = Team.objects.count() + 1
        assert (ended.state, ended.done, ended.total) == (JobState.SUCCEEDED, count, count)
        assert PatternReading.objects.filter(is_standing=True, read_at=LATER).count() == count
        assert LedgerEntry.objects.filter(kind="patterns.reading_asked").count() == 1

    def test_goes_on_after_the_last_team_that_was_kept(self, sam: User) -> None:
        job = ask_reading(actor=sam, at=LATER)
        read_and_keep(team(), at=LATER, job=job)
        kept = PatternReading.objects.get(team=TEAM, is_standing=True)

        run_reading(job_id=job.pk, at=LATER + timedelta(minutes=9))

        assert PatternReading.objects.get(team=TEAM, is_standing=True) == kept
        assert PatternReading.objects.get(team=None, is_standing=True).read_at > kept.read_at

    def test_stops_when_somebody_asks_to_and_leaves_what_stood(self, sam: User) -> None:
        job = ask_reading(actor=sam, at=LATER)
        Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING)
        cancel_reading(actor=sam)

        run_reading(job_id=job.pk, at=LATER)

        assert Job.objects.get(pk=job.pk).state == JobState.CANCELLED
        assert set(PatternReading.objects.values_list("read_at", flat=True)) == {TO_AT}

    def test_is_one_at_a_time(self, sam: User) -> None:
        assert ask_reading(actor=sam, at=LATER) == ask_reading(actor=sam, at=LATER)

    def test_is_not_for_everybody(self, dana: User) -> None:
        with pytest.raises(NotPermitted):
            ask_reading(actor=dana, at=LATER)
        with pytest.raises(NotPermitted):
            cancel_reading(actor=dana)

        assert not Job.objects.filter(kind=keeping.KIND).exists()

    def test_that_is_over_is_not_stopped(self, sam: User) -> None:
        with pytest.raises(OutOfDate):
            cancel_reading(actor=sam)


@pytest.mark.usefixtures("year", "db")
class TestNight:
    def test_is_read_once_and_made_up_for_when_missed(self) -> None:
        first = read_if_due(at=NIGHT)
        assert first is not None
        assert read_if_due(at=NIGHT + timedelta(hours=1)) is None, "the first is under way"
        run_reading(job_id=first.pk, at=NIGHT)

        assert read_if_due(at=NIGHT + timedelta(hours=23)) is None
        missed = NIGHT + timedelta(days=1, hours=5)
        assert read_if_due(at=missed) is not None

    def test_before_two_belongs_to_the_night_before(self) -> None:
        PatternReading.objects.filter(team=None).update(read_at=NIGHT - timedelta(days=1))

        assert read_if_due(at=NIGHT - timedelta(hours=1)) is None
        assert reading_under_way() is None


@pytest.mark.usefixtures("year", "db")
class TestTrimming:
    def test_forgets_old_readings_and_never_the_standing_one(self) -> None:
        read_and_keep(team(), at=LATER)
        soon, late = TO_AT + KEPT, TO_AT + KEPT + timedelta(seconds=1)

        assert trim_readings(at=soon) == 0
        assert trim_readings(at=late) == 1
        assert trim_readings(at=late + 10 * KEPT) == 0
        assert standing()["stamping", f"unopened-{STAMPER}"].first_seen_at == TO_AT
