"""News that contradicts what we know, and rows nobody can work: nothing is paid twice, nothing blocks the rest."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import stripe
from django.utils import timezone

from config.kernel.outbox import OutboxRow, deliver_row
from config.kernel.refusals import Refused
from evidence.models import LedgerEntry
from evidence.verification import verify
from refunds import workflow
from refunds.gateways.base import Accepted, ProviderRefund, RefundInstruction, RefundStatus, Rejected
from refunds.gateways.stripe_answers import outcome_of
from refunds.models import Delivery, Operation, Payment
from refunds.processing import performing, sweeping
from refunds.processing.recording import record_provider_state
from refunds.vocabulary import DeliveryState, OperationState, State
from refunds.webhooks import inbox
from tests.harness.known import payment_behind
from tests.harness.people import settle
from tests.harness.world import NOON, World

from .conftest import Stage, fresh, request_of

if TYPE_CHECKING:
    from uuid import UUID

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def shown(operation: Operation, status: RefundStatus, external_id: str = "re_shown") -> ProviderRefund:
    """A refund as the processor's books show it."""
    return ProviderRefund(
        external_id=external_id,
        status=status,
        amount_minor=operation.amount_minor,
        currency=operation.currency,
        payment_external_id=payment_behind(operation).external_id,
        failure_reason="",
        metadata={"operation_id": str(operation.pk)},
        created_at=NOON,
    )


def rejected(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Operation:
    """An operation that the processor refused."""
    operation = stage.approved()
    monkeypatch.setattr(stage.gateway, "refund", lambda _one: Rejected("charge_disputed", "The charge is disputed."))
    return stage.perform(operation)


class TestAFailedRefund:
    def test_stays_failed_when_an_older_reading_arrives_late(self, stage: Stage) -> None:
        operation = stage.perform(stage.approved())
        ref = str(operation.external_id)
        stage.sandbox.ask("POST", f"/_sandbox/refunds/{ref}/fail", {})
        stage.deliver("refund.failed", ref, "evt_1")

        for older in (RefundStatus.PENDING, RefundStatus.SUCCEEDED):
            record_provider_state(operation_id=operation.pk, refund=shown(operation, older, ref), at=NOON + HOUR)

        assert (fresh(operation).state, request_of(operation).state) == (OperationState.FAILED, State.FAILED)
        workflow.retry(reference=request_of(operation).reference, actor=settle("lena"), at=NOON + HOUR)


class TestARefusedRefund:
    @pytest.mark.parametrize("status", list(RefundStatus))
    def test_that_the_processor_shows_after_all_is_not_sent_again(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch, status: RefundStatus
    ) -> None:
        operation = rejected(stage, monkeypatch)

        for _ in range(2):
            record_provider_state(operation_id=operation.pk, refund=shown(operation, status), at=NOON + HOUR)

        request = request_of(operation)
        is_alive = status not in {RefundStatus.FAILED, RefundStatus.CANCELED}
        told = LedgerEntry.objects.filter(subject_id=request.pk, kind="operation.contradicted").count()
        assert (fresh(operation).state, request.state) == (OperationState.REJECTED, State.FAILED)
        assert Payment.objects.get(pk=payment_behind(operation).pk).reserved_minor == 100_00
        assert told == int(is_alive)
        assert verify(request.subject).is_sound
        if is_alive:
            with pytest.raises(Refused, match="re_shown"):
                workflow.retry(reference=request.reference, actor=settle("lena"), at=NOON + HOUR)
        else:
            workflow.retry(reference=request.reference, actor=settle("lena"), at=NOON + HOUR)

    def test_because_its_key_was_used_is_looked_up_first(self, stage: Stage) -> None:
        operation = stage.approved()
        instruction = RefundInstruction(
            operation_id=str(operation.pk),
            attempt=1,
            amount_minor=operation.amount_minor,
            currency=operation.currency,
            payment_external_id=payment_behind(operation).external_id,
            reason_code="changed_mind",
            reference=operation.refund_request.reference,
            idempotency_key=operation.idempotency_key,
        )
        first = stage.gateway.refund(instruction)
        mismatch = outcome_of(stripe.IdempotencyError("Keys for idempotent requests", http_status=400))

        second = stage.gateway._unless_ours(instruction, mismatch)

        assert isinstance(first, Accepted)
        assert isinstance(second, Accepted)
        assert second.external_id == first.external_id


class TestARowNobodyCanWork:
    def test_does_not_keep_other_operations_waiting(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        broken, sound = stage.approved(), stage.approved()

        def perform(*, operation_id: UUID, **words: object) -> bool:
            if operation_id == broken.pk:
                message = "This row is broken."
                raise RuntimeError(message)
            return performing.perform_operation(operation_id=operation_id, at=timezone.now())

        monkeypatch.setattr(sweeping, "perform_operation", perform)

        assert sweeping.sweep_operations(at=timezone.now() + HOUR) == 1
        assert fresh(sound).state == OperationState.SUCCEEDED

    def test_does_not_keep_other_deliveries_parked(self, stage: Stage) -> None:
        rows = [
            Delivery.objects.create(
                source=source,
                event_id=source,
                event_type="refund.updated",
                object_id="re_nobody",
                raw=b"{}",
                state=DeliveryState.PARKED,
                received_at=NOON,
            )
            for source in ("nobody's", "stripe")
        ]

        inbox.sweep_deliveries(at=NOON + HOUR)

        assert [Delivery.objects.get(pk=row.pk).state for row in rows] == ["parked", "ignored"]

    def test_in_the_outbox_waits_with_its_error_beside_it(self, world: World) -> None:
        row = OutboxRow.objects.create(news="odd", task="refunds.tasks.gone_since_the_update", ids={}, due_at=NOON)

        assert not deliver_row(row.pk, at=NOON)

        row.refresh_from_db()
        assert "gone_since_the_update" in row.last_error
