"""Send nothing that went back elsewhere meanwhile: a bank and a customer's credit have no processor that refuses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, Q

from refunds import balances, lifecycle
from refunds.gateways.bank_transfer import ManualBankTransfer
from refunds.machines import WORKER
from refunds.models import LostRefund, Operation
from refunds.vocabulary import OperationState, State

from .recording import end_unsent

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from refunds.models import RefundRequest


def end_if_not_left(operation: Operation, refund_request: RefundRequest, *, at: datetime) -> bool:
    """End a locked operation that was never sent once its payment has too little left. Answers whether it was ended.

    So ends one whose request was refunded in the time that a restore lost. The request fails with words of its own,
    so that a person declines it and whoever wants asks for what is left.
    """
    lost = LostRefund.objects.filter(refund_request=refund_request).values_list("external_id", flat=True).first()
    if lost is None and balances.is_left(refund_request, operation.amount_minor):
        return False
    if refund_request.state == State.APPROVED:
        sentence = f"was about to send {operation.amount}, which left already."
        data = {"operation": str(operation.pk)}
        lifecycle.advance(refund_request, "start_processing", actor=WORKER, at=at, sentence=sentence, data=data)
    if refund_request.state != State.PROCESSING:
        return False
    why = "amount_too_large: never sent" if lost is None else f"refunded_before_restore: {lost}"
    end_unsent(refund_request, operation, why=why, at=at)
    return True


def end_transfers_not_left(*, currency: str, at: datetime) -> None:
    """End the waiting bank transfers of a currency whose payment has too little left; no worker takes those up."""
    spoken_for = F("payment__refunded_minor") + F("payment__reserved_minor") + F("payment__elsewhere_minor")
    lacking = Operation.objects.filter(
        Q(payment__captured_minor__lt=spoken_for) | Q(refund_request__lost_refunds__isnull=False),
        gateway=ManualBankTransfer.name,
        currency=currency,
        state=OperationState.READY,
    )
    for operation_id, request_id in list(lacking.values_list("pk", "refund_request_id")):
        _end_transfer(operation_id, request_id, at)


@transaction.atomic(durable=True)
def _end_transfer(operation_id: UUID, request_id: UUID, at: datetime) -> None:
    refund_request = lifecycle.hold_locked(request_id=request_id)
    operation = Operation.objects.select_for_update().filter(pk=operation_id, state=OperationState.READY).first()
    if operation is not None:
        end_if_not_left(operation, refund_request, at=at)
