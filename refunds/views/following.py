"""Where a decision leads: to the next row of the very list it was made from."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from django.db.models import Q
from django.http import QueryDict
from django.urls import Resolver404, resolve

from approvals.queue_view import view_from
from approvals.selectors import waiting_routes
from approvals.services.leasing import claim_next
from approvals.views.desk import CLAIMS
from approvals.views.queue import counted, tabs_of
from config.kernel.refusals import Refused
from refunds.models.refund_request import KIND
from refunds.selectors import exceptions_waiting, exceptions_waiting_count, request_page

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from approvals.models import ApprovalRoute
    from config.kernel.people import User
    from refunds.models import RefundRequest

QUEUE = "approvals:queue"
EXCEPTIONS = "refunds:exceptions"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkList:
    """A list people decide from: whose it is, which view of it, and what is asked of it when."""

    viewer: User
    address: str
    name: str
    query: QueryDict
    at: datetime

    def after(self, decided: RefundRequest) -> RefundRequest | None:
        """Find the row behind `decided`, which is as it was before the decision; behind the last comes the first."""
        if self.name == EXCEPTIONS:
            waiting = exceptions_waiting(self.viewer).exclude(pk=decided.pk)
            behind = Q(submitted_at__gt=decided.submitted_at) | Q(submitted_at=decided.submitted_at, pk__gt=decided.pk)
            found = waiting.filter(behind).first() or waiting.first()
            return None if found is None else request_page(self.viewer, found.reference)
        if self.query.get(CLAIMS):
            # The decision stands: whoever holds too many already is shown the next row, and holds no more.
            with suppress(Refused):
                claimed = claim_next(wanted=view_from(self.query), actor=self.viewer, at=self.at)
                return None if claimed is None else request_page(self.viewer, claimed.reference)
        for routes in self._routes_after(decided):
            # What else waits in the queue has pages of its own; its row is opened from the list.
            route = routes.filter(subject_kind=KIND).exclude(subject_id=decided.pk).first()
            if route is not None:
                return request_page(self.viewer, route.reference)
        return None

    def has_lost(self, decided: RefundRequest) -> bool:
        """Tell whether its row goes; one that waits for a second signature may stay in the list."""
        if self.name == EXCEPTIONS:
            return not exceptions_waiting(self.viewer).filter(pk=decided.pk).exists()
        everything = replace(view_from(self.query), after_due_at=None, after_id=None)
        return not waiting_routes(self.viewer, everything, at=self.at).filter(subject_id=decided.pk).exists()

    def counters(self) -> dict[str, Any]:
        """Count anew what the tabs and the navigation say."""
        if self.name == EXCEPTIONS:
            return {"waits": {"chord": "e", "count": counted(exceptions_waiting_count(self.viewer))}}
        tabs = tabs_of(self.viewer, view_from(self.query), at=self.at)
        return {"tabs": tabs, "waits": {"chord": "q", "count": tabs[0]["count"]}}

    def _routes_after(self, decided: RefundRequest) -> list[QuerySet[ApprovalRoute]]:
        wanted = view_from(self.query)
        views = [wanted, replace(wanted, after_due_at=None, after_id=None)]
        if decided.route is not None:
            views.insert(0, replace(wanted, after_due_at=decided.route.due_at, after_id=decided.route.pk))
        return [waiting_routes(self.viewer, view, at=self.at) for view in views]


def without_claiming(back: str) -> str:
    """Answer the address of a list so that a decision made from it claims nothing any more."""
    path, _, query = back.partition("?")
    kept = QueryDict(query, mutable=True)
    kept.pop(CLAIMS, None)
    return f"{path}?{kept.urlencode()}" if kept else path


def is_claiming(back: str) -> bool:
    """Tell whether a decision made from this list claims the next one."""
    return CLAIMS in QueryDict(back.partition("?")[2])


def list_behind(back: str, *, viewer: User, at: datetime) -> WorkList | None:
    """Read the address a decision was posted with; None when it is no list people decide from."""
    path, _, query = back.partition("?")
    if "\0" in unquote(back):
        return None
    try:
        name = resolve(path).view_name
    except Resolver404:
        return None
    if name not in {QUEUE, EXCEPTIONS}:
        return None
    return WorkList(viewer=viewer, address=back, name=name, query=QueryDict(query), at=at)
