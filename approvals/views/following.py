"""Where a decision leads in the queue: to the next row of the very view it was made from, whatever kind it is."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from django.http import QueryDict
from django.urls import Resolver404, resolve
from django.utils.http import urlencode

from approvals.queue_view import view_from
from approvals.selectors import waiting_routes
from approvals.services.leasing import claim_next
from config.kernel.refusals import Refused

from .desk import CLAIMS
from .queue import tabs_of

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from approvals.models import ApprovalRoute
    from config.kernel.people import User

QUEUE = "approvals:queue"
FOCUS = "focus"
"""The word in the address of a panel that says: it came after a decision and takes the focus."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """A view of the queue somebody decides from, and what of it is asked when."""

    viewer: User
    query: QueryDict
    at: datetime

    def after(self, subject_id: UUID, route: ApprovalRoute | None) -> ApprovalRoute | None:
        """Find the row behind the one just decided, as `route` was before; behind the last comes the first.

        Whoever claims holds the next one she may decide.
        """
        if self.query.get(CLAIMS):
            # The decision stands: whoever holds too many already is shown the next row, and holds no more.
            with suppress(Refused):
                return claim_next(wanted=view_from(self.query), actor=self.viewer, at=self.at)
        wanted = view_from(self.query)
        views = [wanted, replace(wanted, after_due_at=None, after_id=None)]
        if route is not None:
            views.insert(0, replace(wanted, after_due_at=route.due_at, after_id=route.pk))
        for view in views:
            found = waiting_routes(self.viewer, view, at=self.at).exclude(subject_id=subject_id).first()
            if found is not None:
                return found
        return None

    def has_lost(self, subject_id: UUID) -> bool:
        """Tell whether its row goes; one that waits for a second signature may stay in the list."""
        everything = replace(view_from(self.query), after_due_at=None, after_id=None)
        return not waiting_routes(self.viewer, everything, at=self.at).filter(subject_id=subject_id).exists()

    def counters(self) -> dict[str, Any]:
        """Count anew what the tabs and the navigation say."""
        tabs = tabs_of(self.viewer, view_from(self.query), at=self.at)
        return {"tabs": tabs, "waits": {"chord": "q", "count": tabs[0]["count"]}}


def name_behind(back: str) -> str:
    """Name the page a decision was posted from; empty for an address that is none of ours."""
    if "\0" in unquote(back):
        return ""
    try:
        return resolve(back.partition("?")[0]).view_name
    except Resolver404:
        return ""


def panel_of(route: ApprovalRoute, *, back: str) -> str:
    """Answer the address of its panel, as the next one after a decision."""
    return f"{route.panel}?{urlencode({'back': back, FOCUS: '1'})}"


def without_claiming(back: str) -> str:
    """Answer the address of a list so that a decision made from it claims nothing any more."""
    path, _, query = back.partition("?")
    kept = QueryDict(query, mutable=True)
    kept.pop(CLAIMS, None)
    return f"{path}?{kept.urlencode()}" if kept else path


def is_claiming(back: str) -> bool:
    """Tell whether a decision made from this list claims the next one."""
    return CLAIMS in QueryDict(back.partition("?")[2])
