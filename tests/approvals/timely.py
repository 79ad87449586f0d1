"""Requests whose signature is due at a known moment, with a level above."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from approvals.models import ApprovalRoute, ApprovalStep
from tests.harness.world import NOON

if TYPE_CHECKING:
    from config.kernel.people import User
    from refunds.models import RefundRequest
    from tests.harness.world import World

DUE = NOON + timedelta(hours=4)
REMIND = NOON + timedelta(hours=3)
LAPSES = NOON + timedelta(days=30)


def waiting_until_four(world: World, by: User, *, escalates_to: str = "") -> RefundRequest:
    """File a request at noon that is due at four, reminds at three and lapses after thirty days."""
    waiting = world.waiting(by=by)
    route = route_of(waiting)
    ApprovalStep.objects.filter(route=route).update(
        role="approver", sla_hours=4, due_at=DUE, remind_at=REMIND, escalates_to=escalates_to
    )
    ApprovalRoute.objects.filter(pk=route.pk).update(due_at=DUE, lapses_at=LAPSES)
    return waiting


def route_of(refund_request: RefundRequest) -> ApprovalRoute:
    """Load the last route of a request."""
    return ApprovalRoute.objects.filter(reference=refund_request.reference).latest("opened_at", "pk")


def step_of(refund_request: RefundRequest) -> ApprovalStep:
    """Load the first step of the last route of a request."""
    return ApprovalStep.objects.filter(route=route_of(refund_request)).earliest("level", "place")
