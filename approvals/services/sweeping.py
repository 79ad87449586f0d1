"""Let time do its work on open routes: remind once, send up what is overdue, tell that a route has lapsed.

Each route is taken by itself and only if nobody else holds it: two sweepers pass by each other, and whoever decides at
the same moment goes first or second, never both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from django.db import transaction
from django.db.models import F, Q

from approvals.freezing import routes_under, switches_on
from approvals.models import ApprovalRoute, ApprovalStep
from approvals.vocabulary import RouteState, StepState
from config.kernel.outbox import publish

from .escalating import CLOCK, move_up, open_steps_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

logger = structlog.get_logger(__name__)

BATCH = 500
"""Routes of one kind in one sweep; the next one, a minute later, takes the rest."""


def sweep_routes(*, at: datetime) -> int:
    """Do what is due at `at`. Answers how many routes were moved or told about."""
    due = (
        (lapse, _untold(at).order_by("lapses_at", "pk").values_list("pk", flat=True)),
        (escalate, _routes_of(_overdue(at))),
        (remind, _routes_of(_to_remind(at))),
    )
    return sum(_done(work, found[:BATCH], at) for work, found in due)


def _done(work: Callable[[UUID, datetime], bool], routes: Iterable[UUID], at: datetime) -> int:
    count = 0
    for pk in list(routes):
        try:
            count += work(pk, at)
        except Exception:
            # One broken row must not keep all others waiting.
            logger.exception("route.cannot_be_swept", route=str(pk), work=work.__name__)
    return count


def lapsed_routes(*, at: datetime) -> QuerySet[ApprovalRoute]:
    """Select the open routes whose time is over; none lapses while a freeze keeps people from finishing it."""
    return ApprovalRoute.objects.filter(state=RouteState.OPEN, lapses_at__lte=at).exclude(routes_under(switches_on()))


def _untold(at: datetime) -> QuerySet[ApprovalRoute]:
    return lapsed_routes(at=at).filter(lapse_told_at__isnull=True)


def _overdue(at: datetime) -> Q:
    """Select open steps whose promise is over and about which nothing was done since: gone up, or told to managers."""
    untold = Q(reminded_at__isnull=True) | Q(reminded_at__lt=F("due_at"))
    return Q(state=StepState.OPEN, due_at__lte=at) & (~Q(escalates_to="") | untold)


def _to_remind(at: datetime) -> Q:
    return Q(state=StepState.OPEN, remind_at__lte=at, due_at__gt=at, reminded_at__isnull=True)


def _routes_of(steps: Q) -> QuerySet[ApprovalStep, UUID]:
    return ApprovalStep.objects.filter(steps).order_by("due_at", "pk").values_list("route", flat=True)


def _held(found: QuerySet[ApprovalRoute]) -> ApprovalRoute | None:
    """Lock a route that nobody else holds right now."""
    return found.filter(state=RouteState.OPEN).select_for_update(skip_locked=True).first()


@transaction.atomic
def lapse(route_id: UUID, at: datetime) -> bool:
    """Publish once that a route has lapsed; whoever owns the subject ends both, under the lock of the subject."""
    route = _held(_untold(at).filter(pk=route_id))
    if route is None:
        return False
    route.lapse_told_at = at
    route.save(update_fields=["lapse_told_at"])
    publish("approval.lapsed", subject_kind=route.subject_kind, subject_id=route.subject_id, route_id=route.pk)
    return True


@transaction.atomic
def escalate(route_id: UUID, at: datetime) -> bool:
    """Send the overdue steps of a route up; where the plan names nobody above, tell the managers of the team once."""
    route = _held(ApprovalRoute.objects.filter(pk=route_id))
    if route is None:
        return False
    late = [step for step in open_steps_of(route) if step.due_at is not None and step.due_at <= at]
    going = [step for step in late if step.escalates_to]
    staying = [step for step in late if not step.escalates_to and not _told_late(step)]
    if going:
        move_up(route, going, actor=CLOCK, why="found it overdue", at=at)
    if staying:
        # The mark is the last reminder: one that came after the promise was over told the managers.
        ApprovalStep.objects.filter(pk__in=[step.pk for step in staying]).update(reminded_at=at)
        publish("approval.overdue", route_id=route.pk)
    return bool(going or staying)


def _told_late(step: ApprovalStep) -> bool:
    return step.reminded_at is not None and step.due_at is not None and step.reminded_at >= step.due_at


@transaction.atomic
def remind(route_id: UUID, at: datetime) -> bool:
    """Remind whoever may sign, once for each step."""
    route = _held(ApprovalRoute.objects.filter(pk=route_id))
    if route is None or not ApprovalStep.objects.filter(_to_remind(at), route=route).update(reminded_at=at):
        return False
    publish("approval.due_soon", route_id=route.pk)
    return True
