"""The approval queue: what waits for this viewer, oldest promise first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from approvals.models import ApprovalRoute
from approvals.permissions import within_authority
from approvals.queue_view import LABELS, TABS, QueueView, view_from
from approvals.selecting import why_not_select
from approvals.selectors import COUNT_UP_TO, saved_query, saved_views_of, tab_counts, waiting_routes
from approvals.vocabulary import Category, Risk
from config.kernel.people import teams_of
from config.kernel.web import PersonRequest, page, render_page
from config.kernel.wording import said

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from django.http import HttpResponse

    from config.kernel.people import User

PAGE = 50
ALWAYS_SHOWN = {"mine", "soon", "all"}
SHOW_WHAT_OTHERS_DECIDE = {"all", "asked", "claimed", "snoozed"}
COLUMNS = {
    "customer": said("Customer"),
    "reason": said("Reason"),
    "code": said("Code"),
    "risk": said("Risk"),
    "agent": said("Entered by"),
    "team": said("Team"),
    "holder": said("Held by"),
}
USUAL_COLUMNS = ("customer", "reason", "code", "risk", "holder")
NOT_HERS = said("Somebody else decides on this; open it to see why.")
CHOSEN = "queue_columns"
"""Where the session keeps the columns a person chose."""


@page("approvals.view_approvalroute")
@require_safe
def queue(request: PersonRequest) -> HttpResponse:
    """Show one view of the queue; the panel beside it is loaded from the page that owns the subject."""
    at = timezone.now()
    wanted = view_from(request.GET)
    rows = list(waiting_routes(request.user, wanted, at=at)[: PAGE + 1])
    following = ""
    if len(rows) > PAGE:
        rows = rows[:PAGE]
        following = f"?{_query_after(wanted, rows[-1])}"
    asked = rows if wanted.tab in SHOW_WHAT_OTHERS_DECIDE else []
    blocked = _not_hers(request.user, asked, at)
    tabs = tabs_of(request.user, wanted, at=at)
    context = {
        "rows": rows,
        "blocked": blocked,
        "why_not_select": why_not_select(request.user, rows, blocked, at=at),
        "next": following,
        "wanted": wanted,
        "tabs": tabs,
        "may_save": wanted.is_filtered and not any(tab["is_current"] and tab["view_id"] for tab in tabs),
        "risks": Risk.choices,
        "categories": Category.choices,
        "teams": teams_of(request.user),
        "labels": LABELS,
        "columns": columns_of(request),
        "all_columns": COLUMNS,
        "back": f"{request.path}?{wanted.query()}",
        "now": at,
    }
    return render_page(request, "approvals/queue.html", context, fragment="list")


def _not_hers(viewer: User, rows: list[ApprovalRoute], at: datetime) -> dict[UUID, str]:
    """Say of each row that somebody else decides on it, with one query for all; its page says why."""
    if not rows:
        return {}
    shown = ApprovalRoute.objects.filter(pk__in=[route.pk for route in rows])
    hers = set(shown.filter(within_authority(viewer, at=at)).values_list("pk", flat=True))
    return {route.pk: NOT_HERS for route in rows if route.pk not in hers}


def columns_of(request: PersonRequest) -> list[str]:
    """List the columns this person wants to see."""
    chosen = cast("list[str]", request.session.get(CHOSEN, USUAL_COLUMNS))
    return [name for name in COLUMNS if name in chosen]


def tabs_of(viewer: User, wanted: QueueView, *, at: datetime) -> list[dict[str, Any]]:
    """Name the views with their counts, the viewer's own authority first and her own names last.

    A view that is empty and not the usual one is left out, unless it is the one looked at.
    """
    saved = saved_views_of(viewer)
    counts = tab_counts(viewer, at=at, saved=saved)
    asked = wanted.query()
    found: list[dict[str, Any]] = [
        {
            "name": name,
            "label": label,
            "query": QueueView(tab=name).query(),
            "count": counted(counts[name]),
            "is_current": name == wanted.tab,
            "is_hidden": not counts[name] and name not in ALWAYS_SHOWN and name != wanted.tab,
            "view_id": None,
        }
        for name, label in TABS.items()
    ]
    for view in saved:
        query = saved_query(view).query()
        found.append(
            {
                "name": f"saved-{view.pk}",
                "label": view.name,
                "query": query,
                "count": counted(counts[f"saved-{view.pk}"]),
                "is_current": query == asked,
                "is_hidden": False,
                "view_id": view.pk,
            }
        )
    if any(tab["is_current"] and tab["view_id"] for tab in found):
        found = [{**tab, "is_current": tab["is_current"] and tab["view_id"] is not None} for tab in found]
    return found


def counted(count: int) -> str:
    """Say a count that stops counting."""
    return f"{COUNT_UP_TO}+" if count >= COUNT_UP_TO else str(count)


def _query_after(wanted: QueueView, last: ApprovalRoute) -> str:
    return f"{wanted.query()}&{urlencode({'after': last.due_at.isoformat(), 'after_id': str(last.pk)})}"
