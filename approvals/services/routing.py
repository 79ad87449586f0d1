"""Open a route with its steps, level by level, and close one whose subject went another way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from approvals import clock
from approvals.models import ApprovalRoute, ApprovalStep, Involvement
from approvals.vocabulary import RouteState, StepState
from config.kernel.outbox import publish

from .continuing import FRESH, rest_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from approvals.brief import Brief, Signature
    from approvals.clock import Hours
    from approvals.vocabulary import Part
    from config.kernel.people import User
    from config.kernel.subjects import Subject

    from .continuing import Rest

HOUR = 3600

ANSWERS = {RouteState.APPROVED: "approval.granted", RouteState.DECLINED: "approval.denied"}
"""The news of an end that people decided; what was closed, recalled or lapsed is no answer."""


def open_route(*, brief: Brief, plan: Sequence[Signature], at: datetime) -> ApprovalRoute:
    """Write the plan down and open its first level. Call it in the transaction that moves the subject.

    A subject whose clock was stopped goes on with what was left of its promise, at the levels it had gone up to.

    :raises ValueError: for a plan without signatures
    """
    if not plan:
        message = "A route needs at least one signature."
        raise ValueError(message)
    first_level = min(signature.level for signature in plan)
    hours = clock.hours_of(brief.team_id)
    rest = rest_of(brief.subject)
    route = ApprovalRoute(
        subject_kind=brief.subject.kind,
        subject_id=brief.subject.id,
        reference=brief.reference,
        title=brief.title,
        customer=brief.customer,
        category=brief.category,
        reason=brief.reason,
        exception_code=brief.exception_code,
        risk=brief.risk,
        amount_minor=brief.amount.minor,
        currency=brief.amount.currency,
        team_id=brief.team_id,
        requested_by_id=brief.requested_by_id,
        reviewed_by_id=brief.reviewed_by_id,
        page=brief.page,
        panel=brief.panel,
        part_number=brief.part_number,
        others_minor=brief.others_minor,
        is_routine=brief.is_routine,
        current_level=first_level,
        opened_at=at,
        lapses_at=rest.lapses_at(hours, at=at),
    )
    steps = [_planned(route, signature, place, rest) for place, signature in enumerate(plan)]
    opening = [step for step in steps if step.level == first_level]
    _open(route, opening, at, hours, rest)
    route.save(force_insert=True)
    ApprovalStep.objects.bulk_create(steps)
    publish("approval.requested", at=at, route_id=route.pk)
    return route


def open_level(route: ApprovalRoute, *, level: int, at: datetime) -> None:
    """Open the steps of the next level of a locked route."""
    steps = list(route.steps.filter(level=level, state=StepState.WAITING))
    _open(route, steps, at, clock.hours_of(route.team_id), FRESH)
    ApprovalStep.objects.bulk_update(steps, ["state", "opened_at", "due_at", "remind_at"])
    route.save(update_fields=["current_level", "current_role", "open_roles", "due_at"])


def tell_what_is_open(route: ApprovalRoute, steps: Iterable[ApprovalStep]) -> None:
    """Repeat on the route what its open steps say, so that the queue needs no join; the caller saves it."""
    is_open = [(step.due_at, step.place, step) for step in steps if step.state == StepState.OPEN and step.due_at]
    route.due_at, _, first = min(is_open, key=lambda found: found[:2])
    route.current_level, route.current_role = first.level, first.role
    route.open_roles = sorted({step.role for *_, step in is_open})


def open_route_of(subject: Subject) -> ApprovalRoute | None:
    """Lock and answer the open route of a subject."""
    return (
        ApprovalRoute.objects.select_for_update()
        .filter(subject_kind=subject.kind, subject_id=subject.id, state=RouteState.OPEN)
        .first()
    )


def close_route(*, subject: Subject, at: datetime, state: RouteState = RouteState.CLOSED) -> ApprovalRoute | None:
    """Close the open route of a subject that was withdrawn, held or sent back; signatures so far stay on record.

    What is left of the promise is kept, for the route that may follow.
    """
    route = open_route_of(subject)
    if route is not None:
        route.seconds_left = clock.seconds_left(route.team_id, at=at, due_at=route.due_at)
        route.save(update_fields=["seconds_left"])
        finish(route=route, state=state, at=at)
    return route


def recall_route(*, subject: Subject, at: datetime) -> ApprovalRoute | None:
    """Mark the approved route of a subject as recalled; its signatures stay on record and bar nobody from signing anew.

    Answers None when no route of the subject ended approved.
    """
    route = (
        ApprovalRoute.objects.select_for_update()
        .filter(subject_kind=subject.kind, subject_id=subject.id, state=RouteState.APPROVED)
        .order_by("-closed_at", "-pk")
        .first()
    )
    if route is not None:
        # From the last signature on nobody was waited for.
        route.seconds_left = clock.seconds_left(route.team_id, at=route.closed_at or at, due_at=route.due_at)
        route.save(update_fields=["seconds_left"])
        finish(route=route, state=RouteState.RECALLED, at=at)
    return route


def finish(*, route: ApprovalRoute, state: RouteState, at: datetime) -> None:
    """End a locked route, and with it every step that is not over."""
    route.steps.filter(state__in=[StepState.OPEN, StepState.WAITING]).update(
        state=StepState.CLOSED, leased_by=None, leased_until=None, asked_of=None
    )
    end(route=route, state=state, at=at)


def end(*, route: ApprovalRoute, state: RouteState, at: datetime) -> None:
    """End a locked route of which every step is over."""
    route.state = state
    route.closed_at = at
    route.save(update_fields=["state", "closed_at"])
    if state in ANSWERS:
        publish(ANSWERS[state], at=at, route_id=route.pk)


def involve(*, subject: Subject, person: User, part: Part, at: datetime) -> None:
    """Note a part somebody took in a subject: from now on she does not sign for it. The subject must be locked."""
    Involvement.objects.get_or_create(
        subject_kind=subject.kind, subject_id=subject.id, person=person, part=part, defaults={"since": at}
    )


def _planned(route: ApprovalRoute, signature: Signature, place: int, rest: Rest) -> ApprovalStep:
    went_up_at = rest.went_up.get((signature.level, signature.escalates_to))
    return ApprovalStep(
        route=route,
        level=signature.level,
        place=place,
        role=signature.role if went_up_at is None else signature.escalates_to,
        quorum=signature.quorum,
        out_of=signature.out_of,
        sla_hours=signature.sla_hours,
        escalates_to=signature.escalates_to if went_up_at is None else "",
        escalated_at=went_up_at,
    )


def _open(route: ApprovalRoute, steps: Sequence[ApprovalStep], at: datetime, hours: Hours, rest: Rest) -> None:
    for step in steps:
        promise = rest.promise(hours, at=at, seconds=step.sla_hours * HOUR)
        step.state = StepState.OPEN
        step.opened_at, step.due_at, step.remind_at = at, promise.due_at, promise.remind_at
    tell_what_is_open(route, steps)
