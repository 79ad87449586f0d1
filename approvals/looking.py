"""Look through every open route for dead ends, as a job with progress, and keep what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import transaction

from config.kernel.jobs import Job, JobState, end_job, queue_job, report_progress, start_job
from config.kernel.people import team_ids_of
from config.kernel.refusals import NotPermitted
from config.kernel.wording import said

from .dead_ends import chunks_of_open_routes, dead_ends_of
from .models import ApprovalRoute, DeadEnd, DeadEndLook
from .vocabulary import RouteState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from config.kernel.people import User

    from .dead_ends import Found

KIND: Final = "dead_ends"
RIGHT: Final = "approvals.view_deadend"


def known_dead_ends(viewer: User) -> QuerySet[DeadEnd]:
    """Select what the last look found in the viewer's teams, the oldest promise first."""
    return (
        DeadEnd.objects.filter(gone_at__isnull=True, route__team__in=team_ids_of(viewer), route__state=RouteState.OPEN)
        .select_related("route__team")
        .order_by("route__due_at", "pk")
    )


def last_look() -> DeadEndLook | None:
    """Find the last look that got through; None before the first one."""
    return DeadEndLook.objects.order_by("-ended_at").first()


def look_under_way() -> Job | None:
    """Find the look somebody asked for that is not over yet."""
    under_way = Job.objects.filter(kind=KIND, state__in=[JobState.QUEUED, JobState.RUNNING])
    return under_way.select_related("requested_by").order_by("created_at").first()


@transaction.atomic(durable=True)
def ask_for_look(*, actor: User, at: datetime) -> Job:
    """Queue a look; while one is under way that one is answered.

    :raises NotPermitted: without the right to see dead ends
    """
    if not actor.has_perm(RIGHT):
        raise NotPermitted("not_permitted", said("This needs the right “{right}”.", right=RIGHT))
    return look_under_way() or queue_job(kind=KIND, actor=actor, at=at)


def run_look(*, job_id: UUID | str, at: datetime) -> None:
    """Do the look of a queued job; taken up again after a killed worker, it begins anew and finds the same."""
    job = start_job(job_id=job_id)
    if job is None:
        return
    total = ApprovalRoute.objects.filter(state=RouteState.OPEN).count()
    look = look_for_dead_ends(at=at, go_on=lambda done: report_progress(job=job, done=done, total=total))
    if look is None:
        end_job(job=job, state=JobState.CANCELLED, at=at)
        return
    result: dict[str, object] = {"routes": look.route_count, "found": look.found_count}
    end_job(job=job, state=JobState.SUCCEEDED, at=at, result=result)


def look_for_dead_ends(*, at: datetime, go_on: Callable[[int], bool] = lambda _done: True) -> DeadEndLook | None:
    """Look at every open route and keep what was found; what is no dead end any more is marked gone.

    A thousand routes at a time, each thousand in a transaction of its own; `go_on` hears how many were looked at, and
    stops it by answering False. Two looks beside each other find the same. Answers None when it was stopped.
    """
    done = 0
    for staff, routes in chunks_of_open_routes(at=at):
        if not go_on(done):
            return None
        with transaction.atomic():
            _keep(routes, list(dead_ends_of(staff, routes)), at)
        done += len(routes)
    DeadEnd.objects.filter(gone_at__isnull=True).exclude(route__state=RouteState.OPEN).update(gone_at=at)
    found_count = DeadEnd.objects.filter(gone_at__isnull=True).count()
    return DeadEndLook.objects.create(ended_at=at, route_count=done, found_count=found_count)


def _keep(routes: Sequence[ApprovalRoute], found: Sequence[Found], at: datetime) -> None:
    new = {(each.route.pk, each.level): each for each in found}
    known = DeadEnd.objects.select_for_update().filter(gone_at__isnull=True, route__in=routes).order_by("pk")
    still, gone = [], []
    for dead in known:
        each = new.pop((dead.route_id, dead.level), None)
        if each is None:
            gone.append(dead.pk)
        else:
            dead.why, dead.seen_at = each.why, at
            still.append(dead)
    DeadEnd.objects.filter(pk__in=gone).update(gone_at=at)
    DeadEnd.objects.bulk_update(still, ["why", "seen_at"])
    rows = [DeadEnd(route=each.route, level=each.level, why=each.why, found_at=at, seen_at=at) for each in new.values()]
    DeadEnd.objects.bulk_create(rows, ignore_conflicts=True)
