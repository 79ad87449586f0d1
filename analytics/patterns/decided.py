"""Reading who decided on requests, how long it lay before them, and what of the evidence they opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count
from django.db.models.functions import Coalesce

from approvals.models import ApprovalDecision
from approvals.vocabulary import Verdict
from evidence.models import Attachment
from refunds.models.refund_request import KIND

from .rows import Signed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from django.db.models import QuerySet

    from refunds.models import RefundRequest

    from .rows import Asked


def decisions_on(asked: QuerySet[RefundRequest], known: Mapping[UUID, Asked]) -> list[Signed]:
    """List every answer people gave on these requests, oldest first."""
    subjects = asked.values("pk")
    files = dict(
        Attachment.objects.filter(subject_kind=KIND, subject_id__in=subjects)
        .order_by()
        .values_list("subject_id")
        .annotate(count=Count("pk"))
    )
    rows = (
        ApprovalDecision.objects.filter(route__subject_kind=KIND, route__subject_id__in=subjects)
        .annotate(open_since=Coalesce("step__opened_at", "route__opened_at"))
        .order_by("decided_at", "route__subject_id")
        .values_list(
            "route__subject_id",
            "decided_by_id",
            "verdict",
            "rationale",
            "open_since",
            "evidence_opened",
            "decided_at",
        )
    )
    return [
        Signed(
            request=known[subject],
            approver_id=person,
            is_approval=verdict == Verdict.APPROVE,
            rationale=" ".join(rationale.casefold().split()),
            seconds=max(int((decided_at - open_since).total_seconds()), 0),
            evidence_count=files.get(subject, 0),
            opened_count=len(opened),
            decided_at=decided_at,
        )
        for subject, person, verdict, rationale, open_since, opened, decided_at in rows
        if subject in known
    ]
