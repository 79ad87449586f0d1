"""Promises in the working time of a team: by its calendar, over nights and weekends, and while the clock is stopped."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from approvals import clock
from approvals.models import ApprovalRoute, ApprovalStep, Holiday, TeamCalendar
from approvals.services.calendars import Wanted, set_calendar
from approvals.vocabulary import RouteState, StepState
from config.kernel.people import Team
from config.kernel.refusals import NotPermitted, Refused
from evidence.models import LedgerEntry
from refunds import workflow
from tests.harness.stillness import refused
from tests.harness.world import NOON, World

if TYPE_CHECKING:
    from pytest_django.fixtures import DjangoAssertNumQueries

    from config.kernel.people import User
    from refunds.models import RefundRequest

pytestmark = pytest.mark.django_db

HOUR = 3600
FRIDAY_AT_FOUR = datetime(2026, 11, 20, 16, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
OFFICE = Wanted(weekdays=(1, 2, 3, 4, 5), opens_at=time(9), closes_at=time(17), holidays={})


def calendar(team: Team, *, lapses_after_days: int | None = None, closes_at: time = time(17)) -> TeamCalendar:
    """Let a team work from nine to five on weekdays."""
    return TeamCalendar.objects.create(
        team=team, opens_at=time(9), closes_at=closes_at, lapses_after_days=lapses_after_days
    )


def open_route(refund_request: RefundRequest) -> ApprovalRoute:
    """Load the open route of a request."""
    return ApprovalRoute.objects.get(reference=refund_request.reference, state=RouteState.OPEN)


def give_hours(refund_request: RefundRequest, hours: int) -> None:
    """Let the open route of a request be due so many working hours after it was opened."""
    route = open_route(refund_request)
    promise = clock.promise(route.team_id, at=route.opened_at, seconds=hours * HOUR)
    route.steps.filter(state=StepState.OPEN).update(due_at=promise.due_at, remind_at=promise.remind_at)
    ApprovalRoute.objects.filter(pk=route.pk).update(due_at=promise.due_at)


class TestATeamWithoutACalendar:
    def test_works_round_the_clock(self, world: World) -> None:
        promise = clock.promise(world.team().pk, at=NOON, seconds=4 * HOUR)

        assert promise.due_at == NOON + timedelta(hours=4)
        assert promise.remind_at == NOON + timedelta(hours=3)
        assert clock.seconds_left(world.team().pk, at=NOON + timedelta(hours=5), due_at=promise.due_at) == -HOUR
        assert clock.lapses_at(world.team().pk, opened_at=NOON) is None


class TestATeamWithACalendar:
    def test_is_promised_to_in_its_hours(self, world: World) -> None:
        calendar(world.team())

        promise = clock.promise(world.team().pk, at=FRIDAY_AT_FOUR, seconds=4 * HOUR)

        assert promise.due_at == MONDAY + timedelta(hours=12)
        assert promise.remind_at == MONDAY + timedelta(hours=11)

    def test_has_its_holidays(self, world: World) -> None:
        Holiday.objects.create(calendar=calendar(world.team()), on=date(2026, 11, 23), name="A day off")

        promise = clock.promise(world.team().pk, at=FRIDAY_AT_FOUR, seconds=2 * HOUR)

        assert promise.due_at == MONDAY + timedelta(days=1, hours=10)

    def test_counts_in_its_own_zone(self, world: World) -> None:
        team = world.team("us-dtc")
        Team.objects.filter(pk=team.pk).update(time_zone="America/New_York")
        calendar(team)

        # Noon in London is seven in New York: work begins two hours later.
        assert clock.promise(team.pk, at=NOON, seconds=HOUR).due_at == NOON + timedelta(hours=3)

    def test_knows_what_is_overdue(self, world: World) -> None:
        calendar(world.team())

        left = clock.seconds_left(world.team().pk, at=MONDAY + timedelta(hours=10), due_at=FRIDAY_AT_FOUR)

        assert left == -2 * HOUR

    def test_lets_routes_lapse_at_the_same_time_on_the_wall(self, world: World) -> None:
        calendar(world.team(), lapses_after_days=30)
        in_winter = datetime(2026, 3, 15, 12, tzinfo=UTC)

        assert clock.lapses_at(world.team().pk, opened_at=in_winter) == datetime(2026, 4, 14, 11, tzinfo=UTC)

    def test_costs_one_query_for_a_whole_route(
        self, world: World, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        Holiday.objects.create(calendar=calendar(world.team()), on=date(2026, 11, 23), name="A day off")

        with django_assert_num_queries(1):
            hours = clock.hours_of(world.team().pk)
            hours.promise(at=NOON, seconds=HOUR)
            hours.lapses_at(opened_at=NOON)


class TestAStoppedClock:
    """Due four working hours after Friday three o'clock: two hours pass before the question."""

    def _asked_at_five(self, world: World, amir: User, dana: User) -> RefundRequest:
        calendar(world.team())
        waiting = world.waiting(by=amir, at=NOON + timedelta(hours=3))
        give_hours(waiting, 4)
        workflow.ask(
            reference=waiting.reference,
            question="Which lamp broke?",
            actor=dana,
            at=FRIDAY_AT_FOUR + timedelta(hours=1),
        )
        return waiting

    def test_keeps_what_was_left(self, world: World, amir: User, dana: User) -> None:
        waiting = self._asked_at_five(world, amir, dana)

        assert ApprovalRoute.objects.get(reference=waiting.reference).seconds_left == 2 * HOUR

    def test_goes_on_with_what_was_left_after_the_answer(self, world: World, amir: User, dana: User) -> None:
        waiting = self._asked_at_five(world, amir, dana)

        workflow.submit(reference=waiting.reference, actor=amir, answer="The left one.", at=MONDAY + timedelta(days=2))

        # Answered at midnight before Wednesday: two hours from the opening.
        assert open_route(waiting).due_at == MONDAY + timedelta(days=2, hours=11)

    def test_stops_for_a_hold_over_a_weekend(self, world: World, amir: User, dana: User) -> None:
        calendar(world.team())
        waiting = world.waiting(by=amir, at=NOON + timedelta(hours=3))
        give_hours(waiting, 4)
        workflow.hold(reference=waiting.reference, note="", actor=dana, at=FRIDAY_AT_FOUR)

        workflow.release(reference=waiting.reference, actor=dana, at=MONDAY + timedelta(hours=9))

        assert open_route(waiting).due_at == MONDAY + timedelta(hours=12)

    def test_leaves_overdue_what_was_overdue(self, world: World, amir: User, dana: User) -> None:
        waiting = self._asked_late(world, amir, dana)

        workflow.submit(reference=waiting.reference, actor=amir, at=MONDAY + timedelta(days=1, hours=9))

        assert open_route(waiting).due_at == MONDAY + timedelta(days=1, hours=6)

    def test_makes_no_time_however_often_it_is_stopped(self, world: World, amir: User, dana: User) -> None:
        waiting = world.waiting(by=amir)
        due_at = open_route(waiting).due_at
        for minutes in (1, 2, 61, 62):
            at = due_at + timedelta(minutes=minutes - 3)
            workflow.hold(reference=waiting.reference, note="", actor=dana, at=at)
            workflow.release(reference=waiting.reference, actor=dana, at=at)

        assert open_route(waiting).due_at == due_at

    def test_goes_on_to_the_day_it_lapses(self, world: World, amir: User, dana: User) -> None:
        calendar(world.team(), lapses_after_days=30)
        waiting = world.waiting(by=amir)
        after_a_week = NOON + timedelta(days=7)
        workflow.hold(reference=waiting.reference, note="", actor=dana, at=after_a_week)

        workflow.release(reference=waiting.reference, actor=dana, at=after_a_week + timedelta(days=100))

        assert open_route(waiting).lapses_at == NOON + timedelta(days=130)

    def test_leaves_a_day_before_it_lapses(self, world: World, amir: User, dana: User) -> None:
        calendar(world.team(), lapses_after_days=30)
        waiting = world.waiting(by=amir)
        late = NOON + timedelta(days=29, hours=23)
        workflow.hold(reference=waiting.reference, note="", actor=dana, at=late)

        workflow.release(reference=waiting.reference, actor=dana, at=late)

        assert open_route(waiting).lapses_at == late + timedelta(days=1)

    def _asked_late(self, world: World, amir: User, dana: User) -> RefundRequest:
        calendar(world.team())
        waiting = world.waiting(by=amir, at=NOON)
        give_hours(waiting, 1)
        workflow.ask(reference=waiting.reference, question="Which lamp broke?", actor=dana, at=FRIDAY_AT_FOUR)
        assert ApprovalRoute.objects.get(reference=waiting.reference).seconds_left == -3 * HOUR
        return waiting


