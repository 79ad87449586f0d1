"""What is missing of a request, wherever it stands: before its next gate, and of what was decided already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .completeness import missing_of, needs_of
from .gates import missing_next

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from refunds.models import RefundRequest


def evidence_missing_of(requests: Sequence[RefundRequest]) -> dict[UUID, list[str]]:
    """Name what each request misses, once; two queries, however many there are."""
    coming = missing_next(requests)
    decided = [found.pk for found in requests if found.decided_at is not None]
    needs = needs_of(decided) if decided else {}
    return {
        found.pk: list(
            dict.fromkeys(
                [
                    *found.evidence_missing,
                    *[one.artifact.value for one in coming.get(found.pk, [])],
                    *[artifact.value for artifact in missing_of(needs.get(found.pk, []))],
                ]
            )
        )
        for found in requests
    }
