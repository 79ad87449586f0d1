"""What a screen is told while somebody looks at it: counts, ids and who holds what; no customer's data."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from django.http import QueryDict

from approvals.models import ApprovalStep
from approvals.permissions import visible_to
from approvals.queue_view import view_from
from approvals.selectors import COUNT_UP_TO, saved_views_of, tab_counts, waiting_routes
from approvals.views.queue import counted
from approvals.vocabulary import StepState
from config.navigation import counters_of
from refunds.processing.board import tallies
from refunds.selectors import exceptions_waiting

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.people import User

EXCEPTIONS = "exceptions"
PROCESSING = "processing"
GRACE = timedelta(seconds=5)


class Screen(NamedTuple):
    """What somebody looks at: the queue's own query, `exceptions`, `processing`, or none of these; and since when."""

    view: str
    since: datetime | None


def message_for(viewer: User, screen: Screen, *, at: datetime) -> dict[str, Any]:
    """Say what this viewer's counters show now, which rows are new to her screen, and who looks at which.

    Rows that came up to `GRACE` before her page are told too: their transaction may have committed after it. The page
    knows which of them it shows.
    """
    told: dict[str, Any] = {"counts": {f"waits-{chord}": text for chord, text in counters_of(viewer, at).items()}}
    since = None if screen.since is None else screen.since - GRACE
    if screen.view == PROCESSING:
        if viewer.has_perm("refunds.view_operation"):
            told["counts"] |= {f"count-{tally.column.name}": str(tally.count) for tally in tallies(viewer, at=at)}
    elif screen.view == EXCEPTIONS:
        if since is not None:
            newer = exceptions_waiting(viewer).filter(submitted_at__gt=since)
            told["new"] = _ids(newer)
    elif screen.view and viewer.has_perm("approvals.view_approvalroute"):
        counts = tab_counts(viewer, at=at, saved=saved_views_of(viewer))
        told["counts"] |= {f"count-{tab}": counted(count) for tab, count in counts.items()}
        told["held"] = _held(viewer, at)
        if since is not None:
            wanted = view_from(QueryDict(screen.view))
            opened = ApprovalStep.objects.filter(state=StepState.OPEN, opened_at__gt=since).values("route")
            told["new"] = _ids(waiting_routes(viewer, wanted, at=at).filter(pk__in=opened))
    return told


def _ids(rows: Any) -> list[str]:
    return [str(pk) for pk in rows.values_list("pk", flat=True)[:COUNT_UP_TO]]


def _held(viewer: User, at: datetime) -> dict[str, str]:
    """Name who looks at which route, by the route's id; the viewer's own are not news to her."""
    steps = ApprovalStep.objects.filter(state=StepState.OPEN, leased_until__gt=at, route__in=visible_to(viewer))
    held = steps.exclude(leased_by=viewer).select_related("leased_by").order_by("pk")[:COUNT_UP_TO]
    return {str(step.route_id): step.leased_by.first_name or step.leased_by.username for step in held if step.leased_by}
