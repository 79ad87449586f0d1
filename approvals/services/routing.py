"""Open a route with its steps, close one whose subject went another way."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from approvals.models import ApprovalRoute, ApprovalStep
from approvals.vocabulary import RouteState, StepState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from approvals.brief import Brief, Signature
    from config.kernel.subjects import Subject


def open_route(*, brief: Brief, plan: Sequence[Signature], at: datetime) -> ApprovalRoute:
    """Write the plan down and open its first step. Call it in the transaction that moves the subject.

    :raises ValueError: for a plan without signatures
    """
    if not plan:
        message = "A route needs at least one signature."
        raise ValueError(message)
    ordered = sorted(plan, key=lambda signature: signature.level)
    first = ordered[0]
    due_at = at + timedelta(hours=first.sla_hours)
    route = ApprovalRoute.objects.create(
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
        current_level=first.level,
        current_role=first.role,
        due_at=due_at,
        opened_at=at,
    )
    ApprovalStep.objects.bulk_create(
        ApprovalStep(
            route=route,
            level=signature.level,
            role=signature.role,
            quorum=signature.quorum,
            sla_hours=signature.sla_hours,
            state=StepState.OPEN if signature is first else StepState.WAITING,
            due_at=due_at if signature is first else None,
        )
        for signature in ordered
    )
    return route


def open_route_of(subject: Subject) -> ApprovalRoute | None:
    """Lock and answer the open route of a subject."""
    return (
        ApprovalRoute.objects.select_for_update()
        .filter(subject_kind=subject.kind, subject_id=subject.id, state=RouteState.OPEN)
        .first()
    )


def close_route(*, subject: Subject, at: datetime) -> None:
    """Close the open route of a subject that was withdrawn, held or sent back; signatures so far stay on record."""
    route = open_route_of(subject)
    if route is not None:
        finish(route=route, state=RouteState.CLOSED, at=at)


def finish(*, route: ApprovalRoute, state: RouteState, at: datetime) -> None:
    """End a locked route, and with it every step that is not over."""
    route.state = state
    route.closed_at = at
    route.save(update_fields=["state", "closed_at"])
    route.steps.filter(state__in=[StepState.OPEN, StepState.WAITING]).update(
        state=StepState.CLOSED, leased_by=None, leased_until=None
    )
