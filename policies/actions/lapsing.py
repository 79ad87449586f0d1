"""End an action whose route nobody finished in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from approvals.freezing import hold_freezes
from approvals.models import ApprovalRoute
from approvals.services.routing import close_route
from approvals.services.sweeping import lapsed_routes
from approvals.vocabulary import RouteState
from policies.machines import LAPSE
from policies.models.action import ACTION

from . import lifecycle

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


@transaction.atomic(durable=True)
def lapse(*, route_id: UUID | str, at: datetime) -> bool:
    """Let the action of a lapsed route lapse with it. Answers whether it did.

    Action before route, as everywhere: somebody who decides in the same instant is first, and then nothing lapses.
    """
    route = ApprovalRoute.objects.filter(pk=route_id, subject_kind=ACTION).first()
    if route is None:
        return False
    action = lifecycle.hold_locked(action_id=route.subject_id)
    hold_freezes(is_shared=True)
    if not lapsed_routes(at=at).filter(pk=route_id).exists():
        return False
    close_route(subject=action.subject, at=at, state=RouteState.LAPSED)
    lifecycle.advance(
        action,
        "lapse",
        actor=LAPSE,
        at=at,
        sentence=f"ended it: nobody finished its approval, open since {route.opened_at:%d %B %Y}.",
        data={"route": str(route.pk)},
    )
    return True
