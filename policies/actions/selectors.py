"""Which governed actions there are, and what a page shows of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, Q

from approvals.models import ApprovalDecision, ApprovalStep
from approvals.signing import standing_of
from approvals.vocabulary import StepState
from config.kernel.wording import said
from policies.engine.signature_words import people_words
from policies.permissions import actions_visible_to
from policies.vocabulary import ActionState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from approvals.signing import Standing
    from config.kernel.people import User
    from policies.models import GovernedAction

COUNT_UP_TO = 100


def actions_listed(
    viewer: User, wanted: Mapping[str, Any], *, before: tuple[datetime, UUID] | None = None
) -> QuerySet[GovernedAction]:
    """Select the actions this person may see, newest first; `wanted` holds state, category and ungoverned."""
    rows = actions_visible_to(viewer).select_related("team", "requested_by", "decision")
    rows = rows.defer("decision__facts", "decision__findings")
    for name in ("state", "category"):
        if wanted.get(name):
            rows = rows.filter(**{name: wanted[name]})
    if wanted.get("ungoverned"):
        rows = rows.filter(is_ungoverned=wanted["ungoverned"] == "1")
    if before is not None:
        created_at, pk = before
        rows = rows.filter(Q(created_at__lt=created_at) | Q(created_at=created_at, pk__lt=pk))
    return rows.order_by("-created_at", "-pk")


def action_page(viewer: User, reference: str) -> GovernedAction | None:
    """Find an action with everything its page shows."""
    return (
        actions_visible_to(viewer)
        .select_related(
            "team", "requested_by", "approved_by", "refused_by", "explained_by", "route", "decision__version__policy"
        )
        .defer("decision__version__document")
        .prefetch_related(
            Prefetch("route__steps", ApprovalStep.objects.order_by("level", "place")),
            Prefetch("route__decisions", ApprovalDecision.objects.select_related("decided_by", "acting_for")),
        )
        .filter(reference=reference)
        .first()
    )


def unexplained_count(viewer: User) -> int:
    """Count what waits for an explanation by this person, up to `COUNT_UP_TO`."""
    if not viewer.has_perm("policies.explain_governedaction"):
        return 0
    waiting = actions_visible_to(viewer).filter(is_ungoverned=True, state=ActionState.OBSERVED)
    return waiting.order_by()[:COUNT_UP_TO].count()


def standing_with(viewer: User, action: GovernedAction, *, at: datetime) -> Standing | None:
    """Say whether this person may decide on it; None when nothing is waited for."""
    if action.state != ActionState.AWAITING_APPROVAL or action.route is None:
        return None
    action.route.team = action.team
    return standing_of(viewer, action.route, at=at)


def _by(due_at: datetime, zone: str) -> str:
    """Say a promise on the clock of the team."""
    return said("by {time} ({zone})", time=f"{due_at.astimezone(ZoneInfo(zone)):%d %b, %H:%M}", zone=zone)


def chain_of(action: GovernedAction) -> list[dict[str, str]]:
    """Say who signs, in order, and where it stands."""
    if action.route is None:
        return []
    words = {StepState.APPROVED: "done", StepState.OPEN: "current", StepState.DECLINED: "failed"}
    return [
        {
            "label": people_words(step.role, step.quorum, step.out_of).capitalize(),
            "state": words.get(StepState(step.state), "todo"),
            "note": _by(step.due_at, action.team.time_zone) if step.due_at and step.state == StepState.OPEN else "",
        }
        for step in action.route.steps.all()
    ]
