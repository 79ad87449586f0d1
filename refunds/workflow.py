"""One refund's life as one story: submitted, judged, signed, paid, closed.

Every command is one durable transaction. The policy check and the routing run inside the submit, so that whoever
pressed the button sees the verdict in the same answer; money and messages follow after the commit, through the outbox.
Lock order: payment, request, route, step, operation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from approvals.freezing import notes_what_is_frozen
from approvals.rationale import SHORTEST_RATIONALE, check_rationale
from approvals.services.deciding import decide_step
from approvals.services.routing import close_route, involve
from approvals.stepping_up import check_stepped_up
from approvals.vocabulary import Part, RouteState, Verdict
from config.kernel.money import Money
from config.kernel.refusals import OutOfDate, Refused
from config.kernel.wording import said
from evidence import ledger
from evidence.map import refuse_missing
from evidence.vocabulary import DecisionPoint

from . import balances, entitlement, intake, judgement, lifecycle, verdicts
from .asking_limits import check_may_ask
from .crediting import CreditDraft, take_down
from .disputes import shield
from .evidence_map.gates import missing_at, refuse_without_evidence
from .freezes import refuse_filing_while_frozen, refuse_while_frozen
from .payouts import answering
from .processing.queueing import queue_operation
from .vocabulary import OperationState, State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from config.kernel.people import User

    from .models import RefundRequest


@notes_what_is_frozen
@transaction.atomic(durable=True)
def file_request(*, draft: intake.Draft | CreditDraft, actor: User, at: datetime) -> RefundRequest:
    """Open a request and submit it in one go, as machines do; refused as a whole or done as a whole.

    Whatever evidence is missing keeps it as a draft that names it: nothing can be attached to what is not there.
    """
    return file_within(draft=draft, actor=actor, at=at)


def file_within(*, draft: intake.Draft | CreditDraft, actor: User, at: datetime) -> RefundRequest:
    """File inside the caller's transaction, who also keeps what a freeze stopped."""
    refund_request = take_down(draft=draft, actor=actor, at=at)
    lifecycle.hold_new(refund_request)
    refuse_filing_while_frozen(refund_request, actor=actor)
    return _submit(refund_request, actor, at, is_filing=True)


@notes_what_is_frozen
@transaction.atomic(durable=True)
def submit(*, reference: str, actor: User, at: datetime, answer: str = "") -> RefundRequest:
    """Submit a draft, or answer a question by submitting again; the answer is added to the note.

    What the policy misses keeps the request where it is and names it; nothing is lost.

    :raises Frozen: while a freeze is on over the actor, the requester, the team or the category
    :raises Refused: `evidence_missing` for what the evidence map demands
    :raises Refused: `duplicate_request`, `exceeds_refundable_balance` and whatever guards say
    """
    lifecycle.check_may_speak(actor, "submit")
    refund_request = entitlement.locked_for(reference, actor)
    lifecycle.check_knows(refund_request, "submit")
    refuse_while_frozen(refund_request, "submit", actor=actor)
    if refund_request.state == State.INTAKE and refund_request.reason_id:
        # A draft may lie for weeks, and its reason may be retired meanwhile.
        intake.check_reason(refund_request.reason_id)
    if answer.strip():
        intake.add_to_note(refund_request, answer)
    return _submit(refund_request, actor, at)


def _submit(refund_request: RefundRequest, actor: User, at: datetime, *, is_filing: bool = False) -> RefundRequest:
    lifecycle.check_knows(refund_request, "submit")
    is_first_time = refund_request.state == State.INTAKE
    if not refund_request.reason_id:
        raise Refused("refused", said("Say why the customer wants the money back."), "reason")
    if is_first_time:
        intake.refuse_duplicate(refund_request)
        check_may_ask(actor=actor, amount=refund_request.amount, at=at)
    judged = judgement.judge_request(refund_request, at=at)
    missing = missing_at(DecisionPoint.REQUEST, refund_request)
    if judged.evidence_missing or (missing and is_filing):
        wanted = dict.fromkeys([*judged.evidence_missing, *[one.artifact.value for one in missing]])
        judgement.ask_for_evidence(refund_request, list(wanted), actor=actor, at=at)
        return refund_request
    refuse_missing(missing)
    if is_first_time:
        balances.check_and_reserve(refund_request)
    lifecycle.advance(
        refund_request,
        "submit",
        actor=actor,
        at=at,
        sentence=f"submitted the request for {refund_request.amount}.",
        data={
            "amount_minor": refund_request.requested_minor,
            "currency": refund_request.currency,
            "reason": refund_request.reason_id or "",
            "connect_share": refund_request.connect_share,
            "note_sha256": ledger.salted_digest(refund_request.subject, refund_request.note),
        },
    )
    if actor.pk != refund_request.requested_by_id:
        involve(subject=refund_request.subject, person=actor, part=Part.SUBMITTER, at=at)
    judgement.act_on_verdict(refund_request, judged, at=at)
    if judged.facts.dispute_is_open:
        shield.hold_from_the_start(refund_request, at=at)
    return refund_request


