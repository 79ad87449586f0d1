"""A refund that came back weeks after it was paid, and people who find another way for it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from approvals.vocabulary import Verdict
from refunds import workflow
from refunds.gateways.base import ProviderRefund, RefundStatus
from refunds.models import Operation, RefundRequest
from refunds.payouts.proposing import propose_payout
from refunds.processing.recording import record_provider_state
from tests.harness.known import payment_behind
from tests.harness.people import fresh, settle
from tests.harness.world import NOON, World, as_stored

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.people import User

WHY = "The card was closed; the customer wrote how she wants it."
LATER = NOON + timedelta(days=20)
IBAN = "DE89 3704 0044 0532 0130 00"
HOLDER = "Ada Lovelace"


def at_the_processor(operation: Operation, status: RefundStatus) -> ProviderRefund:
    """Say what the processor's books have of an operation."""
    return ProviderRefund(
        external_id=operation.external_id or f"re_{operation.pk.hex[:12]}",
        status=status,
        amount_minor=operation.amount_minor,
        currency=operation.currency,
        payment_external_id=payment_behind(operation).external_id,
        failure_reason="expired_or_canceled_card" if status is RefundStatus.FAILED else "",
        created_at=NOON,
    )


def settled(operation: Operation, *, at: datetime = NOON) -> None:
    """Let a worker have taken it to the processor, who confirmed it."""
    RefundRequest.objects.filter(pk=operation.refund_request_id).update(state="processing")
    Operation.objects.filter(pk=operation.pk).update(state="sending", first_sent_at=at, attempt_count=1)
    record_provider_state(operation_id=operation.pk, refund=at_the_processor(operation, RefundStatus.SUCCEEDED), at=at)


def came_back(world: World, *, pounds: int = 100, at: datetime = LATER) -> RefundRequest:
    """Have a refund paid at noon and sent back by the bank weeks later; Amir asked, Dana approved."""
    approved = world.approved(by=settle("amir"), approver=settle("dana"), pounds=pounds)
    RefundRequest.objects.filter(pk=approved.pk).update(customer=world.customer())
    operation = Operation.objects.get(refund_request=approved)
    settled(operation)
    operation.refresh_from_db()
    record_provider_state(operation_id=operation.pk, refund=at_the_processor(operation, RefundStatus.FAILED), at=at)
    return as_stored(approved)


def proposed(
    failed: RefundRequest, *, method: str = "store_credit", by: User | None = None, at: datetime = LATER
) -> RefundRequest:
    """Let Lena propose another way."""
    account = {"account_holder": HOLDER, "iban": IBAN} if method == "bank_transfer" else {}
    return propose_payout(
        reference=failed.reference, method=method, rationale=WHY, actor=by or settle("lena"), at=at, **account
    )


def signed(waiting: RefundRequest, *, by: User, verdict: Verdict = Verdict.APPROVE, minor: int | None = None) -> None:
    """Decide on what waits."""
    workflow.decide(
        reference=waiting.reference, verdict=verdict, rationale=WHY, amount_minor=minor, actor=fresh(by), at=LATER
    )


def operation_of(refund_request: RefundRequest) -> Operation:
    """Name its latest operation."""
    return Operation.objects.filter(refund_request=refund_request).latest("created_at")
