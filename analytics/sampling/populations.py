"""The decisions a sample is drawn from: which there were, in which stratum, and how risky each looks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from django.db.models import Q

from approvals.models import ApprovalDecision
from config.kernel.wording import said
from refunds.models import RefundRequest
from refunds.models.refund_request import KIND
from refunds.vocabulary import State

from .vocabulary import Answer, Population

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from django.db.models import QuerySet

    from config.kernel.people import Team

PAID: Final = (State.APPROVED, State.PROCESSING, State.REFUNDED, State.RECONCILED, State.FAILED)
ENDED: Final = (*PAID, State.DECLINED, State.BLOCKED)
QUICK: Final = timedelta(minutes=2)

WEIGHTS: Final = said(
    "Weight 1, and more for: an exception granted 3; decided by a person within two minutes 2; the reason “other” 2;"
    " evidence that was missing 2; a tenth of the largest amounts 3."
)
"""How the risky ones are preferred, said where a sample is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """One decision: its request, what was decided, by a person or not, and its weight for a sample by risk."""

    id: UUID
    outcome: Answer
    is_human: bool
    weight: int

    @property
    def stratum(self) -> str:
        """Say who decided what."""
        return f"{'people' if self.is_human else 'policy'}: {self.outcome.value}"


def decisions_of(team: Team, *, from_on: date, to_on: date, population: str) -> QuerySet[RefundRequest]:
    """Select the requests of a team that were decided in these days (UTC) and whose decision still stands."""
    start = datetime.combine(from_on, time.min, tzinfo=UTC)
    end = datetime.combine(to_on + timedelta(days=1), time.min, tzinfo=UTC)
    people = Q(approved_by__isnull=False) | Q(declined_by__isnull=False)
    whose = {Population.AUTOMATIC: ~people, Population.HUMAN: people}.get(Population(population), Q())
    return RefundRequest.objects.filter(
        whose, team=team, state__in=ENDED, decided_at__gte=start, decided_at__lt=end
    ).order_by("pk")


def read_decisions(requests: QuerySet[RefundRequest]) -> list[Decided]:
    """Read what the draw needs of each decision, in one query."""
    columns = (
        "pk", "state", "requested_minor", "approved_minor", "currency", "exception_code", "reason_id",
        "evidence_missing", "approved_by_id", "declined_by_id", "submitted_at", "decided_at",
    )  # fmt: skip
    rows = list(requests.values(*columns).iterator())
    large = _large(rows)
    return [
        Decided(
            id=row["pk"],
            outcome=_outcome(row["state"], row["requested_minor"], row["approved_minor"]),
            is_human=row["approved_by_id"] is not None or row["declined_by_id"] is not None,
            weight=_weight(row, large),
        )
        for row in rows
    ]


def involved_in(requests: Iterable[RefundRequest]) -> dict[UUID, list[int]]:
    """Name by request everybody who asked, reviewed, signed or declined, and for whom; in one query."""
    known = {
        one.pk: {one.requested_by_id, one.reviewed_by_id, one.approved_by_id, one.declined_by_id} for one in requests
    }
    signed = ApprovalDecision.objects.filter(route__subject_kind=KIND, route__subject_id__in=list(known))
    for request_id, *people in signed.values_list("route__subject_id", "decided_by_id", "acting_for_id"):
        known[request_id].update(people)
    return {request_id: sorted(one for one in people if one is not None) for request_id, people in known.items()}


def _outcome(state: str, requested_minor: int, approved_minor: int | None) -> Answer:
    if state not in PAID:
        return Answer.DECLINE
    return Answer.LESS if approved_minor is not None and approved_minor < requested_minor else Answer.APPROVE


def _large(rows: Iterable[dict[str, object]]) -> dict[str, int]:
    """Name in each currency the amount above which the largest tenth lies."""
    amounts: dict[str, list[int]] = {}
    for row in rows:
        amounts.setdefault(str(row["currency"]), []).append(int(str(row["requested_minor"])))
    return {currency: sorted(found)[(len(found) * 9 - 1) // 10] for currency, found in amounts.items()}


def _weight(row: dict[str, object], large: dict[str, int]) -> int:
    submitted, decided = row["submitted_at"], row["decided_at"]
    is_human = row["approved_by_id"] is not None or row["declined_by_id"] is not None
    is_quick = isinstance(submitted, datetime) and isinstance(decided, datetime) and decided - submitted < QUICK
    signs = (
        (3, row["exception_code"] != ""),
        (2, is_human and is_quick),
        (2, row["reason_id"] == "other"),
        (2, bool(row["evidence_missing"])),
        (3, int(str(row["requested_minor"])) > large[str(row["currency"])]),
    )
    return 1 + sum(weight for weight, is_so in signs if is_so)