@notes_what_is_frozen
@transaction.atomic(durable=True)
def grant_exception(*, reference: str, code: str, rationale: str, actor: User, at: datetime) -> RefundRequest:
    """Let a request depart from policy under a standard code; an approver still signs for the money.

    :raises NotPermitted: `self_approval` for one's own request
    :raises Refused: without a fitting code or a rationale; `evidence_missing` for what the evidence map demands
    """
    refund_request = entitlement.locked_for(reference, actor)
    entitlement.check_may_review(actor, refund_request)
    check_rationale(rationale)
    if refund_request.state != State.EXCEPTION_REVIEW:
        lifecycle.check_knows(refund_request, "ask")
        raise OutOfDate("out_of_date", said("{reference} waits for a signature already.", reference=reference))
    refuse_while_frozen(refund_request, "grant_exception", actor=actor)
    entitlement.check_covers(refund_request, code)
    refuse_without_evidence(DecisionPoint.EXCEPTION, refund_request, exception_code=code)
    shield.lift_knowingly(refund_request, actor=actor, at=at)
    refund_request.exception_code = code
    refund_request.exception_rationale = rationale
    judged_before = refund_request.reviewed_by
    if judged_before is not None and judged_before != actor:
        # The request names one reviewer, and whoever granted it before a question was asked does not sign either.
        involve(subject=refund_request.subject, person=judged_before, part=Part.REVIEWER, at=at)
    # Before the route is opened: its brief keeps the reviewer from signing too.
    refund_request.reviewed_by = actor
    judged = judgement.judge_request(refund_request, at=at)
    judgement.route(
        refund_request,
        judged,
        verb="grant_exception",
        actor=actor,
        at=at,
        sentence=f"granted an exception with {code} and sent it to approval.",
        data={"exception_code": code, "rationale_sha256": ledger.salted_digest(refund_request.subject, rationale)},
    )
    return refund_request


@notes_what_is_frozen
@transaction.atomic(durable=True)
def decide(  # noqa: PLR0913 - a decision is told by all of it
    *,
    reference: str,
    verdict: Verdict,
    rationale: str,
    actor: User,
    at: datetime,
    amount_minor: int | None = None,
    code: str = "",
    evidence_opened: list[str] | None = None,
    signed_in_at: datetime | None = None,
    only_if: Callable[[RefundRequest], None] | None = None,
    told: Mapping[str, object] | None = None,
) -> RefundRequest:
    """Approve or decline with a rationale; an approver may lower the amount.

    A reviewer declines what waits for an exception, an approver what waits for a signature, finance what failed.
    `signed_in_at` is when the actor last showed who she is; approving much wants that to be lately.
    `only_if` raises when the request, as locked, is not what the actor saw; `told` is kept with the ledger's entry.

    :raises NotPermitted: `self_approval`, `over_authority`, `not_permitted`, in every state the same
    :raises NotPermitted: `frozen` or `step_up_required`, for an approval of what waits for one
    :raises OutOfDate: `already_decided` when somebody was faster
    :raises Refused: `rationale_required`, `evidence_missing`, or an amount above what was asked for or is left
    """
    refund_request = entitlement.locked_for(reference, actor)
    verb = verdict.value
    entitlement.check_may_decide_on(actor, refund_request, verb, at=at)
    if verb == "decline" and refund_request.state in {State.EXCEPTION_REVIEW, State.FAILED}:
        check_rationale(rationale)
        verdicts.decline(refund_request, rationale, code, actor, at)
        return refund_request
    amount = Money(refund_request.asked_minor if amount_minor is None else amount_minor, refund_request.currency)
    is_approval = verdict is Verdict.APPROVE and refund_request.state == State.AWAITING_APPROVAL
    if is_approval:
        refuse_while_frozen(refund_request, "approve", actor=actor)
    if only_if is not None:
        # After the lock of the freezes, as in a submit: judging anew takes the lock of the customer's counts.
        only_if(refund_request)
    entitlement.check_decision(refund_request, verdict, amount, rationale)
    if is_approval:
        balances.refuse_beyond_left(refund_request, amount.minor)
        refuse_without_evidence(DecisionPoint.APPROVAL, refund_request, amount_minor=amount.minor, rationale=rationale)
    has_stepped_up = is_approval and check_stepped_up(amount, signed_in_at=signed_in_at, at=at)
    outcome = decide_step(
        subject=refund_request.subject,
        verdict=verdict,
        amount=amount,
        rationale=rationale,
        code=code,
        evidence_opened=evidence_opened or [],
        actor=actor,
        at=at,
    )
    noted = {"stepped_up": has_stepped_up, **(told or {})}
    if outcome.ended is RouteState.DECLINED:
        verdicts.decline(refund_request, rationale, code, actor, at, acting_for=outcome.decision.acting_for)
    elif outcome.ended is RouteState.APPROVED:
        noted |= {"code": code, "rationale_sha256": ledger.salted_digest(refund_request.subject, rationale)}
        verdicts.approve(refund_request, outcome, noted, actor, at)
    else:
        verdicts.record_vote(refund_request, outcome, noted, amount, actor, at)
    return refund_request


