"""Claim an operation, call the gateway outside any transaction, record what is known.

Claim and record are short transactions; between them nothing is locked, so a worker that dies in the middle leaves a
lease that runs out and a stored key that can be sent again. See decisions 7, 61 and 67 of the README.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog
from django.db import transaction
from django.db.models import Q

from policies.vocabulary import Reason
from refunds import lifecycle, notifications
from refunds.disputes.shield import put_off_while_disputed
from refunds.disputes.standing import stopping_disputes
from refunds.freezes import keep_from_gateway, not_held_back
from refunds.gateways.bank_transfer import ManualBankTransfer
from refunds.gateways.base import GatewayUnreachable, RefundInstruction
from refunds.gateways.registry import gateway_named
from refunds.machines import WORKER
from refunds.models import Attempt, Operation
from refunds.vocabulary import OperationState, State

from .contradicting import keep_while_contradicted
from .leaving import end_if_not_left
from .line import note_answer, note_failure, note_outcome, stopped_lines, take_turn
from .proving import put_off_until_proved
from .recording import record_found, record_outcome

if TYPE_CHECKING:
    from uuid import UUID

    from refunds.models import RefundRequest

logger = structlog.get_logger(__name__)

LEASE = timedelta(seconds=60)
"""Longer than the gateway's time-out, so that a slow call is not made twice at once."""

KEY_IS_SAFE_FOR = timedelta(hours=23)
"""Stripe forgets keys after a day; sending one again later would pay twice."""

CLAIMABLE = (OperationState.READY, OperationState.SENDING, OperationState.UNKNOWN)


def perform_operation(*, operation_id: UUID | str, at: datetime) -> bool:
    """Bring one operation a step further. Answers whether it was ours to do.

    1. Claim it: state, attempt and lease are committed before the call.
    2. Call the gateway, or only look the refund up where sending again could pay twice or a freeze is on. What was
       never sent waits while it is frozen.
    3. Record what came back.
    """
    claimed = _claim(operation_id=operation_id, at=at)
    if claimed is None:
        return False
    operation, instruction, only_looks = claimed
    gateway = gateway_named(operation.gateway)
    if only_looks:
        try:
            found = gateway.find(instruction)
            note_answer(operation.gateway, at=at)
        except GatewayUnreachable as error:
            logger.warning("operation.look_up_failed", operation=str(operation.pk), why=str(error))
            note_failure(operation.gateway, at=at)
            found = None
        record_found(operation_id=operation.pk, number=operation.attempt_count, found=found, at=at)
    else:
        outcome = gateway.refund(instruction)
        record_outcome(operation_id=operation.pk, number=operation.attempt_count, outcome=outcome, at=at)
        note_outcome(operation.gateway, outcome, at=at)
    return True


@transaction.atomic(durable=True)
def _claim(*, operation_id: UUID | str, at: datetime) -> tuple[Operation, RefundInstruction, bool] | None:
    """Take an operation in hand; answer it, what to send, and whether it may only be looked up."""
    request_id = Operation.objects.filter(_due(at), pk=operation_id).values_list("refund_request_id", flat=True).first()
    if request_id is None:
        return None
    refund_request = lifecycle.hold_for_money(request_id=request_id)
    operation = Operation.objects.select_for_update(skip_locked=True).filter(_due(at), pk=operation_id).first()
    if operation is None:
        return None
    if operation.payment_id == refund_request.payment_id:
        operation.payment = refund_request.payment
    is_stopped = _is_stopped(operation, refund_request, at)
    if is_stopped and operation.first_sent_at is None:
        return None
    instruction = take_up(operation, refund_request, at=at)
    if instruction is None:
        return None
    # What was sent once may have moved money: it is still looked up, so that it never stays unknown.
    return operation, instruction, is_stopped or operation.is_look_up_only


def take_up(operation: Operation, refund_request: RefundRequest, *, at: datetime) -> RefundInstruction | None:
    """Begin one try at a locked operation: state, attempt and lease. None when its request keeps it here.

    What is missing as evidence for the payout puts it off, and so does an earlier refund of the same request that the
    processor had refused and shows after all. Where its money left elsewhere it ends. The recall ends with the first
    try.
    """
    if operation.first_sent_at is None and (
        keep_while_contradicted(operation, at=at) or end_if_not_left(operation, refund_request, at=at)
    ):
        return None
    is_fresh = refund_request.state == State.APPROVED
    if (is_fresh and put_off_until_proved(operation, refund_request, at=at)) or not take_turn(operation.gateway, at=at):
        return None
    if is_fresh:
        lifecycle.advance(
            refund_request,
            "start_processing",
            actor=WORKER,
            at=at,
            sentence=f"took {operation.amount} to the gateway.",
            data={"operation": str(operation.pk), "idempotency_key": operation.idempotency_key},
        )
        if operation.recall_until is not None:
            # Nobody is told of an approval that may still be taken back; from here on it may not.
            notifications.tell_approved(refund_request, at=at)
    if refund_request.state != State.PROCESSING:
        logger.warning(
            "operation.without_a_processing_request", operation=str(operation.pk), state=refund_request.state
        )
        return None
    operation.first_sent_at = operation.first_sent_at or at
    operation.is_look_up_only = operation.is_look_up_only or at - operation.first_sent_at >= KEY_IS_SAFE_FOR
    operation.state = OperationState.SENDING
    operation.attempt_count += 1
    operation.lease_until = at + LEASE
    operation.save(update_fields=["state", "attempt_count", "first_sent_at", "is_look_up_only", "lease_until"])
    Attempt.objects.create(operation=operation, number=operation.attempt_count, started_at=at)
    return RefundInstruction(
        operation_id=str(operation.pk),
        attempt=operation.attempt_count,
        amount_minor=operation.amount_minor,
        currency=operation.currency,
        payment_external_id=operation.payment.external_id if operation.payment is not None else "",
        reason_code=refund_request.reason_id or "",
        reference=refund_request.reference,
        idempotency_key=operation.idempotency_key,
        connect_share=refund_request.connect_share,
        is_fraud_decided=refund_request.reason_id == Reason.FRAUDULENT and refund_request.approved_by_id is not None,
    )


def _is_stopped(operation: Operation, refund_request: RefundRequest, at: datetime) -> bool:
    """Tell whether a freeze or a dispute keeps money from being sent; what never was is put aside."""
    is_frozen = keep_from_gateway(operation, refund_request, at=at)
    stopping = stopping_disputes(refund_request)
    if stopping and not is_frozen and operation.first_sent_at is None:
        put_off_while_disputed(operation, refund_request, stopping[0], at=at)
    return is_frozen or bool(stopping)


def _due(at: datetime) -> Q:
    # A bank transfer is sent by whoever releases its payment file, never by a worker.
    by_network = ~Q(gateway=ManualBankTransfer.name)
    return (
        by_network
        & Q(state__in=CLAIMABLE, next_try_at__lte=at, awaits_release=False)
        & (Q(lease_until__isnull=True) | Q(lease_until__lte=at))
    )


def due_operations(at: datetime) -> list[UUID]:
    """List what a worker should take up now, longest waiting first, past all that a freeze or a stopped line holds."""
    due = Operation.objects.filter(_due(at), not_held_back()).exclude(gateway__in=stopped_lines(at=at))
    return list(due.order_by("next_try_at").values_list("pk", flat=True)[:200])