class TestSetCalendar:
    def test_moves_what_is_due_and_keeps_the_working_time_left(self, world: World, amir: User, root: User) -> None:
        calendar(world.team())
        waiting = world.waiting(by=amir, at=NOON)
        give_hours(waiting, 8)
        assert open_route(waiting).due_at == MONDAY + timedelta(hours=12)

        longer = Wanted(weekdays=(1, 2, 3, 4, 5, 6), opens_at=time(9), closes_at=time(17), holidays={})
        set_calendar(team=world.team(), wanted=longer, actor=root, at=FRIDAY_AT_FOUR)

        # One hour of Friday and three of the Saturday that is a working day now.
        step = ApprovalStep.objects.get(route__reference=waiting.reference)
        assert step.due_at == open_route(waiting).due_at == datetime(2026, 11, 21, 12, tzinfo=UTC)
        assert step.remind_at == datetime(2026, 11, 21, 10, tzinfo=UTC)
        entry = LedgerEntry.objects.get(kind="calendar.set")
        assert "1 open promises keep what was left of them" in entry.sentence

    def test_of_a_team_that_worked_round_the_clock_keeps_the_seconds(
        self, world: World, amir: User, root: User
    ) -> None:
        waiting = world.waiting(by=amir, at=NOON)
        give_hours(waiting, 6)

        set_calendar(team=world.team(), wanted=OFFICE, actor=root, at=NOON)

        assert open_route(waiting).due_at == MONDAY + timedelta(hours=10)

    def test_leaves_what_is_overdue(self, world: World, amir: User, root: User) -> None:
        waiting = world.waiting(by=amir, at=NOON)
        give_hours(waiting, 1)

        set_calendar(team=world.team(), wanted=OFFICE, actor=root, at=FRIDAY_AT_FOUR)

        assert open_route(waiting).due_at == NOON + timedelta(hours=1)

    def test_lets_nothing_lapse_on_the_day_it_is_set(self, world: World, amir: User, root: User) -> None:
        waiting = world.waiting(by=amir, at=NOON - timedelta(days=40))
        strict = Wanted(**{**_fields(OFFICE), "lapses_after_days": 30})  # type: ignore[arg-type]

        set_calendar(team=world.team(), wanted=strict, actor=root, at=NOON)

        assert open_route(waiting).lapses_at == NOON + timedelta(days=1)

    @pytest.mark.parametrize(
        ("wrong", "code"),
        [
            ({"weekdays": ()}, "invalid"),
            ({"weekdays": (1, 1)}, "invalid"),
            ({"weekdays": (0, 8)}, "invalid"),
            ({"opens_at": time(17), "closes_at": time(9)}, "invalid"),
            ({"opens_at": time(9), "closes_at": time(9)}, "invalid"),
            ({"lapses_after_days": 0}, "invalid"),
            ({"weekdays": (1,), "closes_at": time(9, 10)}, "invalid"),
        ],
    )
    def test_refuses_what_is_no_calendar(self, world: World, root: User, wrong: dict[str, object], code: str) -> None:
        wanted = Wanted(**{**_fields(OFFICE), **wrong})  # type: ignore[arg-type]

        with refused(Refused, code):
            set_calendar(team=world.team(), wanted=wanted, actor=root, at=NOON)

    def test_refuses_a_calendar_of_holidays_alone(self, world: World, root: User) -> None:
        mondays = {date(2026, 11, 23) + timedelta(weeks=week): "Off" for week in range(500)}
        wanted = Wanted(weekdays=(1,), opens_at=time(9), closes_at=time(17), holidays=mondays)

        with refused(Refused, "invalid"):
            set_calendar(team=world.team(), wanted=wanted, actor=root, at=NOON)

    def test_refuses_a_zone_that_is_none(self, world: World, root: User) -> None:
        Team.objects.filter(pk=world.team().pk).update(time_zone="Europe/Atlantis")

        with refused(Refused, "invalid"):
            set_calendar(team=world.team(), wanted=OFFICE, actor=root, at=NOON)

    def test_needs_the_right(self, world: World, dana: User) -> None:
        with refused(NotPermitted, "not_permitted"):
            set_calendar(team=world.team(), wanted=OFFICE, actor=dana, at=NOON)


