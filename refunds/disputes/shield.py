"""Keep money here while a bank may take it, or took it, by itself: nobody is paid twice without a person who knew."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from approvals.services.routing import close_route, involve, recall_route
from approvals.vocabulary import Part
from config.kernel.refusals import Refused
from config.kernel.wording import inside, said
from refunds import balances, judgement, lifecycle
from refunds.machines import SHIELD
from refunds.models import Operation, RefundRequest
from refunds.payouts import answering
from refunds.vocabulary import BEFORE_MONEY, OperationState, State

from .standing import standing_over, stopping_disputes

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.people import User
    from refunds.models import Dispute

LOOKS_AGAIN_AFTER = timedelta(minutes=5)


def raise_over(dispute: Dispute, *, at: datetime) -> None:
    """Hold every request on the disputed charge whose money has not left; its payments must be locked."""
    waiting = RefundRequest.objects.filter(payment=dispute.payment_id, state__in=[*BEFORE_MONEY, State.APPROVED])
    for request_id in waiting.order_by("pk").values_list("pk", flat=True):
        refund_request = lifecycle.hold_locked(request_id=request_id)
        stopping = stopping_disputes(refund_request)
        if stopping and refund_request.state in BEFORE_MONEY:
            _hold(refund_request, stopping[0], at)
        elif stopping and refund_request.state == State.APPROVED:
            keep_here(refund_request, stopping[0], at=at)


def lift_where_nothing_stands(dispute: Dispute, *, at: datetime) -> None:
    """Let go on whatever the shield held on this charge, once no other dispute stands; its payments must be locked."""
    held = RefundRequest.objects.filter(payment=dispute.payment_id, state=State.ON_HOLD, held_for__isnull=False)
    for request_id in held.order_by("pk").values_list("pk", flat=True):
        refund_request = lifecycle.hold_locked(request_id=request_id)
        if refund_request.held_for_id is not None and not stopping_disputes(refund_request):
            lifecycle.advance(
                refund_request,
                "release",
                actor=SHIELD,
                at=at,
                sentence="let the request go on: no dispute stands on the payment any more.",
                data={"dispute": str(dispute.pk)},
            )
            go_on(refund_request, at=at)


def lift_knowingly(refund_request: RefundRequest, *, actor: User, at: datetime) -> bool:
    """Let a person take it upon herself that money goes beside a dispute; she does not sign for it then.

    Answers whether there was one. The request must be locked.

    :raises Refused: `charge_disputed` while the bank has the money, or may take it whatever we refund
    """
    standing = standing_over(refund_request.payment_id)
    lost = [dispute for dispute in standing if not dispute.is_charge_refundable]
    if lost:
        raise Refused(
            "charge_disputed",
            said(
                "The {dispute} {number} stands on this payment, and a refund beside it would pay twice.",
                dispute=inside(lost[0].get_kind_display()),
                number=lost[0].external_id,
            ),
        )
    if not standing:
        return False
    refund_request.shield_lifted_at = at
    refund_request.save(update_fields=["shield_lifted_at"])
    involve(subject=refund_request.subject, person=actor, part=Part.REVIEWER, at=at)
    return True


def keep_here(refund_request: RefundRequest, dispute: Dispute, *, at: datetime) -> bool:
    """Take approved money that was never sent out of the queue and hold its request; both must be locked.

    Answers no when something was sent already, or when what an approver had cut off has gone elsewhere: then the worker
    keeps putting the operation off.
    """
    queued = Operation.objects.filter(
        refund_request=refund_request, state=OperationState.READY, first_sent_at=None, attempt_count=0
    )
    operation_id = queued.values_list("pk", flat=True).first()
    if operation_id is None:
        return False
    approved = refund_request.amount
    try:
        balances.restore_reserve(refund_request)
    except Refused:
        return False
    recall_route(subject=refund_request.subject, at=at)
    answering.take_back(refund_request)
    # Nobody took it meanwhile: a worker does so only under the lock of the request.
    Operation.objects.filter(pk=operation_id).update(state=OperationState.CANCELLED)
    lifecycle.advance(
        refund_request,
        "shield",
        actor=SHIELD,
        at=at,
        sentence=f"kept {approved} here: {_why(dispute)}",
        data={"dispute": str(dispute.pk), "operation": str(operation_id), "amount_minor": approved.minor},
        columns={"held_from": State.AWAITING_APPROVAL.value, "held_for": dispute},
    )
    return True


def hold_from_the_start(refund_request: RefundRequest, *, at: datetime) -> None:
    """Hold a request that was just submitted and waits for signatures beside a dispute; it must be locked.

    What waits for a policy reviewer is not held: she hears of the dispute by the finding that brought it to her.
    """
    stopping = stopping_disputes(refund_request)
    if stopping and refund_request.state == State.AWAITING_APPROVAL:
        _hold(refund_request, stopping[0], at)


def put_off_while_disputed(
    operation: Operation, refund_request: RefundRequest, dispute: Dispute, *, at: datetime
) -> None:
    """Keep an operation that was never sent here while a dispute stops it; both must be locked."""
    if refund_request.state != State.APPROVED or not keep_here(refund_request, dispute, at=at):
        operation.next_try_at = at + LOOKS_AGAIN_AFTER
        operation.save(update_fields=["next_try_at"])


def go_on(refund_request: RefundRequest, *, at: datetime) -> None:
    """Open a fresh route for a request that was released to wait for signatures."""
    if refund_request.state == State.AWAITING_APPROVAL:
        judgement.open_route_for(refund_request, judgement.judge_request(refund_request, at=at), at=at)


def _hold(refund_request: RefundRequest, dispute: Dispute, at: datetime) -> None:
    close_route(subject=refund_request.subject, at=at)
    lifecycle.advance(
        refund_request,
        "hold",
        actor=SHIELD,
        at=at,
        sentence=f"put the request on hold: {_why(dispute)}",
        data={"dispute": str(dispute.pk)},
        columns={"held_from": str(refund_request.state), "held_for": dispute},
    )


def _why(dispute: Dispute) -> str:
    return f"{dispute.get_kind_display().lower()} {dispute.external_id} stands on the payment."
