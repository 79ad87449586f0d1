"""Every fault on the way to the processor: one refund in its books, and our state ends right."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import transaction

from evidence.models import CustomerMessage
from refunds import workflow
from refunds.gateways.base import Accepted, Rejected
from refunds.gateways.registry import standing_in
from refunds.gateways.sandbox_client import SandboxGateway
from refunds.models import Attempt, Operation, Payment
from refunds.processing import performing, recording
from refunds.processing.performing import LEASE, perform_operation
from refunds.vocabulary import OperationState, State
from tests.harness.known import payment_behind
from tests.harness.people import settle
from tests.harness.world import NOON

from .conftest import Stage, fresh, request_of

if TYPE_CHECKING:
    from datetime import datetime


pytestmark = [pytest.mark.django_db, pytest.mark.servers]

HOUR = timedelta(hours=1)


def until_it_settles(stage: Stage, operation: Operation, *, at: datetime = NOON, most: int = 40) -> Operation:
    """Let workers come by again, each time when the operation is due."""
    moment = at
    for _ in range(most):
        operation = stage.perform(operation, moment)
        if operation.state in {OperationState.READY, OperationState.SENDING, OperationState.UNKNOWN}:
            moment = max(operation.next_try_at, operation.lease_until or moment) + timedelta(seconds=1)
        else:
            return operation
    return operation


class TestFairWeather:
    def test_moves_the_money_once_and_says_so(self, stage: Stage) -> None:
        operation = stage.perform(stage.approved())

        refund = stage.refunds_of(operation)
        payment = Payment.objects.get(pk=payment_behind(operation).pk)
        request = request_of(operation)
        assert [(one["amount"], one["idempotency_key"]) for one in refund] == [(100_00, operation.idempotency_key)]
        assert (operation.state, operation.external_id) == (OperationState.SUCCEEDED, refund[0]["id"])
        assert (request.state, request.refunded_at) == (State.REFUNDED, NOON)
        assert (payment.reserved_minor, payment.refunded_minor) == (0, 100_00)
        assert CustomerMessage.objects.filter(subject_id=request.pk, template="refund_paid").count() == 1

    def test_does_nothing_the_second_time(self, stage: Stage) -> None:
        operation = stage.perform(stage.approved())

        assert not perform_operation(operation_id=operation.pk, at=NOON + HOUR)
        assert len(stage.gateway.keys_sent) == 1

    def test_would_be_noticed_if_it_called_inside_a_transaction(self, stage: Stage) -> None:
        with transaction.atomic(), pytest.raises(AssertionError, match="never called inside"):
            stage.gateway.get("re_1")


class TestAFault:
    @pytest.mark.parametrize(
        "fault",
        [
            "reset_before",
            "reset_after",
            "hang",
            "500_done",
            "500_not_done",
            "429",
            "409",
            "drop_webhook",
            "double_webhook",
        ],
    )
    def test_ends_in_one_refund_or_a_persons_hands(self, stage: Stage, fault: str) -> None:
        operation = stage.approved()
        stage.sandbox.arm(fault)

        operation = until_it_settles(stage, operation)

        made = stage.refunds_of(operation)
        request = request_of(operation)
        if fault == "500_not_done":
            # Stripe replays a stored failure for ever: only looking is safe, and nothing is there to be found.
            assert made == []
            assert operation.state == OperationState.NEEDS_PERSON
            assert request.state == State.PROCESSING
        else:
            assert [one["amount"] for one in made] == [100_00]
            assert (operation.state, request.state) == (OperationState.SUCCEEDED, State.REFUNDED)
            assert operation.external_id == made[0]["id"]
        assert set(stage.gateway.keys_sent) == {operation.idempotency_key}

    def test_of_an_unknown_answer_pauses_before_the_same_key_is_sent_again(self, stage: Stage) -> None:
        operation = stage.approved()
        stage.sandbox.arm("reset_after")

        operation = stage.perform(operation)

        assert operation.state == OperationState.UNKNOWN
        assert operation.next_try_at > NOON
        assert not perform_operation(operation_id=operation.pk, at=NOON)
        assert Attempt.objects.get(operation=operation).outcome == "unknown"

    def test_that_the_processor_rejects_fails_the_request_and_keeps_the_reserve(self, stage: Stage) -> None:
        operation = stage.approved()
        stage.sandbox.ask("POST", f"/_sandbox/payments/{payment_behind(operation).external_id}/dispute", {})

        operation = stage.perform(operation)

        request = request_of(operation)
        assert (operation.state, request.state) == (OperationState.REJECTED, State.FAILED)
        assert "charge_disputed" in request.failure_reason
        assert Payment.objects.get(pk=payment_behind(operation).pk).reserved_minor == 100_00
        assert stage.refunds_of(operation) == []


class TestTheClock:
    def test_lets_nobody_send_the_key_again_after_23_hours(self, stage: Stage) -> None:
        operation = stage.approved()
        stage.sandbox.arm("reset_before", 2)
        stage.perform(operation)
        almost, over = NOON + timedelta(hours=22, minutes=59), NOON + timedelta(hours=23)

        operation = stage.perform(operation, almost)
        assert len(stage.gateway.keys_sent) == 2
        operation = stage.perform(operation, max(over, operation.next_try_at))

        assert len(stage.gateway.keys_sent) == 2
        assert operation.is_look_up_only
        assert operation.state == OperationState.UNKNOWN
        assert stage.refunds_of(operation) == []

    def test_finds_after_23_hours_what_was_made_before(self, stage: Stage) -> None:
        operation = stage.approved()
        stage.sandbox.arm("reset_after")
        stage.perform(operation)

        operation = stage.perform(operation, NOON + timedelta(hours=23))

        assert (operation.state, request_of(operation).state) == (OperationState.SUCCEEDED, State.REFUNDED)
        assert len(stage.refunds_of(operation)) == 1

    def test_calls_a_person_after_24_hours(self, stage: Stage) -> None:
        operation = stage.approved()
        stage.sandbox.arm("reset_before")
        stage.perform(operation)
        operation = stage.perform(operation, NOON + timedelta(hours=23, minutes=30))
        assert operation.state == OperationState.UNKNOWN

        operation = stage.perform(operation, max(operation.next_try_at, NOON + timedelta(hours=24)))

        assert operation.state == OperationState.NEEDS_PERSON
        assert request_of(operation).state == State.PROCESSING
        assert Payment.objects.get(pk=payment_behind(operation).pk).reserved_minor == 100_00

    def test_goes_on_looking_while_the_processor_cannot_be_asked(self, stage: Stage) -> None:
        operation = stage.approved()
        stage.sandbox.arm("reset_after")
        stage.perform(operation)
        away = SandboxGateway("sk_test_sandbox", [], api_base="http://127.0.0.1:9", timeout_seconds=(0.2, 0.2))

        with standing_in("stripe", away):
            operation = stage.perform(operation, NOON + timedelta(hours=25))
        assert operation.state == OperationState.UNKNOWN

        operation = stage.perform(operation, operation.next_try_at)
        assert operation.state == OperationState.SUCCEEDED


class TestAWorkerThatDied:
    def test_between_call_and_record_leaves_a_lease_that_runs_out(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        operation = stage.approved()
        with monkeypatch.context() as patch:
            patch.setattr(performing, "record_outcome", _dies)
            with pytest.raises(PowerCut):
                perform_operation(operation_id=operation.pk, at=NOON)
        assert fresh(operation).state == OperationState.SENDING
        assert not perform_operation(operation_id=operation.pk, at=NOON + LEASE - timedelta(seconds=1))

        operation = stage.perform(operation, NOON + LEASE)

        assert operation.state == OperationState.SUCCEEDED
        assert len(stage.refunds_of(operation)) == 1
        assert [attempt.outcome for attempt in operation.attempts.all()] == ["", "accepted"]

    def test_before_the_call_sends_it_when_the_lease_is_over(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        operation = stage.approved()
        with monkeypatch.context() as patch:
            patch.setattr(stage.gateway, "refund", _dies)
            with pytest.raises(PowerCut):
                perform_operation(operation_id=operation.pk, at=NOON)

        operation = stage.perform(operation, NOON + LEASE)

        assert operation.state == OperationState.SUCCEEDED
        assert len(stage.refunds_of(operation)) == 1

    def test_and_answers_late_changes_nothing_that_is_known_by_then(self, stage: Stage) -> None:
        operation = stage.perform(stage.approved())

        recording.record_outcome(
            operation_id=operation.pk, number=1, outcome=Rejected("odd", "An answer from yesterday."), at=NOON + HOUR
        )

        assert fresh(operation).state == OperationState.SUCCEEDED
        assert request_of(operation).state == State.REFUNDED


class TestARetriedRefund:
    def test_moves_the_money_once_under_a_new_key(self, stage: Stage) -> None:
        operation = stage.perform(stage.approved())
        stage.sandbox.ask("POST", f"/_sandbox/refunds/{operation.external_id}/fail", {})
        stage.deliver("refund.failed", str(operation.external_id), "evt_late")
        request = request_of(operation)
        assert request.state == State.FAILED

        workflow.retry(reference=request.reference, actor=settle("lena"), at=NOON + HOUR)
        second = Operation.objects.exclude(pk=operation.pk).get(refund_request=request)
        second = stage.perform(second, NOON + HOUR)

        payment = Payment.objects.get(pk=payment_behind(operation).pk)
        assert second.idempotency_key != operation.idempotency_key
        assert (second.state, request_of(second).state) == (OperationState.SUCCEEDED, State.REFUNDED)
        assert (payment.reserved_minor, payment.refunded_minor) == (0, 100_00)
        alive = [one for one in stage.sandbox.books()["refunds"] if one["status"] == "succeeded"]
        assert [one["amount"] for one in alive] == [100_00]


class TestTheDatabase:
    def test_refuses_a_second_live_operation_for_one_request(self, stage: Stage) -> None:
        operation = stage.approved()

        with pytest.raises(Exception, match="one_live_operation_per_request"):
            Operation.objects.create(
                refund_request=operation.refund_request,
                payment=operation.payment,
                gateway="stripe",
                amount_minor=1,
                currency="GBP",
                idempotency_key="another",
                next_try_at=NOON,
                created_at=NOON,
            )


class PowerCut(BaseException):
    """Nothing catches this, as nothing catches a power cut."""


def _dies(*_args: object, **_words: object) -> Accepted:
    raise PowerCut
