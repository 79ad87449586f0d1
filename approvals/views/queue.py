"""The approval queue: what waits for this viewer, oldest promise first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from approvals.authority import limits_of
from approvals.permissions import why_not_decide
from approvals.selecting import why_not_select
from approvals.selectors import COUNT_UP_TO, TABS, QueueView, tab_counts, waiting_routes
from approvals.vocabulary import Risk
from config.kernel.web import PersonRequest, moment_in, page, render_page, uuid_in

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpResponse, QueryDict

    from approvals.models import ApprovalRoute
    from config.kernel.people import User

PAGE = 50


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
        following = f"?{_query_after(request.GET, rows[-1])}"
    blocked = {route.pk: why_not_decide(request.user, route, at=at) for route in rows} if wanted.tab == "all" else {}
    context = {
        "rows": rows,
        "blocked": blocked,
        "why_not_select": why_not_select(request.user, rows, blocked, at=at),
        "next": following,
        "wanted": wanted,
        "tabs": tabs_of(request.user, wanted, at=at),
        "risks": Risk.choices,
        "currencies": sorted({limit.currency for limit in limits_of(request.user)}),
        "back": request.get_full_path(),
        "is_filtered": bool(wanted.customer or wanted.currency or wanted.risk or wanted.reason or wanted.team),
        "now": at,
    }
    return render_page(request, "approvals/queue.html", context, fragment="list")


def tabs_of(viewer: User, wanted: QueueView, *, at: datetime) -> list[dict[str, Any]]:
    """Name the views with their counts, the viewer's own authority first."""
    counts = tab_counts(viewer, at=at)
    return [
        {"name": name, "label": label, "count": counted(counts[name]), "is_current": name == wanted.tab}
        for name, label in TABS.items()
    ]


def counted(count: int) -> str:
    """Say a count that stops counting."""
    return f"{COUNT_UP_TO}+" if count >= COUNT_UP_TO else str(count)


def view_from(query: QueryDict) -> QueueView:
    """Read the address; what cannot be read is left out."""
    tab = query.get("view", "")
    return QueueView(
        tab=tab if tab in TABS else "mine",
        team=query.get("team", ""),
        currency=query.get("currency", ""),
        reason=query.get("reason", ""),
        risk=query.get("risk", ""),
        customer=query.get("q", "").strip(),
        after_due_at=moment_in(query.get("after", "")),
        after_id=uuid_in(query.get("after_id", "")),
    )


def _query_after(query: QueryDict, last: ApprovalRoute) -> str:
    kept = {name: str(value) for name, value in query.items() if name not in {"after", "after_id"}}
    return urlencode({**kept, "after": last.due_at.isoformat(), "after_id": str(last.pk)})
