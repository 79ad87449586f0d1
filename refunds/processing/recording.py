"""Write down what a gateway answered, what a look-up found, what the processor's books say now."""

from __future__ import annotations

from datetime import timedelta
from random import uniform
from typing import TYPE_CHECKING

import structlog
from django.db import transaction

from evidence import ledger
from refunds import balances, lifecycle, notifications
from refunds.gateways.base import (
    Accepted,
    KeyRefused,
    Outcome,
    ProviderRefund,
    RefundStatus,
    Rejected,
    Retry,
)
from refunds.machines import WORKER
from refunds.models import Attempt, Operation
from refunds.processing.plain_words import OTHER, code_of
from refunds.vocabulary import OperationState, State

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from refunds.models import RefundRequest

logger = structlog.get_logger(__name__)

LOOKED_UP = "looked_up"
ABSENT = "found 0"
"""How an attempt ends that only looked, and found nothing: what a person needs before giving an operation up."""

LONGEST_PAUSE_SECONDS = 900
GIVE_UP_LOOKING_AFTER = timedelta(hours=24)
"""Counted from the first try; after that a person confirms that nothing happened."""

LOOK_UP_PAUSES = (timedelta(minutes=15), timedelta(hours=1))
PENDING_IS_ASKED_AFTER = timedelta(minutes=10)

WATCHED_AFTER = tuple(timedelta(days=days) for days in (1, 3, 7, 14, 30, 45))
"""When a refund that succeeded is looked at again."""

STATE_OF = {
    RefundStatus.PENDING: OperationState.PENDING,
    RefundStatus.REQUIRES_ACTION: OperationState.PENDING,
    RefundStatus.SUCCEEDED: OperationState.SUCCEEDED,
    RefundStatus.FAILED: OperationState.FAILED,
    RefundStatus.CANCELED: OperationState.FAILED,
}


@transaction.atomic(durable=True)
def record_outcome(*, operation_id: UUID, number: int, outcome: Outcome, at: datetime) -> None:
    """Record the answer to one try. An answer that comes after the fact was learned otherwise changes nothing."""
    refund_request, operation = _locked(operation_id)
    apply_outcome(refund_request, operation, number=number, outcome=outcome, at=at)


def apply_outcome(
    refund_request: RefundRequest, operation: Operation, *, number: int, outcome: Outcome, at: datetime
) -> None:
    """Apply the answer to one try of a locked operation."""
    _end_attempt(operation, number, outcome, at)
    if operation.state != OperationState.SENDING:
        return
    if isinstance(outcome, Accepted):
        _apply(refund_request, operation, outcome.external_id, outcome.status, "", at)
    elif isinstance(outcome, Rejected):
        _dead(refund_request, operation, OperationState.REJECTED, f"{outcome.code}: {outcome.detail}", at)
    elif isinstance(outcome, KeyRefused):
        # Nothing is wrong with this refund: the line stops, and it is the first to go once that is mended.
        _again(operation, OperationState.READY, timedelta(0), at)
    elif isinstance(outcome, Retry):
        _again(operation, OperationState.READY, timedelta(seconds=outcome.after_seconds), at)
    else:
        operation.is_look_up_only = operation.is_look_up_only or outcome.is_replayed
        _again(operation, OperationState.UNKNOWN, _pause(operation.attempt_count), at)


@transaction.atomic(durable=True)
def record_found(*, operation_id: UUID, number: int, found: Sequence[ProviderRefund] | None, at: datetime) -> None:
    """Record what a look-up found; None when the processor could not be asked."""
    refund_request, operation = _locked(operation_id)
    note = "could not look" if found is None else f"found {len(found)}" if found else ABSENT
    Attempt.objects.filter(operation=operation, number=number).update(ended_at=at, outcome=LOOKED_UP, detail=note)
    if operation.state != OperationState.SENDING:
        return
    if found:
        newest = max(found, key=lambda refund: refund.created_at)
        _apply(refund_request, operation, newest.external_id, newest.status, newest.failure_reason, at)
    elif found is not None and operation.first_sent_at and at - operation.first_sent_at >= GIVE_UP_LOOKING_AFTER:
        _needs_person(operation, "The processor gave no clear answer and shows no refund a day later.")
    else:
        _again(
            operation, OperationState.UNKNOWN, LOOK_UP_PAUSES[min(operation.attempt_count, len(LOOK_UP_PAUSES)) - 1], at
        )


