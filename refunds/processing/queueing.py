"""Write the instruction down before anybody calls a gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.kernel.ids import new_id
from config.kernel.outbox import publish
from policies.judging import document_of
from policies.vocabulary import Mode
from refunds.models import Operation
from refunds.vocabulary import Method

if TYPE_CHECKING:
    from datetime import datetime

    from refunds.models import RefundRequest


def queue_operation(*, refund_request: RefundRequest, at: datetime, recall_until: datetime | None = None) -> Operation:
    """Write the operation with its idempotency key. Call it in the transaction that approves.

    The key is made here, once, and stored: every try of every worker sends the same one. No worker takes it up before
    `recall_until`, nor before it is released where the policy that judged it says so.

    :raises ValueError: for a request without approved amount, or without the payment it goes back through
    """
    payment = refund_request.payment
    is_original = refund_request.method == Method.ORIGINAL
    gateway = payment.gateway if payment is not None and is_original else refund_request.method
    is_bare = payment is None and not refund_request.is_goodwill
    if is_bare or refund_request.approved_minor is None:
        message = f"{refund_request} is not ready to be paid."
        raise ValueError(message)
    operation_id = new_id()
    operation = Operation.objects.create(
        id=operation_id,
        refund_request=refund_request,
        payment=payment,
        payout=refund_request.payout,
        gateway=gateway,
        amount_minor=refund_request.approved_minor,
        currency=refund_request.currency,
        idempotency_key=f"op-{operation_id}-1",
        next_try_at=recall_until or at,
        recall_until=recall_until,
        awaits_release=_awaits_release(refund_request, refund_request.approved_minor),
        created_at=at,
    )
    publish("operation.queued", due_at=recall_until, operation_id=operation.pk)
    return operation


def _awaits_release(refund_request: RefundRequest, approved_minor: int) -> bool:
    decision = refund_request.decision
    if decision is None or decision.mode != Mode.ENFORCE or refund_request.method == Method.BANK_TRANSFER:
        return False  # A bank transfer is released with its payment file.
    return document_of(decision.version).waits_for_release(approved_minor, refund_request.currency)
