"""Which approval steps of a request were answered, and which of them too late."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Max

from approvals.models import ApprovalStep
from approvals.vocabulary import StepState
from refunds.models.refund_request import KIND as REQUEST

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime
    from uuid import UUID

ESCALATED = "approval.escalated"


@dataclass(frozen=True, slots=True)
class Told:
    """An entry of a request: what kind it is, whether the system wrote it by itself, what it says, and when."""

    kind: str
    is_of_machine: bool
    data: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class Signature:
    """A step that was answered: when it was due, when the last signature it needed came, and when it went up if so."""

    due_at: datetime
    answered_at: datetime
    went_up_at: datetime | None

    @property
    def is_late(self) -> bool:
        """Whether it was answered after it was due; what went up overdue was late whatever the new term says."""
        return self.went_up_at is not None or self.answered_at > self.due_at


def went_up_late(entries: Iterable[Told]) -> frozenset[datetime]:
    """List when steps went up because they were overdue; somebody who sends one up in time is not late."""
    return frozenset(one.at for one in entries if one.kind == ESCALATED and one.is_of_machine)


def signatures_of(told: Mapping[UUID, Iterable[Told]]) -> dict[UUID, list[Signature]]:
    """Read the answered steps of these requests, in one query."""
    return _signatures(list(told), {key: went_up_late(entries) for key, entries in told.items()})


def _signatures(request_ids: Collection[UUID], late: Mapping[UUID, frozenset[datetime]]) -> dict[UUID, list[Signature]]:
    found: dict[UUID, list[Signature]] = defaultdict(list)
    rows = (
        ApprovalStep.objects.filter(
            route__subject_kind=REQUEST,
            route__subject_id__in=request_ids,
            state__in=[StepState.APPROVED, StepState.DECLINED],
            due_at__isnull=False,
        )
        .order_by("pk")
        .values_list("route__subject_id", "due_at", "escalated_at")
        .annotate(answered_at=Max("decisions__decided_at"))
    )
    for request_id, due_at, escalated_at, answered_at in rows:
        if answered_at is not None:
            went_up_at = escalated_at if escalated_at in late[request_id] else None
            found[request_id].append(Signature(due_at, answered_at, went_up_at))
    return found