@transaction.atomic(durable=True)
def record_provider_state(*, operation_id: UUID, refund: ProviderRefund, at: datetime) -> None:
    """Apply what the processor's books say now: the truth behind a webhook or a sweep, whatever order they came in."""
    refund_request, operation = _locked(operation_id)
    _apply(refund_request, operation, refund.external_id, refund.status, refund.failure_reason, at)
    _keep_acquirer_reference(refund_request, operation, refund, at)


def _keep_acquirer_reference(
    refund_request: RefundRequest, operation: Operation, refund: ProviderRefund, at: datetime
) -> None:
    """Keep the number by which the customer's bank finds the refund, and hand it on the first time it is known."""
    is_news = refund.acquirer_reference and not operation.acquirer_reference
    if not is_news or operation.state != OperationState.SUCCEEDED or operation.external_id != refund.external_id:
        return
    operation.acquirer_reference = refund.acquirer_reference
    operation.save(update_fields=["acquirer_reference"])
    _tell(refund_request, "operation.traceable", at, "heard the acquirer's reference of the refund.", operation)
    notifications.tell_reference(refund_request, operation.acquirer_reference, at=at)


def give_up(refund_request: RefundRequest, operation: Operation, *, at: datetime) -> None:
    """End a locked operation that a person confirmed to be absent at the processor."""
    _dead(refund_request, operation, OperationState.REJECTED, "no refund at the processor", at)


def end_unsent(refund_request: RefundRequest, operation: Operation, *, why: str, at: datetime) -> None:
    """End a locked operation that was never sent, because what it is to give back left elsewhere."""
    _dead(refund_request, operation, OperationState.REJECTED, why, at)


def _locked(operation_id: UUID) -> tuple[RefundRequest, Operation]:
    request_id = Operation.objects.values_list("refund_request_id", flat=True).get(pk=operation_id)
    refund_request = lifecycle.hold_for_money(request_id=request_id)
    return refund_request, Operation.objects.select_for_update().get(pk=operation_id)


def _apply(
    refund_request: RefundRequest,
    operation: Operation,
    external_id: str,
    status: RefundStatus,
    failure_reason: str,
    at: datetime,
) -> None:
    state = STATE_OF[status]
    if operation.state == OperationState.FAILED:
        return  # What came back stays back; this was read at the processor before it did.
    if operation.state == OperationState.REJECTED:
        if state != OperationState.FAILED and operation.external_id != external_id:
            _contradicted(refund_request, operation, external_id, at)
        return
    if refund_request.state == State.APPROVED:
        _sent_before(refund_request, operation, at)
    operation.external_id = external_id
    if operation.state == state:
        operation.save(update_fields=["external_id"])
        return
    if state == OperationState.SUCCEEDED:
        _succeed(refund_request, operation, at)
    elif state == OperationState.FAILED:
        _dead(refund_request, operation, state, failure_reason or status.value, at)
    elif state == OperationState.PENDING and operation.state != OperationState.SUCCEEDED:
        operation.state = state
        operation.lease_until = None
        operation.next_try_at = at + PENDING_IS_ASKED_AFTER
        operation.save(update_fields=["external_id", "state", "lease_until", "next_try_at"])
        _tell(
            refund_request,
            "operation.pending",
            at,
            "heard that the processor has the refund; it is pending.",
            operation,
        )


def _sent_before(refund_request: RefundRequest, operation: Operation, at: datetime) -> None:
    """Catch up with a try that a restored database does not remember: the processor has it, so we sent it."""
    operation.first_sent_at = operation.first_sent_at or at
    operation.save(update_fields=["first_sent_at"])
    lifecycle.advance(
        refund_request,
        "start_processing",
        actor=WORKER,
        at=at,
        sentence=f"found {operation.amount} at the processor, sent in a time that is not remembered here.",
        data={"operation": str(operation.pk), "idempotency_key": operation.idempotency_key},
    )


