"""Say when a team works; promises already given keep the working time that is left of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta
from typing import TYPE_CHECKING
from uuid import NAMESPACE_OID, uuid5
from zoneinfo import available_timezones

from django.db import transaction
from django.db.models import Q

from approvals.clock import hours_of, hours_with
from approvals.models import ApprovalRoute, ApprovalStep, Holiday, TeamCalendar
from approvals.vocabulary import RouteState, StepState
from approvals.working_time import UnableToReckon, add_seconds
from config.kernel.people import Team
from config.kernel.refusals import NotPermitted, Reason, Refused
from config.kernel.subjects import Subject
from config.kernel.wording import said
from evidence import ledger

from .routing import HOUR, tell_what_is_open

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from approvals.clock import Hours
    from config.kernel.people import User

KIND = "team_calendar"
CHANGES = "approvals.change_teamcalendar"
LONGEST_PROMISE_HOURS = 24 * 90
"""The longest a policy may grant one signature."""

GRACE = timedelta(days=1)
"""A new term for lapsing ends nothing on the day it is set."""

MOST_HOLIDAYS = 500
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The calendar somebody wants: ISO weekdays, hours on the wall, days off by name, and when routes lapse."""

    weekdays: tuple[int, ...]
    opens_at: time
    closes_at: time
    holidays: Mapping[date, str]
    lapses_after_days: int | None = None


@transaction.atomic
def set_calendar(*, team: Team, wanted: Wanted, actor: User, at: datetime) -> TeamCalendar:
    """Set when a team works. What is due moves, so that the working time left is the same under the new hours.

    :raises NotPermitted: without the right
    :raises Refused: naming each field that cannot be
    """
    if not actor.has_perm(CHANGES):
        raise NotPermitted("not_permitted", said("This needs the right “{right}”.", right=CHANGES))
    # One change of a team at a time, or the second would keep what the first had already moved.
    team = Team.objects.select_for_update(no_key=True).get(pk=team.pk)
    before = hours_of(team.pk)
    calendar = TeamCalendar(
        team=team,
        weekdays=sorted(wanted.weekdays),
        opens_at=wanted.opens_at,
        closes_at=wanted.closes_at,
        lapses_after_days=wanted.lapses_after_days,
    )
    check_can_be(calendar, wanted, at=at)
    after = hours_with(calendar, wanted.holidays)
    calendar = _write(calendar, wanted)
    moved = _keep_promises(team, before, after, at)
    days = ", ".join(DAYS[day - 1] for day in calendar.weekdays)
    ledger.record(
        subject=subject_of(team),
        kind="calendar.set",
        actor=actor,
        at=at,
        sentence=f"set the working hours of {team} to {days}, {calendar.opens_at:%H:%M} to {calendar.closes_at:%H:%M},"
        f" with {len(wanted.holidays)} holidays; {moved} open promises keep what was left of them.",
        data={
            "team": team.pk,
            "zone": team.time_zone,
            "weekdays": list(calendar.weekdays),
            "opens_at": calendar.opens_at.isoformat(),
            "closes_at": calendar.closes_at.isoformat(),
            "holidays": [day.isoformat() for day in sorted(wanted.holidays)],
            "lapses_after_days": calendar.lapses_after_days,
        },
    )
    return calendar


def check_can_be(calendar: TeamCalendar, wanted: Wanted, *, at: datetime) -> None:
    """Refuse what no calendar can be, every field at once.

    :raises Refused: with a reason for each field
    """
    weekdays = wanted.weekdays
    wrong: dict[str, str | bool] = {
        "team": calendar.team.time_zone not in available_timezones()
        and said("There is no time zone “{zone}”.", zone=calendar.team.time_zone),
        "weekdays": (not weekdays and said("Choose at least one working day."))
        or (
            (len(set(weekdays)) < len(weekdays) or not set(weekdays) <= set(range(1, 8)))
            and said("Days are 1 to 7, once.")
        ),
        "closes_at": wanted.opens_at >= wanted.closes_at and said("Work ends after it begins, on the same day."),
        "lapses_after_days": wanted.lapses_after_days == 0 and said("Leave it empty, or give at least a day."),
        "holidays": len(wanted.holidays) > MOST_HOLIDAYS and said("At most {most} holidays.", most=MOST_HOLIDAYS),
    }
    reasons = [Reason("invalid", no, field) for field, no in wrong.items() if no and isinstance(no, str)]
    if not reasons:
        week = hours_with(calendar, wanted.holidays).week
        try:
            if week is not None:
                add_seconds(week, at, LONGEST_PROMISE_HOURS * HOUR)
        except UnableToReckon:
            reasons.append(
                Reason("invalid", said("These hours are so few that the longest promise would take over ten years."))
            )
    if reasons:
        raise Refused.of(reasons)


def subject_of(team: Team) -> Subject:
    """Name a team's calendar in the ledger; the team's number as a UUID, the same for ever."""
    return Subject(KIND, uuid5(NAMESPACE_OID, f"{KIND}:{team.pk}"))


def _write(calendar: TeamCalendar, wanted: Wanted) -> TeamCalendar:
    hours = {name: getattr(calendar, name) for name in ("weekdays", "opens_at", "closes_at", "lapses_after_days")}
    kept, _ = TeamCalendar.objects.update_or_create(team=calendar.team, defaults=hours)
    kept.holidays.all().delete()
    Holiday.objects.bulk_create(Holiday(calendar=kept, on=on, name=name) for on, name in wanted.holidays.items())
    return kept


def _keep_promises(team: Team, before: Hours, after: Hours, at: datetime) -> int:
    """Move what open routes promised; what is overdue stays so. Answers how many steps moved.

    Routes before steps, each in the order of its key, as whoever decides locks them.
    """
    routes = list(ApprovalRoute.objects.select_for_update().filter(team=team, state=RouteState.OPEN).order_by("pk"))
    steps_of: dict[object, list[ApprovalStep]] = {route.pk: [] for route in routes}
    is_open = Q(route__in=routes, state=StepState.OPEN)
    for step in ApprovalStep.objects.select_for_update().filter(is_open).order_by("route", "level", "place"):
        steps_of[step.route_id].append(step)
    moved = []
    for route in routes:
        steps = steps_of[route.pk]
        for step in steps:
            if step.due_at is not None and step.due_at > at:
                step.due_at = _moved(step.due_at, before, after, at)
                if step.remind_at is not None and step.remind_at > at:
                    step.remind_at = _moved(step.remind_at, before, after, at)
                moved.append(step)
        if steps:
            tell_what_is_open(route, steps)
        if before.lapses_at(opened_at=route.opened_at) != after.lapses_at(opened_at=route.opened_at):
            lapses_at = after.lapses_at(opened_at=route.opened_at)
            route.lapses_at = None if lapses_at is None else max(lapses_at, at + GRACE)
            route.lapse_told_at = None
    ApprovalStep.objects.bulk_update(moved, ["due_at", "remind_at"], batch_size=500)
    ApprovalRoute.objects.bulk_update(routes, ["due_at", "lapses_at", "lapse_told_at"], batch_size=500)
    return len(moved)


def _moved(due_at: datetime, before: Hours, after: Hours, at: datetime) -> datetime:
    return after.promise(at=at, seconds=before.seconds_left(at=at, due_at=due_at)).due_at
