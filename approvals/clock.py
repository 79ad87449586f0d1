"""Promises in the working time of a team: when something is due, and how much of a promise is left.

A team without a calendar works round the clock. `hours_of` costs one query; whoever reckons several times for one team
asks it once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q

from .models import TeamCalendar
from .working_time import WorkingWeek, add_seconds, seconds_between

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, time

REMIND_WHEN_LEFT = 4
"""People are reminded when a quarter of the time is left."""


@dataclass(frozen=True, slots=True)
class Promise:
    """When a step is due, and when whoever should sign is reminded."""

    due_at: datetime
    remind_at: datetime


@dataclass(frozen=True, slots=True)
class Hours:
    """The hours of one team: its working week, or none for round the clock, and after how many days routes lapse."""

    week: WorkingWeek | None = None
    lapses_after_days: int | None = None

    def promise(self, *, at: datetime, seconds: int) -> Promise:
        """Reckon a promise of so many seconds of working time from `at`."""
        if self.week is None:
            whole = timedelta(seconds=seconds)
            return Promise(at + whole, at + whole - whole / REMIND_WHEN_LEFT)
        until_reminder = seconds - seconds // REMIND_WHEN_LEFT
        return Promise(add_seconds(self.week, at, seconds), add_seconds(self.week, at, until_reminder))

    def seconds_left(self, *, at: datetime, due_at: datetime) -> int:
        """Tell how many seconds of working time lie between `at` and `due_at`; negative when it is overdue."""
        if self.week is None:
            return int((due_at - at).total_seconds())
        return seconds_between(self.week, at, due_at)

    def lapses_at(self, *, opened_at: datetime) -> datetime | None:
        """Tell when a route ends that nobody finished, so many days on at the same time on the wall; None for never."""
        if self.week is None or self.lapses_after_days is None:
            return None
        there = opened_at.astimezone(ZoneInfo(self.week.zone))
        return (there + timedelta(days=self.lapses_after_days)).astimezone(UTC)


ROUND_THE_CLOCK = Hours()


def hours_of(team_id: int) -> Hours:
    """Load the hours of a team with one query."""
    row = (
        TeamCalendar.objects.filter(team=team_id)
        .annotate(days_off=ArrayAgg("holidays__on", filter=Q(holidays__isnull=False), default=[]))
        .values_list("team__time_zone", "weekdays", "opens_at", "closes_at", "days_off", "lapses_after_days")
        .first()
    )
    if row is None:
        return ROUND_THE_CLOCK
    zone, weekdays, opens_at, closes_at, days_off, lapses_after_days = row
    return Hours(_week(zone, weekdays, opens_at, closes_at, days_off), lapses_after_days)


def hours_with(calendar: TeamCalendar, days_off: Iterable[date]) -> Hours:
    """Make the hours of a calendar that is in hand, saved or not."""
    week = _week(calendar.team.time_zone, calendar.weekdays, calendar.opens_at, calendar.closes_at, days_off)
    return Hours(week, calendar.lapses_after_days)


def _week(zone: str, weekdays: Iterable[int], opens_at: time, closes_at: time, days_off: Iterable[date]) -> WorkingWeek:
    return WorkingWeek(zone, frozenset(weekdays), opens_at, closes_at, frozenset(days_off))


def promise(team_id: int, *, at: datetime, seconds: int) -> Promise:
    """Reckon a promise of so many seconds from `at`."""
    return hours_of(team_id).promise(at=at, seconds=seconds)


def seconds_left(team_id: int, *, at: datetime, due_at: datetime) -> int:
    """Tell how many seconds of working time lie between `at` and `due_at`; negative when it is overdue."""
    return hours_of(team_id).seconds_left(at=at, due_at=due_at)


def lapses_at(team_id: int, *, opened_at: datetime) -> datetime | None:
    """Tell when a route ends that nobody finished; None when the team lets nothing lapse."""
    return hours_of(team_id).lapses_at(opened_at=opened_at)
