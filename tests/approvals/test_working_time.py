"""Working time: nights, weekends, holidays, daylight saving in both directions, and a search that ends."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from approvals.working_time import UnableToReckon, WorkingWeek, add_seconds, seconds_between

HOUR = 3600
EVERY_DAY = frozenset(range(1, 8))
OFFICE = WorkingWeek("Europe/Berlin", frozenset(range(1, 6)), time(9), time(18))
ZONES = (
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "America/Santiago",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "America/St_Johns",
    "Pacific/Apia",
    "Pacific/Honolulu",
    "Africa/Casablanca",
    "UTC",
)


def wall(zone: str, *parts: int, fold: int = 0) -> datetime:
    """Name a moment by the clock on somebody's wall."""
    return datetime(*parts, tzinfo=ZoneInfo(zone), fold=fold)  # type: ignore[arg-type, misc]


def all_day(zone: str) -> WorkingWeek:
    """Work from midnight to a second before midnight, every day."""
    return WorkingWeek(zone, EVERY_DAY, time(0), time(23, 59, 59))


class TestAddSeconds:
    def test_stays_within_the_day(self) -> None:
        assert add_seconds(OFFICE, wall("Europe/Berlin", 2026, 11, 20, 10), 4 * HOUR) == wall(
            "Europe/Berlin", 2026, 11, 20, 14
        )

    def test_goes_on_after_the_weekend(self) -> None:
        assert add_seconds(OFFICE, wall("Europe/Berlin", 2026, 11, 20, 17), 4 * HOUR) == wall(
            "Europe/Berlin", 2026, 11, 23, 12
        )

    def test_begins_with_the_opening(self) -> None:
        for asked in (wall("Europe/Berlin", 2026, 11, 21, 3), wall("Europe/Berlin", 2026, 11, 23, 8, 59, 59)):
            assert add_seconds(OFFICE, asked, HOUR) == wall("Europe/Berlin", 2026, 11, 23, 10)

    def test_may_end_with_the_closing(self) -> None:
        assert add_seconds(OFFICE, wall("Europe/Berlin", 2026, 11, 20, 9), 9 * HOUR) == wall(
            "Europe/Berlin", 2026, 11, 20, 18
        )

    def test_passes_over_holidays(self) -> None:
        week = WorkingWeek(
            "Europe/Berlin", OFFICE.weekdays, time(9), time(18), frozenset({date(2026, 12, 25), date(2026, 12, 28)})
        )

        assert add_seconds(week, wall("Europe/Berlin", 2026, 12, 24, 17), 2 * HOUR) == wall(
            "Europe/Berlin", 2026, 12, 29, 10
        )

    def test_keeps_the_hours_on_the_wall_when_summer_begins_over_the_weekend(self) -> None:
        friday, monday = wall("Europe/Berlin", 2026, 3, 27, 17), wall("Europe/Berlin", 2026, 3, 30, 10)

        assert add_seconds(OFFICE, friday, 2 * HOUR) == monday
        assert monday.astimezone(UTC) - friday.astimezone(UTC) == timedelta(days=2, hours=16)

    def test_gives_up_on_a_calendar_of_holidays_alone(self) -> None:
        start = date(2026, 1, 1)
        never = frozenset(start + timedelta(days=count) for count in range(5_000))
        week = WorkingWeek("Europe/Berlin", EVERY_DAY, time(9), time(18), never)

        with pytest.raises(UnableToReckon, match="do not pass within"):
            add_seconds(week, wall("Europe/Berlin", 2026, 1, 1, 12), 1)

    def test_takes_no_time_away(self) -> None:
        with pytest.raises(ValueError, match="not taken away"):
            add_seconds(OFFICE, wall("Europe/Berlin", 2026, 1, 1, 12), -1)