@transaction.atomic(durable=True)
def ask(*, reference: str, question: str, actor: User, at: datetime) -> RefundRequest:
    """Send a request back with a question; the clock stops until it is submitted again."""
    refund_request = entitlement.locked_for(reference, actor)
    lifecycle.check_may_speak(actor, "ask")
    entitlement.refuse_own(actor, refund_request)
    entitlement.check_words(question, field="question")
    if len(question.strip()) < SHORTEST_RATIONALE:
        raise Refused(
            "rationale_required",
            said("Ask in at least {least} characters.", least=SHORTEST_RATIONALE),
            "question",
        )
    lifecycle.check_knows(refund_request, "ask")
    close_route(subject=refund_request.subject, at=at)
    lifecycle.advance(
        refund_request,
        "ask",
        actor=actor,
        at=at,
        sentence="asked for more information.",
        data={"question_sha256": ledger.salted_digest(refund_request.subject, question)},
        columns={"question": question.strip()},
    )
    return refund_request


@transaction.atomic(durable=True)
def withdraw(*, reference: str, note: str, actor: User, at: datetime) -> RefundRequest:
    """Withdraw a request the customer no longer wants.

    :raises OutOfDate: once money is on its way
    """
    refund_request = entitlement.locked_for(reference, actor)
    lifecycle.check_may_speak(actor, "withdraw")
    entitlement.check_words(note, field="note")
    held_a_reserve = refund_request.is_open
    close_route(subject=refund_request.subject, at=at)
    lifecycle.advance(
        refund_request,
        "withdraw",
        actor=actor,
        at=at,
        sentence="withdrew the request.",
        data={"note_sha256": ledger.salted_digest(refund_request.subject, note)},
        columns={"question": note.strip()},
    )
    answering.note_withdrawn(refund_request)
    if held_a_reserve:
        balances.release(refund_request)
    return refund_request


@transaction.atomic(durable=True)
def hold(*, reference: str, note: str, actor: User, at: datetime) -> RefundRequest:
    """Let nothing happen to a request until somebody releases it."""
    refund_request = entitlement.locked_for(reference, actor)
    lifecycle.check_may_speak(actor, "hold")
    entitlement.check_words(note, field="note")
    close_route(subject=refund_request.subject, at=at)
    lifecycle.advance(
        refund_request,
        "hold",
        actor=actor,
        at=at,
        sentence="put the request on hold.",
        data={"note_sha256": ledger.salted_digest(refund_request.subject, note)},
        columns={"held_from": str(refund_request.state)},
    )
    return refund_request


@transaction.atomic(durable=True)
def release(*, reference: str, actor: User, at: datetime) -> RefundRequest:
    """Let a held request go on where it was; one that waited for a signature gets a fresh route.

    Whoever lets it go on beside a dispute takes that upon herself, and does not sign for it.

    :raises Refused: `charge_disputed` while a refund would pay the customer twice
    """
    refund_request = entitlement.locked_for(reference, actor)
    lifecycle.check_may_speak(actor, "release")
    lifecycle.check_knows(refund_request, "release")
    beside = " beside a dispute it may settle" if shield.lift_knowingly(refund_request, actor=actor, at=at) else ""
    lifecycle.advance(refund_request, "release", actor=actor, at=at, sentence=f"released the request{beside}.")
    shield.go_on(refund_request, at=at)
    return refund_request


@transaction.atomic(durable=True)
def retry(*, reference: str, actor: User, at: datetime) -> RefundRequest:
    """Take a failed refund to the gateway again, with a new operation because the old one is proven dead."""
    refund_request = entitlement.locked_for(reference, actor)
    lifecycle.check_may_speak(actor, "retry")
    entitlement.refuse_signer(actor, refund_request)
    lifecycle.check_knows(refund_request, "retry")
    shown = refund_request.operations.filter(state=OperationState.REJECTED, external_id__isnull=False).first()
    if shown is not None:
        raise Refused(
            "refused",
            said(
                "The processor refused this and yet shows {number}. Look there first.",
                number=shown.external_id,
            ),
        )
    balances.refuse_beyond_left(refund_request, refund_request.amount_minor)
    refuse_without_evidence(DecisionPoint.PAYOUT, refund_request)
    shield.lift_knowingly(refund_request, actor=actor, at=at)
    lifecycle.advance(refund_request, "retry", actor=actor, at=at, sentence="sent the refund to the gateway again.")
    involve(subject=refund_request.subject, person=actor, part=Part.PAYER, at=at)
    queue_operation(refund_request=refund_request, at=at)
    return refund_request
