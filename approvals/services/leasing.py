"""Hold a step while somebody looks at it: a courtesy with an end, not a lock."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from approvals.models import ApprovalStep
from approvals.vocabulary import StepState
from config.kernel.refusals import OutOfDate

if TYPE_CHECKING:
    from datetime import datetime

    from approvals.models import ApprovalRoute
    from config.kernel.people import User

LEASE = timedelta(minutes=15)


@transaction.atomic(durable=True)
def lease_step(*, route: ApprovalRoute, actor: User, at: datetime) -> ApprovalStep:
    """Hold the open step for a quarter of an hour, or for another one.

    :raises OutOfDate: when somebody else holds it or nothing is open
    """
    step = (
        ApprovalStep.objects.select_for_update(of=("self",))
        .select_related("leased_by")
        .filter(route=route, state=StepState.OPEN)
        .first()
    )
    if step is None:
        raise OutOfDate("already_decided", "This request no longer waits for a decision.")
    if step.leased_by not in {None, actor} and step.leased_until is not None and step.leased_until > at:
        raise OutOfDate("out_of_date", f"{step.leased_by} is looking at this until {step.leased_until:%H:%M} UTC.")
    step.leased_by = actor
    step.leased_until = at + LEASE
    step.save(update_fields=["leased_by", "leased_until"])
    return step


@transaction.atomic(durable=True)
def release_step(*, route: ApprovalRoute, actor: User) -> None:
    """Give a held step back; holding nothing is fine."""
    ApprovalStep.objects.filter(route=route, leased_by=actor).update(leased_by=None, leased_until=None)
