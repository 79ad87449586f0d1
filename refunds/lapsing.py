"""End a request whose route nobody finished in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from approvals.freezing import hold_freezes
from approvals.models import ApprovalRoute
from approvals.services.routing import close_route
from approvals.services.sweeping import lapsed_routes
from approvals.vocabulary import RouteState

from . import balances, lifecycle
from .machines import CLOCK
from .models.refund_request import KIND
from .payouts import answering

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


@transaction.atomic(durable=True)
def expire(*, route_id: UUID | str, at: datetime) -> bool:
    """Expire the request of a lapsed route and give its reserve back. Answers whether it did.

    Another way to pay only falls: its refund has failed as before.

    Request before route, as everywhere; so somebody who decides in the same instant is first, and then nothing
    lapses any more, or second, and hears it. The customer is told by a person: no letter fits every reason.
    """
    route = ApprovalRoute.objects.filter(pk=route_id, subject_kind=KIND).first()
    if route is None:
        return False
    refund_request = lifecycle.hold_locked(request_id=route.subject_id)
    # Looked at again under the locks: the route may have ended, its calendar changed, a freeze been set.
    hold_freezes(is_shared=True)
    if not lapsed_routes(at=at).filter(pk=route_id).exists():
        return False
    close_route(subject=refund_request.subject, at=at, state=RouteState.LAPSED)
    if refund_request.is_about_payout:
        answering.let_lapse(refund_request, route_id=str(route.pk), at=at)
        return True
    lifecycle.advance(
        refund_request,
        "expire",
        actor=CLOCK,
        at=at,
        sentence=f"ended the request: nobody finished its approval, open since {route.opened_at:%d %B %Y}."
        " The customer was not told.",
        data={"route": str(route.pk)},
    )
    balances.release(refund_request)
    return True
