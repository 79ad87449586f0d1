"""What follows once a step is decided: one more vote, money queued, or a no that gives the reserve back.

Part of the one transaction of `workflow.decide`; the request is locked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from approvals.vocabulary import Verdict
from evidence import ledger

from . import balances, lifecycle, notifications, recalling
from .payouts import answering
from .vocabulary import Method

if TYPE_CHECKING:
    from datetime import datetime

    from approvals.services.deciding import Outcome as StepOutcome
    from config.kernel.money import Money
    from config.kernel.people import User

    from .models import RefundRequest


def record_vote(
    refund_request: RefundRequest,
    outcome: StepOutcome,
    noted: dict[str, object],
    amount: Money,
    actor: User,
    at: datetime,
) -> None:
    """Write down a signature that did not finish the route."""
    is_no = outcome.decision.verdict == Verdict.DECLINE
    ledger.record(
        subject=refund_request.subject,
        kind="refund_request.signed",
        actor=actor,
        acting_for=outcome.decision.acting_for,
        at=at,
        sentence="voted against it; the others may still agree."
        if is_no
        else f"signed for {amount}; more signatures are needed.",
        data={
            "decision": str(outcome.decision.pk),
            "verdict": str(outcome.decision.verdict),
            "amount_minor": amount.minor,
            **noted,
        },
    )


def approve(
    refund_request: RefundRequest, outcome: StepOutcome, noted: dict[str, object], actor: User, at: datetime
) -> None:
    """Take the last signature: lower the reserve to what was agreed, and queue the money."""
    amount = outcome.agreed
    if refund_request.payout_id is not None:
        answering.note_approved(refund_request, approver=actor)
    elif amount.minor < refund_request.requested_minor:
        balances.lower_reserve(refund_request, to_minor=amount.minor)
    lifecycle.advance(
        refund_request,
        "approve",
        actor=actor,
        acting_for=outcome.decision.acting_for,
        at=at,
        sentence=f"approved {amount}{_by_which_way(refund_request)}.",
        data={"amount_minor": amount.minor, "currency": amount.currency, **noted},
        columns={"approved_minor": amount.minor},
    )
    recalling.queue_with_recall(refund_request, at=at)


def _by_which_way(refund_request: RefundRequest) -> str:
    return "" if refund_request.payout_id is None else f", paid {answering.WAYS[Method(refund_request.method)]}"


def decline(
    refund_request: RefundRequest,
    rationale: str,
    code: str,
    actor: User,
    at: datetime,
    *,
    acting_for: User | None = None,
) -> None:
    """Say no, give the reserve back and draft the message to the customer; of another way only say no to that."""
    if refund_request.is_about_payout:
        answering.turn_down(refund_request, rationale, code, actor, at, acting_for=acting_for)
        return
    lifecycle.advance(
        refund_request,
        "decline",
        actor=actor,
        acting_for=acting_for,
        at=at,
        sentence="declined the request.",
        data={"code": code, "rationale_sha256": ledger.salted_digest(refund_request.subject, rationale)},
        columns={"question": rationale},
    )
    balances.release(refund_request)
    notifications.tell_declined(refund_request, at=at)