def _succeed(refund_request: RefundRequest, operation: Operation, at: datetime) -> None:
    operation.state = OperationState.SUCCEEDED
    operation.lease_until = None
    operation.succeeded_at = at
    operation.watch_at = at + WATCHED_AFTER[0]
    operation.failure_reason = ""
    operation.save(update_fields=["external_id", "state", "lease_until", "succeeded_at", "watch_at", "failure_reason"])
    balances.settle(refund_request)
    lifecycle.advance(
        refund_request,
        "confirm",
        actor=WORKER,
        at=at,
        sentence=f"heard from the processor that {operation.amount} went back.",
        data={
            "operation": str(operation.pk),
            "external_id": operation.external_id or "",
            "amount_minor": operation.amount_minor,
            "currency": operation.currency,
        },
    )
    notifications.tell_paid(refund_request, at=at)


def _dead(
    refund_request: RefundRequest, operation: Operation, state: OperationState, reason: str, at: datetime
) -> None:
    """The operation is proven dead: no money moved, or it came back."""
    code = code_of(reason)
    had_paid = refund_request.state in {State.REFUNDED, State.RECONCILED}
    operation.state = state
    operation.lease_until = None
    operation.failure_reason = reason[:200]
    operation.save(update_fields=["external_id", "state", "lease_until", "failure_reason"])
    if had_paid:
        balances.unsettle(refund_request)
    lifecycle.advance(
        refund_request,
        "fail",
        actor=WORKER,
        at=at,
        # The processor's own words may hold a name; they stay where they can be erased.
        sentence="heard that the refund failed." if code == OTHER else f"heard that the refund failed: {code}.",
        data={
            "operation": str(operation.pk),
            "failure": code,
            "failure_sha256": ledger.salted_digest(refund_request.subject, reason[:200]),
            "had_paid": had_paid,
        },
        columns={"failure_reason": reason[:200]},
    )
    if had_paid:
        notifications.tell_failed(refund_request, at=at)


def _contradicted(refund_request: RefundRequest, operation: Operation, external_id: str, at: datetime) -> None:
    """Keep the id of a refund that the processor refused and yet shows; with it nothing is sent again."""
    logger.error("operation.contradicted", operation=str(operation.pk), external_id=external_id)
    operation.external_id = external_id
    operation.save(update_fields=["external_id"])
    _tell(
        refund_request,
        "operation.contradicted",
        at,
        f"saw {external_id} at the processor, which had refused this refund; somebody must look there.",
        operation,
    )


def _needs_person(operation: Operation, why: str) -> None:
    logger.error("operation.needs_a_person", operation=str(operation.pk), why=why)
    operation.state = OperationState.NEEDS_PERSON
    operation.lease_until = None
    operation.failure_reason = why[:200]
    operation.save(update_fields=["state", "lease_until", "failure_reason"])


def _again(operation: Operation, state: OperationState, pause: timedelta, at: datetime) -> None:
    operation.state = state
    operation.lease_until = None
    operation.next_try_at = at + pause
    operation.save(update_fields=["state", "lease_until", "next_try_at", "is_look_up_only"])


def _pause(attempt_count: int) -> timedelta:
    # Full jitter, so that many operations that failed together do not come back together.
    return timedelta(seconds=uniform(0.5, min(2**attempt_count, LONGEST_PAUSE_SECONDS)))  # noqa: S311 - not a secret


def _end_attempt(operation: Operation, number: int, outcome: Outcome, at: datetime) -> None:
    name = type(outcome).__name__.lower()
    Attempt.objects.filter(operation=operation, number=number).update(
        ended_at=at, outcome=name, detail=_words_for(outcome)[:400]
    )


def _words_for(outcome: Outcome) -> str:
    if isinstance(outcome, Accepted):
        return f"{outcome.external_id} {outcome.status}"
    if isinstance(outcome, Rejected):
        return f"{outcome.code}: {outcome.detail}"
    return outcome.detail if isinstance(outcome, KeyRefused) else outcome.why


def _tell(refund_request: RefundRequest, kind: str, at: datetime, sentence: str, operation: Operation) -> None:
    ledger.record(
        subject=refund_request.subject,
        kind=kind,
        actor=WORKER,
        at=at,
        sentence=sentence,
        data={"operation": str(operation.pk), "external_id": operation.external_id or ""},
    )