class TestTheAdminPage:
    def _words(self, team: Team, **more: object) -> dict[str, object]:
        return {
            "team": team.pk,
            "weekdays": ["1", "2", "3"],
            "opens_at": "08:00",
            "closes_at": "16:00",
            "lapses_after_days": "30",
            "holidays-TOTAL_FORMS": "2",
            "holidays-INITIAL_FORMS": "0",
            "holidays-0-on": "2026-12-25",
            "holidays-0-name": "Christmas Day",
            "holidays-1-on": "",
            "holidays-1-name": "",
            **more,
        }

    def test_sets_hours_and_holidays_through_the_command(self, world: World, root: User) -> None:
        client = Client()
        client.force_login(root)

        answer = client.post("/admin/approvals/teamcalendar/add/", self._words(world.team()))

        assert answer.status_code == 302, answer.context["errors"]
        made = TeamCalendar.objects.get(team=world.team())
        assert (made.weekdays, made.opens_at, made.lapses_after_days) == ([1, 2, 3], time(8), 30)
        assert made.holidays.get().name == "Christmas Day"
        assert LedgerEntry.objects.filter(kind="calendar.set", actor=root).exists()

    def test_changes_them(self, world: World, root: User) -> None:
        made = calendar(world.team())
        holiday = Holiday.objects.create(calendar=made, on=date(2026, 12, 25), name="Christmas Day")
        client = Client()
        client.force_login(root)
        words = self._words(
            world.team(),
            **{
                "holidays-INITIAL_FORMS": "1",
                "holidays-0-id": holiday.pk,
                "holidays-0-calendar": made.pk,
                "holidays-0-DELETE": "on",
                "holidays-1-on": "2026-12-28",
                "holidays-1-name": "Boxing Day, moved",
            },
        )

        answer = client.post(f"/admin/approvals/teamcalendar/{made.pk}/change/", words)

        assert answer.status_code == 302, answer.context["errors"]
        assert [str(day.on) for day in made.holidays.all()] == ["2026-12-28"]

    def test_says_what_is_wrong_on_the_form(self, world: World, root: User) -> None:
        client = Client()
        client.force_login(root)

        answer = client.post("/admin/approvals/teamcalendar/add/", self._words(world.team(), closes_at="07:00"))

        assert answer.status_code == 200
        assert "Work ends after it begins" in answer.content.decode()
        assert not TeamCalendar.objects.exists()

    def test_refuses_too_few_hours_with_a_sentence(self, world: World, root: User) -> None:
        client = Client()
        client.force_login(root)

        answer = client.post(
            "/admin/approvals/teamcalendar/add/", self._words(world.team(), weekdays=["1"], closes_at="08:05")
        )

        assert answer.status_code == 422
        assert "over ten years" in answer.content.decode()


def _fields(wanted: Wanted) -> dict[str, object]:
    return {name: getattr(wanted, name) for name in ("weekdays", "opens_at", "closes_at", "holidays")}
