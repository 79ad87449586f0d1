"""The second look: first one's own answer, then the comparison, then what it brought."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from analytics.models import SampledDecision
from analytics.remediation.opening import open_item
from analytics.remediation.saying import words_in
from approvals.guards import check_right
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from config.kernel.wording import said
from evidence import ledger
from policies.vocabulary import CodeKind

from .permissions import REVIEWS, samples_visible_to
from .vocabulary import FAULTS, Answer, Finding

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from config.kernel.people import User


@transaction.atomic
def look_again(
    *, sample_id: UUID, place: int, answer: str, rationale: str, actor: User, at: datetime
) -> SampledDecision:
    """Give one's own answer, before what was decided is shown; it stays.

    :raises NotPermitted: `own_decision` to whoever asked for the refund or had a part in its decision
    :raises OutOfDate: when somebody looked already
    :raises Refused: for no answer or no reason
    """
    found = _hold(sample_id, place, actor)
    if found.is_looked_at:
        raise OutOfDate("out_of_date", said("{reviewer} looked at this decision already.", reviewer=found.reviewer))
    if answer not in Answer.values:
        raise Refused("refused", said("Choose what you would have decided."), "answer")
    written = words_in(rationale, field="rationale", missing=said("Say why, in a sentence."))
    found.reviewer, found.answer, found.rationale, found.looked_at = actor, answer, written, at
    found.save(update_fields=["reviewer", "answer", "rationale", "looked_at"])
    subject = found.sample.subject
    ledger.record(
        subject=subject,
        kind="quality_sample.looked_at",
        actor=actor,
        at=at,
        sentence=f"took a second look at decision {place}.",
        data={
            "place": place,
            "refund_request": str(found.refund_request_id),
            "answer": answer,
            "outcome": found.outcome,
            "agrees": found.agrees,
            "rationale_sha256": ledger.salted_digest(subject, written),
        },
    )
    return found


@transaction.atomic
def note_finding(
    *, sample_id: UUID, place: int, finding: str, correction: str, opens_item: bool, actor: User, at: datetime
) -> SampledDecision:
    """Say what the comparison of both answers brought, with a corrective note; it may open a remediation item.

    :raises NotPermitted: to anybody but the reviewer, or without the right to open items
    :raises OutOfDate: before the look, or when a finding was noted already
    :raises Refused: without a note where something was wrong, or as `open_item`
    """
    found = _hold(sample_id, place, actor)
    if not found.is_looked_at or found.finding:
        raise OutOfDate("out_of_date", said("Look first; then one finding is noted."))
    if found.reviewer_id != actor.pk:
        raise NotPermitted("not_permitted", said("Whoever took the second look says what it brought."))
    if finding not in Finding.values:
        raise Refused("refused", said("Choose what it brought."), "finding")
    needed = said("Say what has to be put right.") if finding in FAULTS or opens_item else ""
    written = words_in(correction, field="correction", missing=needed)
    if opens_item:
        kind, code = code_of(found)
        found.item = open_item(kind=kind, code=code, why=written, actor=actor, at=at)
    found.finding, found.correction, found.found_at = finding, written, at
    found.save(update_fields=["finding", "correction", "found_at", "item"])
    subject = found.sample.subject
    ledger.record(
        subject=subject,
        kind="quality_sample.found",
        actor=actor,
        at=at,
        sentence=f"noted of decision {place}: {Finding(finding).label.lower()}.",
        data={
            "place": place,
            "finding": finding,
            "correction_sha256": ledger.salted_digest(subject, written) if written else "",
            "remediation_item": str(found.item_id) if found.item_id else "",
        },
    )
    return found


def code_of(found: SampledDecision) -> tuple[str, str]:
    """Name the code an item would be about: the exception that was granted, else the reason, if there is one."""
    request = found.refund_request
    if request.exception_code:
        return CodeKind.EXCEPTION, request.exception_code
    return CodeKind.REASON, request.reason_id or ""


def _hold(sample_id: UUID, place: int, actor: User) -> SampledDecision:
    check_right(actor, REVIEWS)
    if actor.is_service_account:
        raise NotPermitted("not_permitted", said("A second look is taken by people."))
    rows = SampledDecision.objects.select_for_update(of=("self",)).select_related(
        "sample", "reviewer", "refund_request"
    )
    found = rows.filter(sample__in=samples_visible_to(actor), sample_id=sample_id, place=place).first()
    if found is None:
        raise Refused("unknown_sample", said("There is no such sampled decision."))
    if actor.pk in found.involved:
        raise NotPermitted("own_decision", said("You had a part in this decision. Somebody else looks at it again."))
    return found
