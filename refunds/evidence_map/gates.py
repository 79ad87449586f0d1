"""The gates of a request's life: which facts of it the evidence map is asked about, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.kernel.money import Money
from evidence.map import Demands, Facts, Missing, missing_for, refuse_while_missing
from evidence.vocabulary import Artifact, DecisionPoint
from refunds.vocabulary import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from refunds.models import RefundRequest

NEXT_POINT = {
    State.INTAKE: DecisionPoint.REQUEST,
    State.NEEDS_INFO: DecisionPoint.REQUEST,
    State.EXCEPTION_REVIEW: DecisionPoint.EXCEPTION,
    State.AWAITING_APPROVAL: DecisionPoint.APPROVAL,
    State.APPROVED: DecisionPoint.PAYOUT,
    State.FAILED: DecisionPoint.PAYOUT,
}
"""The gate a request comes to next, by where it stands; in other states none."""


def missing_at(
    point: DecisionPoint,
    refund_request: RefundRequest,
    *,
    amount_minor: int | None = None,
    exception_code: str = "",
    rationale: str = "",
) -> list[Missing]:
    """Name what is missing at a point; one query. Each word goes before what the request itself says of it."""
    facts = facts_of(
        refund_request, amount_minor=amount_minor, exception_code=exception_code, has_rationale=bool(rationale.strip())
    )
    return missing_for(point, facts)


def refuse_without_evidence(
    point: DecisionPoint,
    refund_request: RefundRequest,
    *,
    amount_minor: int | None = None,
    exception_code: str = "",
    rationale: str = "",
) -> None:
    """Refuse a verb at whose decision point something is missing; one query.

    :raises Refused: `evidence_missing`, naming each artifact
    """
    facts = facts_of(
        refund_request, amount_minor=amount_minor, exception_code=exception_code, has_rationale=bool(rationale.strip())
    )
    refuse_while_missing(point, facts)


def missing_next(requests: Iterable[RefundRequest]) -> dict[UUID, list[Missing]]:
    """Name what is missing at the next gate of each request; one query for all. What the form will say is not missing.

    A reviewer has not chosen a code yet, so what only some code demands is not named here.
    """
    coming = [(NEXT_POINT[state], found) for found in requests if (state := State(found.state)) in NEXT_POINT]
    if not coming:
        return {}
    demands = Demands({point for point, _ in coming}, [found.subject for _, found in coming])
    return {found.pk: demands.missing(point, facts_of(found, has_rationale=True)) for point, found in coming}


def missing_before(refund_request: RefundRequest, codes: Sequence[str] = ()) -> list[tuple[str, list[Missing]]]:
    """Name what is missing at the next gate of one request, and what each exception code would need beyond that.

    Each list comes with its code; what is missing whatever the code comes first, without one. One query.
    """
    point = NEXT_POINT.get(State(refund_request.state))
    if point is None:
        return []
    demands = Demands([point], [refund_request.subject])
    always = demands.missing(point, facts_of(refund_request, has_rationale=True))
    found = [("", always)]
    for code in codes:
        needed = demands.missing(point, facts_of(refund_request, exception_code=code))
        found.append((code, [one for one in needed if one not in always]))
    return [(code, missing) for code, missing in found if missing]


def facts_of(
    refund_request: RefundRequest,
    *,
    amount_minor: int | None = None,
    exception_code: str = "",
    has_rationale: bool = False,
) -> Facts:
    """Say of a request what a demand may depend on."""
    held = {
        Artifact.CUSTOMER_STATEMENT: bool(refund_request.note.strip()),
        Artifact.EXCEPTION_RECORD: bool(refund_request.exception_code and refund_request.exception_rationale.strip()),
        Artifact.RATIONALE: has_rationale,
    }
    return Facts(
        subject=refund_request.subject,
        team_id=refund_request.team_id,
        category=refund_request.category,
        reason=refund_request.reason_id or "",
        exception_code=exception_code or refund_request.exception_code,
        method=refund_request.method,
        amount=Money(refund_request.amount_minor if amount_minor is None else amount_minor, refund_request.currency),
        held=frozenset(artifact for artifact, is_held in held.items() if is_held),
    )
