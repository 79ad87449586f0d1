"""Where a decision leads: to the next row of the very list it was made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.http import QueryDict

from approvals.views.following import QUEUE, Following, name_behind
from approvals.views.queue import counted
from refunds.models.refund_request import KIND
from refunds.selectors import exceptions_waiting, exceptions_waiting_count, request_page

if TYPE_CHECKING:
    from datetime import datetime

    from approvals.models import ApprovalRoute
    from config.kernel.people import User
    from refunds.models import RefundRequest

EXCEPTIONS = "refunds:exceptions"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkList:
    """A list people decide from: whose it is, and which view of the queue; `queue` is None for the exceptions."""

    viewer: User
    address: str
    queue: Following | None

    def after(self, decided: RefundRequest) -> tuple[RefundRequest | None, ApprovalRoute | None]:
        """Find the row behind `decided`, which is as it was before the decision; behind the last comes the first.

        What else waits in the queue has pages of its own; then the route of it is answered.
        """
        if self.queue is None:
            waiting = exceptions_waiting(self.viewer).exclude(pk=decided.pk)
            behind = Q(submitted_at__gt=decided.submitted_at) | Q(submitted_at=decided.submitted_at, pk__gt=decided.pk)
            found = waiting.filter(behind).first() or waiting.first()
            return (None if found is None else request_page(self.viewer, found.reference)), None
        route = self.queue.after(decided.pk, decided.route)
        if route is None or route.subject_kind != KIND:
            return None, route
        return request_page(self.viewer, route.reference), None

    def has_lost(self, decided: RefundRequest) -> bool:
        """Tell whether its row goes; one that waits for a second signature may stay in the list."""
        if self.queue is None:
            return not exceptions_waiting(self.viewer).filter(pk=decided.pk).exists()
        return self.queue.has_lost(decided.pk)

    def counters(self) -> dict[str, Any]:
        """Count anew what the tabs and the navigation say."""
        if self.queue is None:
            return {"waits": {"chord": "e", "count": counted(exceptions_waiting_count(self.viewer))}}
        return self.queue.counters()


def list_behind(back: str, *, viewer: User, at: datetime) -> WorkList | None:
    """Read the address a decision was posted with; None when it is no list people decide from."""
    name = name_behind(back)
    if name not in {QUEUE, EXCEPTIONS}:
        return None
    query = QueryDict(back.partition("?")[2])
    queue = Following(viewer=viewer, query=query, at=at) if name == QUEUE else None
    return WorkList(viewer=viewer, address=back, queue=queue)
