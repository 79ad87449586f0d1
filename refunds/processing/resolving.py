"""What a person does with an operation that waits for one: let it be looked at again, or confirm that nothing moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from approvals.services.routing import involve
from approvals.vocabulary import Part
from config.kernel.outbox import publish
from config.kernel.refusals import OutOfDate, Refused
from config.kernel.wording import said
from evidence import ledger
from refunds import lifecycle
from refunds.entitlement import locked_for, refuse_signer
from refunds.models import Operation
from refunds.vocabulary import OperationState

from .recording import ABSENT, LOOKED_UP, give_up

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.people import User
    from refunds.models import RefundRequest


@transaction.atomic(durable=True)
def take_up_again(*, reference: str, actor: User, at: datetime) -> RefundRequest:
    """Hand a waiting operation back to the worker.

    It sends the stored key again while the processor still knows it; after that it only looks the refund up.

    :raises NotPermitted: without the right to retry, or to whoever asked for or approved the money
    :raises OutOfDate: when nothing waits for a person any more
    """
    refund_request, operation = _waiting(reference, actor)
    refuse_signer(actor, refund_request)
    operation.state = OperationState.READY
    operation.next_try_at = at
    operation.failure_reason = ""
    operation.save(update_fields=["state", "next_try_at", "failure_reason"])
    _record(refund_request, operation, "operation.taken_up", "let the worker look at the refund again.", actor, at)
    publish("operation.queued", operation_id=operation.pk)
    return refund_request


@transaction.atomic(durable=True)
def confirm_nothing_moved(*, reference: str, actor: User, at: datetime) -> RefundRequest:
    """End a waiting operation whose last look-up found no refund, so that another one with a new key may follow.

    :raises NotPermitted: without the right to retry, or to whoever asked for or approved the money
    :raises OutOfDate: when nothing waits for a person any more
    :raises Refused: when the last try was not a look-up that found nothing
    """
    refund_request, operation = _waiting(reference, actor)
    refuse_signer(actor, refund_request)
    last = operation.attempts.order_by("-number").first()
    if last is None or (last.outcome, last.detail) != (LOOKED_UP, ABSENT):
        raise Refused("refused", said("Let the worker look at the processor first; give up only what is not there."))
    _record(
        refund_request,
        operation,
        "operation.absence_confirmed",
        "confirmed that the processor shows no refund for this.",
        actor,
        at,
    )
    involve(subject=refund_request.subject, person=actor, part=Part.PAYER, at=at)
    give_up(refund_request, operation, at=at)
    return refund_request


def _waiting(reference: str, actor: User) -> tuple[RefundRequest, Operation]:
    lifecycle.check_may_speak(actor, "retry")
    refund_request = locked_for(reference, actor)
    waiting = Operation.objects.select_for_update().filter(
        refund_request=refund_request, state=OperationState.NEEDS_PERSON
    )
    operation = waiting.first()
    if operation is None:
        raise OutOfDate(
            "out_of_date", said("No refund of {reference} waits for a person any more.", reference=reference)
        )
    return refund_request, operation


def _record(
    refund_request: RefundRequest, operation: Operation, kind: str, sentence: str, actor: User, at: datetime
) -> None:
    ledger.record(
        subject=refund_request.subject,
        kind=kind,
        actor=actor,
        at=at,
        sentence=sentence,
        data={"operation": str(operation.pk), "idempotency_key": operation.idempotency_key},
    )
