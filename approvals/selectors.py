"""The queue: what waits for this viewer, oldest promise first."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

from django.db.models import Case, F, Func, IntegerField, OuterRef, Q, Subquery, Value, When
from django.db.models.fields import BooleanField
from django.http import QueryDict

from .lending import loans_of
from .models import ApprovalRoute, ApprovalStep, SavedView, Snooze
from .permissions import visible_to, within_authority, within_own_authority
from .queue_view import TABS, QueueView, view_from
from .vocabulary import Risk, RouteState, StepState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

    from django.db.models import QuerySet

    from config.kernel.people import User

COUNT_UP_TO = 100
"""Tabs say "100+": an exact count of a long queue costs more than it tells."""


def waiting_routes(viewer: User, view: QueueView, *, at: datetime) -> QuerySet[ApprovalRoute]:
    """Select the open routes of one view of the queue, oldest promise first, after the keyset of the view.

    Each route carries `step_id`, `leased_by_id`, `leased_by_name` and `leased_until` of the open step the viewer would
    sign, or of the first.
    """
    routes = narrowed(_tab(viewer, view.tab, at), view)
    if view.after_due_at is not None and view.after_id is not None:
        routes = routes.filter(_after(view.after_due_at, view.after_id))
    step = _step_of(viewer, at)
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


def narrowed(routes: QuerySet[ApprovalRoute], view: QueueView) -> QuerySet[ApprovalRoute]:
    """Narrow routes to the free wishes of a view."""
    exact = {
        "currency": view.currency,
        "category": view.category,
        "reason": view.reason,
        "risk": view.risk,
        "exception_code": view.code,
        "team__slug": view.team,
        "requested_by__username": view.agent,
    }
    routes = routes.filter(**{field: value for field, value in exact.items() if value})
    if view.least_minor is not None:
        routes = routes.filter(amount_minor__gte=view.least_minor)
    if view.most_minor is not None:
        routes = routes.filter(amount_minor__lte=view.most_minor)
    if view.customer:
        routes = routes.filter(Q(customer__icontains=view.customer) | Q(reference__iexact=view.customer))
    return routes


def _step_of(viewer: User, at: datetime) -> QuerySet[ApprovalStep]:
    """Select the open steps of a route, the one first that waits for a role the viewer may sign with."""
    roles = set(viewer.role_names).union(*[loan.lent_by.role_names for loan in loans_of(viewer, at=at)])
    is_hers = Case(When(role__in=sorted(roles), then=0), default=1, output_field=IntegerField())
    return ApprovalStep.objects.filter(route=OuterRef("pk"), state=StepState.OPEN).order_by(is_hers, "place")


def _after(due_at: datetime, pk: UUID) -> Q:
    # The row comparison stays one index range; the OR form that Q would write grows with the table.
    row = Func(F("due_at"), F("id"), function="ROW")
    last = Func(Value(due_at), Value(pk), function="ROW")
    return Q(Func(row, last, template="%(expressions)s", arg_joiner=" > ", output_field=BooleanField()))


def _tab(viewer: User, tab: str, at: datetime) -> QuerySet[ApprovalRoute]:
    seen = visible_to(viewer).filter(state=RouteState.OPEN)
    snoozed = Snooze.objects.filter(user=viewer, until_at__gt=at).values("route")
    if tab == "all":
        return seen
    if tab == "snoozed":
        return seen.filter(pk__in=snoozed)
    if tab in _HELD_BY:
        steps = ApprovalStep.objects.filter(_HELD_BY[tab](viewer, at), state=StepState.OPEN)
        return seen.filter(pk__in=steps.values("route"))
    if tab == "lent" and not loans_of(viewer, at=at):
        return seen.none()
    mine = seen.filter(within_authority(viewer, at=at)).exclude(pk__in=snoozed)
    narrow = _OF_MINE.get(tab)
    return mine if narrow is None else mine.filter(narrow(viewer, at))


_HELD_BY: Mapping[str, Callable[[User, datetime], Q]] = {
    "claimed": lambda viewer, at: Q(leased_by=viewer, leased_until__gt=at),
    "asked": lambda viewer, _at: Q(asked_of=viewer),
}
_OF_MINE: Mapping[str, Callable[[User, datetime], Q]] = {
    "soon": lambda _viewer, at: Q(due_at__lte=at + timedelta(hours=1)),
    "exceptions": lambda _viewer, _at: ~Q(exception_code=""),
    "low": lambda _viewer, _at: Q(risk=Risk.LOW),
    "lent": lambda viewer, _at: ~within_own_authority(viewer),
}


def saved_views_of(viewer: User) -> list[SavedView]:
    """List the views a person keeps under a name."""
    return list(SavedView.objects.filter(user=viewer).order_by("name", "pk"))


def tab_counts(viewer: User, *, at: datetime, saved: list[SavedView] | None = None) -> dict[str, int]:
    """Count each tab and each saved view up to `COUNT_UP_TO`, in one query whose price does not grow with the queue.

    A saved view is counted under `saved-<id>`.
    """
    views = [(name, QueueView(tab=name)) for name in TABS]
    views += [(f"saved-{view.pk}", saved_query(view)) for view in saved or ()]
    branches = [
        narrowed(_tab(viewer, view.tab, at), view)
        .order_by()
        .annotate(tab=Value(name))
        .values_list("tab", flat=True)[:COUNT_UP_TO]
        for name, view in views
    ]
    counts = dict.fromkeys([name for name, _ in views], 0) | Counter(branches[0].union(*branches[1:], all=True))
    viewer.__dict__["_waiting_count"] = counts["mine"]
    return counts


def saved_query(view: SavedView) -> QueueView:
    """Read what a saved view asks for."""
    return view_from(QueryDict(view.query))


def waiting_count(viewer: User, *, at: datetime) -> int:
    """Count what this viewer may decide, up to `COUNT_UP_TO`; not again when her tabs were counted just now."""
    known = cast("int | None", viewer.__dict__.get("_waiting_count"))
    return (
        known
        if known is not None
        else len(_tab(viewer, "mine", at).order_by().values_list("pk", flat=True)[:COUNT_UP_TO])
    )
