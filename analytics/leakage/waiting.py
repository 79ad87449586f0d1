"""What is late at this moment: open approval steps of requests past the time they were due."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from approvals.models import ApprovalStep
from approvals.vocabulary import StepState
from config.kernel.people import team_ids_of
from refunds.models.refund_request import KIND as REQUEST

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from config.kernel.people import User

    from .asking import Ask


def late_steps(viewer: User, ask: Ask, *, at: datetime) -> QuerySet[ApprovalStep]:
    """List the open steps that are late, the latest first; of the asked team and currency, whatever the days."""
    wanted = Q(route__team__in=team_ids_of(viewer), route__subject_kind=REQUEST)
    if ask.team:
        wanted &= Q(route__team__slug=ask.team)
    if ask.currency:
        wanted &= Q(route__currency=ask.currency)
    steps = ApprovalStep.objects.filter(wanted, state=StepState.OPEN, due_at__lt=at)
    return steps.select_related("route__team").order_by("due_at", "pk")


def late_count(viewer: User, ask: Ask, *, at: datetime) -> int:
    """Count them."""
    return late_steps(viewer, ask, at=at).count()
