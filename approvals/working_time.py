"""Working time: how long a team has worked between two moments, and when it will have worked so long.

Pure and exact to the microsecond. A working day is one stretch, from the first time the clock on the wall reaches the
opening to the last time it reaches the closing. Where daylight saving jumps over one of them, the moment of the jump
stands for it; so such a day may have an hour less or more than others.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
MICROSECOND = timedelta(microseconds=1)
MOST_DAYS = 3_660
"""Ten years: a promise beyond them is none, and a calendar of holidays alone is searched no further."""


class UnableToReckon(Exception):
    """The calendar has too little working time within ten years."""


@dataclass(frozen=True, slots=True)
class WorkingWeek:
    """When somebody works: on which ISO weekdays, between which hours on the wall of a zone, and on which days not."""

    zone: str
    weekdays: frozenset[int]
    opens_at: time
    closes_at: time
    holidays: frozenset[date] = frozenset()

    def stretch_on(self, day: date) -> tuple[datetime, datetime] | None:
        """Answer the first and the last moment of work on a day, in UTC; None on a day off."""
        if day.isoweekday() not in self.weekdays or day in self.holidays:
            return None
        opening, closing = _stretch(self.zone, day, self.opens_at, self.closes_at)
        return (opening, closing) if opening < closing else None

    def stretches_from(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Go through what is left of the working day of `at` and through the days after it, ten years at most."""
        # Two moments of one zone are compared and subtracted by the wall, of UTC by the time that passes.
        at = at.astimezone(UTC)
        today = at.astimezone(ZoneInfo(self.zone)).date()
        for count in range(MOST_DAYS):
            stretch = self.stretch_on(today + count * DAY)
            if stretch is not None and stretch[1] > at:
                yield max(stretch[0], at), stretch[1]


def add_seconds(week: WorkingWeek, at: datetime, seconds: int) -> datetime:
    """Tell when so many seconds of working time have passed since `at`, in UTC; none at all end with the next opening.

    :raises UnableToReckon: when ten years are not enough
    :raises ValueError: for less than nothing
    """
    if seconds < 0:
        message = "Working time is added, not taken away."
        raise ValueError(message)
    left = timedelta(seconds=seconds)
    for opening, closing in week.stretches_from(at):
        if left <= closing - opening:
            return opening + left
        left -= closing - opening
    message = f"{seconds} seconds of working time do not pass within {MOST_DAYS} days of {at:%d %B %Y}."
    raise UnableToReckon(message)


def seconds_between(week: WorkingWeek, at: datetime, until: datetime) -> int:
    """Count the whole seconds of working time from `at` to `until`; negative when `until` has passed."""
    at, until = at.astimezone(UTC), until.astimezone(UTC)
    if until < at:
        return -seconds_between(week, until, at)
    worked = timedelta()
    for opening, closing in week.stretches_from(at):
        if opening >= until:
            break
        worked += min(closing, until) - opening
    return worked // SECOND


@lru_cache(maxsize=4096)
def _stretch(zone: str, day: date, opens_at: time, closes_at: time) -> tuple[datetime, datetime]:
    # Of a wall time that comes twice, `fold` chooses the first for opening and the last for closing.
    return _moment(zone, datetime.combine(day, opens_at)), _moment(
        zone, datetime.combine(day, closes_at.replace(fold=1))
    )


def _moment(zone: str, wall: datetime) -> datetime:
    """Find when the clock on the wall shows this, in UTC, or jumps over it."""
    there = ZoneInfo(zone)
    moment = wall.replace(tzinfo=there).astimezone(UTC)
    if moment.astimezone(there).replace(tzinfo=None, fold=0) == wall.replace(fold=0):
        return moment
    # With the offset after the jump the moment lies before the jump, with the offset before it lies after it.
    early, late = (wall.replace(fold=fold, tzinfo=there).astimezone(UTC) for fold in (1, 0))
    before = early.astimezone(there).utcoffset()
    while late - early > MICROSECOND:
        middle = early + (late - early) // 2
        if middle.astimezone(there).utcoffset() == before:
            early = middle
        else:
            late = middle
    return late