class TestSecondsBetween:
    def test_counts_working_hours_alone(self) -> None:
        friday, monday = wall("Europe/Berlin", 2026, 11, 20, 16), wall("Europe/Berlin", 2026, 11, 23, 11)

        assert seconds_between(OFFICE, friday, monday) == 4 * HOUR

    def test_is_negative_when_it_has_passed(self) -> None:
        friday, monday = wall("Europe/Berlin", 2026, 11, 20, 16), wall("Europe/Berlin", 2026, 11, 23, 11)

        assert seconds_between(OFFICE, monday, friday) == -4 * HOUR

    def test_of_a_weekend_is_nothing(self) -> None:
        assert (
            seconds_between(OFFICE, wall("Europe/Berlin", 2026, 11, 20, 18), wall("Europe/Berlin", 2026, 11, 23, 9))
            == 0
        )


class TestADayOfDaylightSaving:
    @pytest.mark.parametrize(
        ("zone", "day", "hours"),
        [
            ("Europe/Berlin", (2026, 3, 29), 23),
            ("Europe/Berlin", (2026, 10, 25), 25),
            ("America/New_York", (2026, 3, 8), 23),
            ("America/New_York", (2026, 11, 1), 25),
            ("Australia/Sydney", (2026, 10, 4), 23),
            ("Australia/Sydney", (2026, 4, 5), 25),
            ("Asia/Kolkata", (2026, 3, 29), 24),
        ],
    )
    def test_has_as_many_hours_as_passed(self, zone: str, day: tuple[int, int, int], hours: int) -> None:
        midnight = wall(zone, *day)
        tomorrow = wall(zone, day[0], day[1], day[2] + 1)

        # A second before midnight it closes.
        assert seconds_between(all_day(zone), midnight, tomorrow) == hours * HOUR - 1

    def test_of_lord_howe_moves_by_half_an_hour(self) -> None:
        zone = "Australia/Lord_Howe"

        assert seconds_between(all_day(zone), wall(zone, 2026, 10, 4), wall(zone, 2026, 10, 5)) == 23.5 * HOUR - 1

    def test_opens_at_the_jump_that_passes_over_the_opening(self) -> None:
        week = WorkingWeek("Europe/Berlin", EVERY_DAY, time(2, 30), time(6))

        assert week.stretch_on(date(2026, 3, 29)) == (
            datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
            datetime(2026, 3, 29, 4, 0, tzinfo=UTC),
        )

    def test_closes_at_the_jump_that_passes_over_the_closing(self) -> None:
        week = WorkingWeek("Europe/Berlin", EVERY_DAY, time(1), time(2, 30))

        assert week.stretch_on(date(2026, 3, 29)) == (
            datetime(2026, 3, 29, 0, 0, tzinfo=UTC),
            datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
        )

    def test_opens_with_the_first_and_closes_with_the_last_of_a_time_that_comes_twice(self) -> None:
        opening = WorkingWeek("Europe/Berlin", EVERY_DAY, time(2, 30), time(4))
        closing = WorkingWeek("Europe/Berlin", EVERY_DAY, time(1), time(2, 30))

        assert opening.stretch_on(date(2026, 10, 25)) == (
            datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
            datetime(2026, 10, 25, 3, 0, tzinfo=UTC),
        )
        assert closing.stretch_on(date(2026, 10, 25)) == (
            datetime(2026, 10, 24, 23, 0, tzinfo=UTC),
            datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
        )

    def test_that_lies_in_the_jump_alone_is_a_day_off(self) -> None:
        week = WorkingWeek("Europe/Berlin", EVERY_DAY, time(2, 10), time(2, 50))

        assert week.stretch_on(date(2026, 3, 29)) is None

    def test_that_a_country_left_out_is_a_day_off(self) -> None:
        """Samoa went from 29 to 31 December 2011."""
        week = WorkingWeek("Pacific/Apia", EVERY_DAY, time(9), time(17))

        assert week.stretch_on(date(2011, 12, 30)) is None
        assert seconds_between(
            week, wall("Pacific/Apia", 2011, 12, 29, 16), wall("Pacific/Apia", 2011, 12, 31, 10)
        ) == (2 * HOUR)


MINUTES = st.integers(min_value=0, max_value=24 * 60 - 1)


