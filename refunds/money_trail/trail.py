"""Follow the money of one request: each link that holds; where one does not, what is missing and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from approvals.vocabulary import Verdict
from config.kernel.money import Money
from policies.vocabulary import Outcome
from refunds.models.operation import LIVE
from refunds.processing.plain_words import in_plain_words
from refunds.vocabulary import OperationState, State, account_label

from .books_links import journal_link, period_link
from .gathering import gather
from .links import Fact, Link, LinkState, Trail, Way, broken, waiting
from .statement_links import bank_link, payout_link, statement_link

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from approvals.models import ApprovalDecision
    from config.kernel.people import User
    from refunds.models import Operation, RefundRequest

    from .gathering import MoneyFacts

NO_MONEY = {State.DECLINED, State.BLOCKED, State.WITHDRAWN, State.EXPIRED}


def trail_of(viewer: User, refund_request: RefundRequest, *, at: datetime) -> Trail:
    """Follow a request's money to the bank and the books, in as many queries for one operation as for many."""
    facts = gather(viewer, refund_request)
    ways = tuple(_way(number, one, facts, at) for number, one in enumerate(facts.operations))
    shared: tuple[Link, ...] = (request_link(refund_request), decision_link(refund_request))
    if not ways:
        shared = (*shared, _no_operation(refund_request))
    return Trail(shared, ways)


def request_link(refund_request: RefundRequest) -> Link:
    """Say who asked for what, and when."""
    facts = [
        Fact("Request", refund_request.reference, refund_request.get_absolute_url()),
        Fact("Amount", refund_request.amount),
        Fact("Entered by", str(refund_request.requested_by)),
        Fact("Entered", refund_request.created_at),
        Fact("State", refund_request.get_state_display()),
    ]
    return Link(title="Request", state=LinkState.HOLDS, facts=tuple(facts))


def decision_link(refund_request: RefundRequest) -> Link:
    """Say under which policy it was decided, and by whom."""
    title, verdict, page = "Decision", refund_request.decision, refund_request.get_absolute_url()
    if verdict is None:
        return waiting(title, "No policy has judged it yet.", "Submit the request.", url=page)
    signatures = _signatures(refund_request)
    facts = [
        Fact("Policy", str(verdict.version)),
        Fact("Policy said", f"{Outcome(verdict.outcome).label}, {verdict.get_mode_display().lower()}"),
        Fact("Judged", verdict.decided_at),
        *signatures,
    ]
    if refund_request.reviewed_by is not None and refund_request.exception_code:
        facts.append(Fact("Exception", f"{refund_request.exception_code}, granted by {refund_request.reviewed_by}"))
    if refund_request.state in NO_MONEY:
        return Link(title=title, state=LinkState.ENDS, facts=tuple(facts), missing="No money was to leave.")
    if refund_request.approved_minor is None:
        return waiting(title, "Nobody has approved it yet.", "Decide it on its page.", facts, url=page)
    if not signatures:
        facts.append(Fact("Approved by", "the policy itself"))
    facts.append(Fact("Approved", Money(refund_request.approved_minor, refund_request.currency)))
    return Link(title=title, state=LinkState.HOLDS, facts=tuple(facts))


def operation_link(operation: Operation, later: Sequence[Operation]) -> Link:
    """Say what was told to move, and what the processor answered; `later` are the operations after this one."""
    title, state, page = "Operation", operation.state, operation.refund_request.get_absolute_url()
    facts = [
        Fact("Amount", operation.amount),
        Fact("Key", operation.idempotency_key, is_code=True),
        Fact("Tries", str(operation.attempt_count)),
        Fact("Answer", OperationState(state).label),
    ]
    if operation.external_id:
        facts.append(Fact(f"At {account_label(operation.gateway)}", operation.external_id, is_code=True))
    if operation.acquirer_reference:
        facts.append(Fact("Reference at the bank", operation.acquirer_reference, is_code=True))
    if operation.succeeded_at:
        facts.append(Fact("Succeeded", operation.succeeded_at))
    if state == OperationState.SUCCEEDED:
        return Link(title=title, state=LinkState.HOLDS, facts=tuple(facts))
    if state == OperationState.CANCELLED:
        return Link(
            title=title, state=LinkState.ENDS, facts=tuple(facts), missing="It was recalled before it was sent."
        )
    if state in {OperationState.FAILED, OperationState.REJECTED}:
        why = in_plain_words(operation.failure_reason) or "The processor gave no reason."
        missing = f"The money {'came back' if operation.succeeded_at else 'did not leave'}. {why}"
        if any(one.state in LIVE for one in later):
            return Link(title=title, state=LinkState.ENDS, facts=tuple(facts), missing=f"{missing} It was sent again.")
        next_step = "Send it again, or propose another way to pay, on the page of the request."
        return broken(title, missing, next_step, facts, url=page)
    if state == OperationState.NEEDS_PERSON:
        missing = "The worker stopped: nobody knows whether the money left."
        return broken(title, missing, "Look at the refund again on the page of the request.", facts, url=page)
    board = reverse("refunds:processing")
    return waiting(
        title, "The processor has not confirmed it yet.", "It is sent and asked by itself.", facts, url=board
    )


def _way(number: int, operation: Operation, facts: MoneyFacts, at: datetime) -> Way:
    links = (
        operation_link(operation, facts.operations[:number]),
        statement_link(operation, facts),
        payout_link(operation, facts),
        bank_link(operation, facts),
        journal_link(operation, facts, at=at),
        period_link(operation, facts, at=at),
    )
    return Way(f"{operation.amount} by {account_label(operation.gateway)}", links)


def _signatures(refund_request: RefundRequest) -> list[Fact]:
    if refund_request.route is None:
        return []
    words = {Verdict.APPROVE: "Approved by", Verdict.DECLINE: "Declined by"}
    return [
        Fact(words.get(Verdict(one.verdict), "Answered by"), _signer(one))
        for one in refund_request.route.decisions.select_related("decided_by", "acting_for")
    ]


def _signer(signature: ApprovalDecision) -> str:
    lent = f" for {signature.acting_for}" if signature.acting_for else ""
    return f"{signature.decided_by}{lent}, {signature.decided_at:%-d %b %Y, %H:%M} UTC"


def _no_operation(refund_request: RefundRequest) -> Link:
    """Say why nothing was told to move."""
    title, page = "Operation", refund_request.get_absolute_url()
    if refund_request.state in NO_MONEY:
        return Link(
            title=title, state=LinkState.ENDS, missing="Nothing was told to move, and nothing should have been."
        )
    if refund_request.approved_minor is None:
        return Link(title=title, state=LinkState.LATER)
    missing = "It is approved, and nothing was told to move."
    return broken(title, missing, "Look at the request; an administrator finds what stopped it.", url=page)
