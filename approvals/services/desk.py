"""What one person does with the queue beside deciding: views under a name, putting off, asking a colleague."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.dateparse import parse_datetime

from approvals.models import ApprovalRoute, ApprovalStep, SavedView, Snooze
from approvals.permissions import DECIDED_BEFORE, decided_before, matter_of, warrant_for
from approvals.vocabulary import RouteState, StepState
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from config.kernel.wording import joined, said
from evidence import ledger

from .escalating import hold_to_send_on

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from approvals.queue_view import QueueView
    from config.kernel.people import Team, User

MOST_VIEWS = 20
LONGEST_NAME = 40
LONGEST_QUERY = 400
MORNING_HOUR = 9
PAUSES = {"1h": said("1 hour"), "4h": said("4 hours"), "tomorrow": said("tomorrow, 9:00")}
LONGEST_PAUSE = timedelta(days=30)


@transaction.atomic(durable=True)
def save_view(*, name: str, wanted: QueueView, actor: User) -> SavedView:
    """Keep a view of the queue under a name; the same name again replaces it.

    :raises Refused: without a name, with too many views, or for one with more filters than can be kept
    """
    name = _checked(name)
    query = wanted.query()
    if len(query) > LONGEST_QUERY:
        raise Refused("refused", said("This view has too many filters to be kept; take one away."), "name")
    others = SavedView.objects.filter(user=actor).exclude(name=name)
    if others.count() >= MOST_VIEWS:
        raise Refused("refused", said("You keep {most} views already; delete one first.", most=MOST_VIEWS), "name")
    view, _ = SavedView.objects.update_or_create(user=actor, name=name, defaults={"query": query})
    return view


@transaction.atomic(durable=True)
def rename_view(*, view_id: UUID, name: str, actor: User) -> SavedView:
    """Give a view of one's own another name.

    :raises Refused: without a name, with the name of another view, or when it is gone
    """
    name = _checked(name)
    view = SavedView.objects.select_for_update().filter(pk=view_id, user=actor).first()
    if view is None:
        raise Refused("refused", said("This view is gone. Keep it anew."), "name")
    if SavedView.objects.filter(user=actor, name=name).exclude(pk=view_id).exists():
        raise Refused("refused", said("Another of your views is named “{name}” already.", name=name), "name")
    view.name = name
    view.save(update_fields=["name"])
    return view


def _checked(name: str) -> str:
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise Refused("refused", said("Name the view in at most {most} characters.", most=LONGEST_NAME), "name")
    return name


@transaction.atomic(durable=True)
def delete_view(*, view_id: UUID, actor: User) -> None:
    """Forget a view of one's own; one that is gone already is fine."""
    SavedView.objects.filter(pk=view_id, user=actor).delete()


def wakes_at(pause: str, *, team: Team, at: datetime) -> datetime:
    """Tell when what was put off comes back; tomorrow's morning and a moment such as `2026-11-20T16:30` are the team's.

    :raises Refused: for a pause nobody offers, a moment that is over, or one too far away
    """
    if pause == "tomorrow":
        tomorrow = (at.astimezone(ZoneInfo(team.time_zone)) + timedelta(days=1)).replace(
            hour=MORNING_HOUR, minute=0, second=0, microsecond=0
        )
        return tomorrow.astimezone(at.tzinfo)
    hours = {"1h": 1, "4h": 4}.get(pause)
    until_at = at + timedelta(hours=hours) if hours is not None else _moment(pause, team=team)
    if until_at is None:
        raise Refused(
            "refused",
            said("Put it off for one of: {pauses}, or until a moment.", pauses=joined(PAUSES.values(), ", ")),
            "pause",
        )
    if not at < until_at <= at + LONGEST_PAUSE:
        raise Refused(
            "refused", said("Put it off until a moment within the next {days} days.", days=LONGEST_PAUSE.days), "until"
        )
    return until_at


def _moment(text: str, *, team: Team) -> datetime | None:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=ZoneInfo(team.time_zone)) if moment is not None and moment.tzinfo is None else None


@transaction.atomic(durable=True)
def snooze_route(*, route: ApprovalRoute, pause: str, actor: User, at: datetime) -> Snooze:
    """Keep an open route out of this person's own views for a while; its clock runs on, and her hold of it ends.

    :raises OutOfDate: `already_decided` when nothing is open any more
    """
    if not ApprovalRoute.objects.filter(pk=route.pk, state=RouteState.OPEN).exists():
        raise OutOfDate("already_decided", said("This request no longer waits for a decision."))
    until_at = wakes_at(pause, team=route.team, at=at)
    ApprovalStep.objects.filter(route=route, leased_by=actor).update(leased_by=None, leased_until=None)
    snooze, _ = Snooze.objects.update_or_create(user=actor, route=route, defaults={"until_at": until_at})
    return snooze


@transaction.atomic(durable=True)
def wake_route(*, route: ApprovalRoute, actor: User) -> None:
    """Take a route up again before its time."""
    Snooze.objects.filter(route=route, user=actor).delete()


@transaction.atomic(durable=True)
def ask_colleague(*, route: ApprovalRoute, colleague: User, note: str, actor: User, at: datetime) -> ApprovalStep:
    """Send the open step to a colleague who may decide on it; anybody else who may still can.

    :raises NotPermitted: without the right to sign in the team, or when the colleague may not decide on it
    :raises OutOfDate: `already_decided` when nothing is open any more
    """
    held = hold_to_send_on(route, note=note, actor=actor)
    matter = matter_of(held)
    try:
        warrant = warrant_for(colleague, matter, at=at)
    except NotPermitted as no:
        raise Refused(
            "refused", said("{colleague} cannot decide on this: {detail}", colleague=colleague, detail=no.detail), "to"
        ) from no
    if decided_before(colleague, matter):
        raise Refused(
            "refused",
            said("{colleague} cannot decide on this: {detail}", colleague=colleague, detail=DECIDED_BEFORE),
            "to",
        )
    steps = ApprovalStep.objects.select_for_update().filter(route=held, state=StepState.OPEN, role__in=warrant.roles)
    step = steps.order_by("place")[0]
    step.asked_of = colleague
    if step.leased_by_id == actor.pk:
        step.leased_by = step.leased_until = None
    step.save(update_fields=["asked_of", "leased_by", "leased_until"])
    Snooze.objects.filter(route=held, user=colleague).delete()
    ledger.record(
        subject=held.subject,
        kind="approval.asked",
        actor=actor,
        at=at,
        sentence=f"asked {colleague} to decide.",
        data={
            "route": str(held.pk),
            "step": str(step.pk),
            "asked_of": colleague.username,
            "note_sha256": ledger.salted_digest(held.subject, note),
        },
    )
    return step
