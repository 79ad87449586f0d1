"""When the teams of the demo work: a shop from Monday to Saturday, an office in New York and one in Berlin."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import TYPE_CHECKING

from approvals.clock import Hours
from approvals.models import TeamCalendar
from approvals.services.calendars import Wanted, set_calendar
from approvals.working_time import WorkingWeek
from config.kernel.people import Team

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from config.kernel.people import User

LAPSES_AFTER_DAYS = 30
FIXED_HOLIDAYS = {
    "uk-retail": {(1, 1): "New Year's Day", (12, 25): "Christmas Day"},
    "us-dtc": {(1, 1): "New Year's Day", (7, 4): "Independence Day", (12, 25): "Christmas Day"},
    "eu-saas": {
        (1, 1): "Neujahr",
        (5, 1): "Tag der Arbeit",
        (10, 3): "Tag der Deutschen Einheit",
        (12, 25): "1. Weihnachtstag",
        (12, 26): "2. Weihnachtstag",
    },
}
HOURS = {
    "uk-retail": ((1, 2, 3, 4, 5, 6), time(8), time(20)),
    "us-dtc": ((1, 2, 3, 4, 5), time(9), time(17)),
    "eu-saas": ((1, 2, 3, 4, 5), time(9), time(18)),
}
LONGEST_BACK = timedelta(days=21)
CLOSE_ENOUGH = timedelta(seconds=20)


def settle_calendars(*, actor: User, at: datetime) -> None:
    """Give every team of the demo without a calendar its own; holidays for last year, this one and the next."""
    for slug, (weekdays, opens_at, closes_at) in HOURS.items():
        if TeamCalendar.objects.filter(team__slug=slug).exists():
            continue
        wanted = Wanted(
            weekdays=weekdays,
            opens_at=opens_at,
            closes_at=closes_at,
            holidays=_holidays(FIXED_HOLIDAYS[slug], year=at.year),
            lapses_after_days=LAPSES_AFTER_DAYS,
        )
        set_calendar(team=Team.objects.get(slug=slug), wanted=wanted, actor=actor, at=at)


def worked_before(slug: str, zone: str, *, hours: float, now: datetime) -> datetime:
    """Find the last moment since which a team has worked so many hours.

    What is filed then with a promise of `hours` is due now, on a Sunday night as on a Tuesday noon.
    """
    weekdays, opens_at, closes_at = HOURS[slug]
    days_off = frozenset(_holidays(FIXED_HOLIDAYS[slug], year=now.year))
    of_team = Hours(WorkingWeek(zone, frozenset(weekdays), opens_at, closes_at, days_off))
    early, late = now - LONGEST_BACK, now
    while late - early > CLOSE_ENOUGH:
        middle = early + (late - early) / 2
        if of_team.seconds_left(at=middle, due_at=now) >= hours * 3600:
            early = middle
        else:
            late = middle
    return early


def _holidays(fixed: Mapping[tuple[int, int], str], *, year: int) -> dict[date, str]:
    return {date(each, month, day): name for each in (year - 1, year, year + 1) for (month, day), name in fixed.items()}
