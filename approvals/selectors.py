"""The queue: what waits for this viewer, oldest promise first."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import F, Func, OuterRef, Q, Subquery, Value
from django.db.models.fields import BooleanField

from .models import ApprovalRoute, ApprovalStep
from .permissions import visible_to, within_authority
from .vocabulary import Risk, RouteState, StepState

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

    from config.kernel.people import User

COUNT_UP_TO = 100
"""Tabs say "100+": an exact count of a long queue costs more than it tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueView:
    """What the viewer asked to see; every field lives in the address."""

    tab: str = "mine"
    team: str = ""
    currency: str = ""
    reason: str = ""
    risk: str = ""
    customer: str = ""
    after_due_at: datetime | None = None
    after_id: UUID | None = None


TABS = {
    "mine": "My authority",
    "soon": "Due in 1 h",
    "exceptions": "Exceptions",
    "low": "Low risk",
    "all": "All teams of mine",
}


def waiting_routes(viewer: User, view: QueueView, *, at: datetime) -> QuerySet[ApprovalRoute]:
    """Select the open routes of one view of the queue, oldest promise first, after the keyset of the view.

    Each route carries `leased_by_id`, `leased_by_name` and `leased_until` of its open step.
    """
    routes = _tab(viewer, view.tab, at)
    for field in ("currency", "reason", "risk"):
        if getattr(view, field):
            routes = routes.filter(**{field: getattr(view, field)})
    if view.team:
        routes = routes.filter(team__slug=view.team)
    if view.customer:
        routes = routes.filter(Q(customer__icontains=view.customer) | Q(reference__iexact=view.customer))
    if view.after_due_at is not None and view.after_id is not None:
        routes = routes.filter(_after(view.after_due_at, view.after_id))
    step = ApprovalStep.objects.filter(route=OuterRef("pk"), state=StepState.OPEN)
    return (
        routes.annotate(
            step_id=Subquery(step.values("pk")[:1]),
            leased_by_id=Subquery(step.values("leased_by_id")[:1]),
            leased_by_name=Subquery(step.values("leased_by__first_name")[:1]),
            leased_until=Subquery(step.values("leased_until")[:1]),
        )
        .select_related("team", "requested_by")
        .order_by("due_at", "pk")
    )


def _after(due_at: datetime, pk: UUID) -> Q:
    # The row comparison stays one index range; the OR form that Q would write grows with the table.
    row = Func(F("due_at"), F("id"), function="ROW")
    last = Func(Value(due_at), Value(pk), function="ROW")
    return Q(Func(row, last, template="%(expressions)s", arg_joiner=" > ", output_field=BooleanField()))


def _tab(viewer: User, tab: str, at: datetime) -> QuerySet[ApprovalRoute]:
    seen = visible_to(viewer).filter(state=RouteState.OPEN)
    if tab == "all":
        return seen
    mine = seen.filter(within_authority(viewer, at=at))
    if tab == "soon":
        return mine.filter(due_at__lte=at + timedelta(hours=1))
    if tab == "exceptions":
        return mine.exclude(exception_code="")
    if tab == "low":
        return mine.filter(risk=Risk.LOW)
    return mine


def tab_counts(viewer: User, *, at: datetime) -> dict[str, int]:
    """Count each tab up to `COUNT_UP_TO` in one query whose price does not grow with the queue."""
    tabs = [
        _tab(viewer, tab, at).order_by().annotate(tab=Value(tab)).values_list("tab", flat=True)[:COUNT_UP_TO]
        for tab in TABS
    ]
    return dict.fromkeys(TABS, 0) | Counter(tabs[0].union(*tabs[1:], all=True))


def waiting_count(viewer: User, *, at: datetime) -> int:
    """Count what this viewer may decide, up to `COUNT_UP_TO`."""
    mine = visible_to(viewer).filter(within_authority(viewer, at=at))
    return len(mine.values_list("pk", flat=True)[:COUNT_UP_TO])
