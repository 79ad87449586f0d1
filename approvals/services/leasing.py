"""Hold a step while somebody looks at it: a courtesy with an end, which the pages and the API keep; not a lock.

A step that wants several people is shared: who looks at it does not keep the others away.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from approvals.authority import within_room_today
from approvals.models import ApprovalRoute, ApprovalStep
from approvals.permissions import (
    DECIDED_BEFORE,
    decided_before,
    has_room,
    matter_of,
    warrant_for,
    why_not_decide,
    within_authority,
)
from approvals.places import place_of
from approvals.selectors import waiting_routes
from approvals.vocabulary import RouteState, StepState
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from config.kernel.wording import said

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from approvals.permissions import Warrant
    from approvals.queue_view import QueueView
    from config.kernel.people import User

LEASE = timedelta(minutes=15)
MOST_HELD = 20
"""Whoever holds so many decides some before she claims more."""

MOST_TRIED = 100
"""So many of the oldest are looked at before a claim finds nothing: others may be taking them in the same instant."""

GONE = said("This request no longer waits for a decision.")


@transaction.atomic(durable=True)
def lease_step(*, route: ApprovalRoute, actor: User, at: datetime, step_id: UUID | None = None) -> ApprovalStep:
    """Hold the open step this person would sign, or the named one, for a quarter of an hour or for another one.

    :raises NotPermitted: to whoever may not decide on it
    :raises OutOfDate: when somebody else holds it or nothing is open
    """
    if not ApprovalRoute.objects.filter(pk=route.pk, state=RouteState.OPEN).exists():
        raise OutOfDate("already_decided", GONE)
    warrant = _warrant(route, actor, at)
    steps = ApprovalStep.objects.select_for_update(of=("self",)).select_related("leased_by")
    waiting = steps.filter(route=route, state=StepState.OPEN, **({} if step_id is None else {"pk": step_id}))
    hers = list(waiting.filter(role__in=warrant.roles).order_by("place"))
    if not hers and step_id is not None and waiting.exists():
        raise NotPermitted("not_permitted", said("Somebody with another role signs this step."))
    if not hers:
        raise OutOfDate("already_decided", GONE)
    free = [step for step in hers if not held_by_another(step, actor, at)]
    step = place_of(actor, free or hers, warrant, route=route, at=at)
    refuse_held(step, actor, at)
    return _hold(step, actor, warrant, at)


@transaction.atomic(durable=True)
def claim_next(*, wanted: QueueView, actor: User, at: datetime) -> ApprovalRoute | None:
    """Hold the oldest promise of a view that this person may decide and nobody holds; None when there is none.

    Two people who ask in the same instant get two different ones: what the other is about to hold is skipped.

    :raises Refused: with too many held already
    """
    held = ApprovalStep.objects.filter(leased_by=actor, leased_until__gt=at, state=StepState.OPEN)
    if held.count() >= MOST_HELD:
        raise Refused(
            "refused",
            said("You hold {most} already. Decide on some of them or release them first.", most=MOST_HELD),
        )
    is_free = _is_free(at)
    hers = _free_routes(wanted, actor, at).filter(within_room_today(actor, at=at))
    for route in hers.exclude(pk__in=held.values("route"))[:MOST_TRIED]:
        try:
            warrant = _warrant(route, actor, at)
        except NotPermitted:
            continue  # taken by another, or lost, in the same instant
        if not has_room(warrant, matter_of(route), at=at):
            continue
        steps = ApprovalStep.objects.select_for_update(skip_locked=True).filter(is_free, route=route)
        open_to_her = list(steps.filter(state=StepState.OPEN, role__in=warrant.roles).order_by("place"))
        if open_to_her:
            _hold(place_of(actor, open_to_her, warrant, route=route, at=at), actor, warrant, at)
            return route
    return None


def day_is_full(*, wanted: QueueView, actor: User, at: datetime) -> bool:
    """Tell whether something in a view is free that this person may decide, and only her day has no room for it."""
    return _free_routes(wanted, actor, at).exclude(within_room_today(actor, at=at)).exists()


def _free_routes(wanted: QueueView, actor: User, at: datetime) -> QuerySet[ApprovalRoute]:
    free = ApprovalStep.objects.filter(_is_free(at), route=OuterRef("pk"), state=StepState.OPEN)
    # A view such as “all teams” also shows what others decide.
    return waiting_routes(actor, wanted.whole(), at=at).filter(within_authority(actor, at=at), Exists(free))


def _is_free(at: datetime) -> Q:
    return Q(leased_until__isnull=True) | Q(leased_until__lte=at) | Q(quorum__gt=1)


@transaction.atomic(durable=True)
def release_step(*, route: ApprovalRoute, actor: User, step_id: UUID | None = None) -> None:
    """Give back what one holds of a route, or the named step of it; holding nothing is fine."""
    held = ApprovalStep.objects.filter(route=route, leased_by=actor)
    (held if step_id is None else held.filter(pk=step_id)).update(leased_by=None, leased_until=None)


def release_what_is_lost(actor: User, *, at: datetime) -> None:
    """Give back what this person holds and may not decide any more; what she signs in this instant is left to that."""
    held = ApprovalStep.objects.filter(leased_by=actor, state=StepState.OPEN).select_related("route")
    for step in held.select_for_update(of=("self",), skip_locked=True).order_by("pk"):
        if why_not_decide(actor, step.route, at=at):
            step.leased_by = step.leased_until = None
            step.save(update_fields=["leased_by", "leased_until"])


def check_not_held(*, route: ApprovalRoute | None, actor: User, at: datetime) -> None:
    """Keep pages and API from deciding on what somebody else looks at, unless one of its steps is free.

    Whoever may not decide hears so from the command, not who holds it.

    :raises OutOfDate: naming who holds it, and until when
    """
    if route is None or route.state != RouteState.OPEN or why_not_decide(actor, route, at=at):
        return
    steps = list(ApprovalStep.objects.filter(route=route, state=StepState.OPEN).select_related("leased_by"))
    refusals = [no for step in steps if (no := held_by_another(step, actor, at))]
    if steps and len(refusals) == len(steps):
        raise OutOfDate("out_of_date", refusals[0])


def held_by_another(step: ApprovalStep, actor: User, at: datetime) -> str:
    """Say who else holds a step, and until when; empty when nobody does, or when several people sign it."""
    if step.quorum > 1 or step.leased_by is None or step.leased_by == actor:
        return ""
    if step.leased_until is None or step.leased_until <= at:
        return ""
    return said("{who} is looking at this until {time} UTC.", who=step.leased_by, time=f"{step.leased_until:%H:%M}")


def refuse_held(step: ApprovalStep, actor: User, at: datetime) -> None:
    """Refuse to take a step out of another's hands.

    :raises OutOfDate: naming who holds it
    """
    if words := held_by_another(step, actor, at):
        raise OutOfDate("out_of_date", words)


def _warrant(route: ApprovalRoute, actor: User, at: datetime) -> Warrant:
    """Check the conflict matrix at assignment as at action: nobody holds what she may not decide."""
    matter = matter_of(route)
    warrant = warrant_for(actor, matter, at=at)
    if decided_before(actor, matter):
        raise NotPermitted("self_approval", DECIDED_BEFORE)
    return warrant


def _hold(step: ApprovalStep, actor: User, warrant: Warrant, at: datetime) -> ApprovalStep:
    step.leased_by = actor
    step.leased_until = at + LEASE if warrant.loan is None else min(at + LEASE, warrant.loan.until_at)
    step.save(update_fields=["leased_by", "leased_until"])
    return step