@st.composite
def weeks(draw: st.DrawFn) -> WorkingWeek:
    """Draw a calendar with at least ten minutes a day and some days off around the turn of a season."""
    opens = draw(st.integers(min_value=0, max_value=23 * 60 + 40))
    closes = draw(st.integers(min_value=opens + 10, max_value=24 * 60 - 1))
    return WorkingWeek(
        draw(st.sampled_from(ZONES)),
        draw(st.frozensets(st.integers(min_value=1, max_value=7), min_size=1)),
        time(*divmod(opens, 60)),
        time(*divmod(closes, 60)),
        draw(st.frozensets(st.dates(min_value=date(2026, 1, 1), max_value=date(2026, 12, 31)), max_size=6)),
    )


MOMENTS = st.datetimes(
    min_value=datetime(2026, 1, 1),  # noqa: DTZ001 - the zone is drawn beside it
    max_value=datetime(2026, 12, 1),  # noqa: DTZ001 - as above
    timezones=st.just(UTC),
)
TURNS = [
    datetime(2026, month, day, tzinfo=UTC)
    for month, day in [(3, 7), (3, 28), (4, 4), (9, 5), (10, 3), (10, 24), (10, 31)]
]
AROUND_A_TURN = st.builds(
    lambda turn, minutes: turn + timedelta(minutes=minutes), st.sampled_from(TURNS), st.integers(0, 3 * 24 * 60)
)
PROMISES = st.integers(min_value=0, max_value=60 * HOUR)


class TestEveryCalendar:
    @given(week=weeks(), at=MOMENTS | AROUND_A_TURN, seconds=PROMISES)
    def test_counts_what_it_added(self, week: WorkingWeek, at: datetime, seconds: int) -> None:
        assert seconds_between(week, at, add_seconds(week, at, seconds)) == seconds

    @given(week=weeks(), at=MOMENTS | AROUND_A_TURN, seconds=PROMISES, more=PROMISES)
    def test_promises_more_time_for_later(self, week: WorkingWeek, at: datetime, seconds: int, more: int) -> None:
        first = add_seconds(week, at, seconds)

        assert first <= add_seconds(week, at, seconds + more)
        assert first <= add_seconds(week, at + timedelta(seconds=more), seconds)
        assert at <= first

    @given(week=weeks(), at=MOMENTS | AROUND_A_TURN, seconds=PROMISES)
    def test_promises_nothing_outside_its_hours(self, week: WorkingWeek, at: datetime, seconds: int) -> None:
        due = add_seconds(week, at, seconds).astimezone(ZoneInfo(week.zone))

        stretch = week.stretch_on(due.date())
        assert stretch is not None
        assert stretch[0] <= due <= stretch[1]

    @settings(max_examples=60, deadline=None)
    @given(week=weeks(), at=AROUND_A_TURN, minutes=st.integers(0, 3 * 24 * 60))
    def test_agrees_with_somebody_who_looks_at_the_clock_each_minute(
        self, week: WorkingWeek, at: datetime, minutes: int
    ) -> None:
        until = at + timedelta(minutes=minutes)

        assert seconds_between(week, at, until) == 60 * _looked(week, at, until)


def _looked(week: WorkingWeek, at: datetime, until: datetime) -> int:
    """Look at the clock each minute; count those from the first to the last that shows working time on its day."""
    shown: dict[date, list[datetime]] = {}
    moment = at - timedelta(days=2)
    while moment < until + timedelta(days=2):
        there = moment.astimezone(ZoneInfo(week.zone))
        if week.opens_at <= there.time() < week.closes_at:
            shown.setdefault(there.date(), []).append(moment)
        moment += timedelta(minutes=1)
    worked = 0
    for day, minutes in shown.items():
        if day.isoweekday() in week.weekdays and day not in week.holidays:
            first, last = max(minutes[0], at), min(minutes[-1] + timedelta(minutes=1), until)
            worked += max((last - first) // timedelta(minutes=1), 0)
    return worked
