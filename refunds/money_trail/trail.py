"""Follow the money of one request: each link that holds; where one does not, what is missing and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from approvals.vocabulary import Verdict
from config.kernel.money import Money
from config.kernel.wording import inside, joined, said
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
        Fact(said("Request"), refund_request.reference, refund_request.get_absolute_url()),
        Fact(said("Amount"), refund_request.amount),
        Fact(said("Entered by"), str(refund_request.requested_by)),
        Fact(said("Entered"), refund_request.created_at),
        Fact(said("State"), refund_request.get_state_display()),
    ]
    return Link(title=said("Request"), state=LinkState.HOLDS, facts=tuple(facts))


def decision_link(refund_request: RefundRequest) -> Link:
    """Say under which policy it was decided, and by whom."""
    title, verdict, page = said("Decision"), refund_request.decision, refund_request.get_absolute_url()
    if verdict is None:
        return waiting(title, said("No policy has judged it yet."), said("Submit the request."), url=page)
    signatures = _signatures(refund_request)
    facts = [
        Fact(said("Policy"), str(verdict.version)),
        Fact(said("Policy said"), joined([Outcome(verdict.outcome).label, inside(verdict.get_mode_display())], ", ")),
        Fact(said("Judged"), verdict.decided_at),
        *signatures,
    ]
    if refund_request.reviewed_by is not None and refund_request.exception_code:
        facts.append(
            Fact(
                said("Exception"),
                said(
                    "{code}, granted by {person}", code=refund_request.exception_code, person=refund_request.reviewed_by
                ),
            )
        )
    if refund_request.state in NO_MONEY:
        return Link(title=title, state=LinkState.ENDS, facts=tuple(facts), missing=said("No money was to leave."))
    if refund_request.approved_minor is None:
        return waiting(title, said("Nobody has approved it yet."), said("Decide it on its page."), facts, url=page)
    if not signatures:
        facts.append(Fact(said("Approved by"), said("the policy itself")))
    facts.append(Fact(said("Approved"), Money(refund_request.approved_minor, refund_request.currency)))
    return Link(title=title, state=LinkState.HOLDS, facts=tuple(facts))


def operation_link(operation: Operation, later: Sequence[Operation]) -> Link:
    """Say what was told to move, and what the processor answered; `later` are the operations after this one."""
    title, state, page = said("Operation"), operation.state, operation.refund_request.get_absolute_url()
    facts = [
        Fact(said("Amount"), operation.amount),
        Fact(said("Key"), operation.idempotency_key, is_code=True),
        Fact(said("Tries"), str(operation.attempt_count)),
        Fact(said("Answer"), OperationState(state).label),
    ]
    if operation.external_id:
        facts.append(
            Fact(said("At {place}", place=account_label(operation.gateway)), operation.external_id, is_code=True)
        )
    if operation.acquirer_reference:
        facts.append(Fact(said("Reference at the bank"), operation.acquirer_reference, is_code=True))
    if operation.succeeded_at:
        facts.append(Fact(said("Succeeded"), operation.succeeded_at))
    if state == OperationState.SUCCEEDED:
        return Link(title=title, state=LinkState.HOLDS, facts=tuple(facts))
    if state == OperationState.CANCELLED:
        return Link(
            title=title, state=LinkState.ENDS, facts=tuple(facts), missing=said("It was recalled before it was sent.")
        )
    if state in {OperationState.FAILED, OperationState.REJECTED}:
        why = in_plain_words(operation.failure_reason) or said("The processor gave no reason.")
        what = said("The money came back.") if operation.succeeded_at else said("The money did not leave.")
        missing = joined([what, why])
        if any(one.state in LIVE for one in later):
            return Link(
                title=title,
                state=LinkState.ENDS,
                facts=tuple(facts),
                missing=joined([missing, said("It was sent again.")]),
            )
        next_step = said("Send it again, or propose another way to pay, on the page of the request.")
        return broken(title, missing, next_step, facts, url=page)
    if state == OperationState.NEEDS_PERSON:
        missing = said("The worker stopped: nobody knows whether the money left.")
        return broken(title, missing, said("Look at the refund again on the page of the request."), facts, url=page)
    board = reverse("refunds:processing")
    return waiting(
        title,
        said("The processor has not confirmed it yet."),
        said("It is sent and asked by itself."),
        facts,
        url=board,
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
    return Way(said("{amount} by {place}", amount=operation.amount, place=account_label(operation.gateway)), links)


def _signatures(refund_request: RefundRequest) -> list[Fact]:
    if refund_request.route is None:
        return []
    words = {Verdict.APPROVE: said("Approved by"), Verdict.DECLINE: said("Declined by")}
    return [
        Fact(words.get(Verdict(one.verdict), said("Answered by")), _signer(one))
        for one in refund_request.route.decisions.select_related("decided_by", "acting_for")
    ]


def _signer(signature: ApprovalDecision) -> str:
    moment = signature.decided_at
    if signature.acting_for is None:
        return said("{person}, {moment}", person=signature.decided_by, moment=moment)
    return said(
        "{person} for {absent}, {moment}", person=signature.decided_by, absent=signature.acting_for, moment=moment
    )


def _no_operation(refund_request: RefundRequest) -> Link:
    """Say why nothing was told to move."""
    title, page = said("Operation"), refund_request.get_absolute_url()
    if refund_request.state in NO_MONEY:
        return Link(
            title=title, state=LinkState.ENDS, missing=said("Nothing was told to move, and nothing should have been.")
        )
    if refund_request.approved_minor is None:
        return Link(title=title, state=LinkState.LATER)
    missing = said("It is approved, and nothing was told to move.")
    return broken(title, missing, said("Look at the request; an administrator finds what stopped it."), url=page)
