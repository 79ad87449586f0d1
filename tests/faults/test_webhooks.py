"""Whatever order the processor's messages come in, and however often: our books end where its books are."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest

from evidence.models import CustomerMessage
from evidence.verification import verify
from refunds import lifecycle
from refunds.gateways.registry import standing_in
from refunds.gateways.sandbox_client import SandboxGateway
from refunds.machines import MATCHING
from refunds.models import Delivery, Operation, OrderLine, Payment
from refunds.processing import performing
from refunds.processing.sweeping import sweep_operations
from refunds.processing.watching import watch_succeeded
from refunds.vocabulary import DeliveryState, OperationState, State
from refunds.webhooks import inbox
from tests.harness.known import order_of, payment_behind
from tests.harness.people import settle
from tests.harness.world import NOON

from .conftest import Stage, fresh, request_of
from .test_processing import PowerCut, _dies

pytestmark = [pytest.mark.django_db, pytest.mark.servers]


def fail_at_the_processor(stage: Stage, operation: Operation) -> None:
    """Let the refund fail in the sandbox's books."""
    (made,) = stage.refunds_of(operation)
    stage.sandbox.ask("POST", f"/_sandbox/refunds/{made['id']}/fail", {})


def refund_id(stage: Stage, operation: Operation) -> str:
    """Name the only refund of an operation."""
    (made,) = stage.refunds_of(operation)
    return str(made["id"])


def reconciled(operation: Operation) -> None:
    """Close its request as matching does."""
    request = lifecycle.hold_locked(request_id=operation.refund_request_id)
    lifecycle.advance(request, "reconcile", actor=MATCHING, at=NOON, sentence="matched the statement line.")


class TestAMessage:
    def test_that_comes_before_our_own_record_is_the_record(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        operation = stage.approved()
        with monkeypatch.context() as patch:
            patch.setattr(performing, "record_outcome", _dies)
            with pytest.raises(PowerCut):
                stage.perform(operation)

        assert stage.deliver("refund.created", refund_id(stage, operation), "evt_1") == 200

        assert fresh(operation).state == OperationState.SUCCEEDED
        assert request_of(operation).state == State.REFUNDED
        assert not performing.perform_operation(operation_id=operation.pk, at=NOON + timedelta(hours=1))

    def test_that_comes_twice_changes_nothing(self, stage: Stage) -> None:
        operation = stage.perform(stage.approved())
        named = refund_id(stage, operation)

        assert [stage.deliver("refund.updated", named, "evt_1") for _ in range(3)] == [200, 200, 200]
        stage.deliver("refund.updated", named, "evt_2")

        payment = Payment.objects.get(pk=payment_behind(operation).pk)
        assert Delivery.objects.count() == 2
        assert (payment.refunded_minor, payment.reserved_minor) == (100_00, 0)
        assert CustomerMessage.objects.filter(template="refund_paid").count() == 1

    def test_about_a_refund_that_is_not_ours_is_put_aside(self, stage: Stage) -> None:
        operation = stage.approved()
        made = stage.gateway._client.v1.refunds.create(
            {"payment_intent": payment_behind(operation).external_id, "amount": 100}, {"idempotency_key": "by hand"}
        )

        assert stage.deliver("refund.created", made.id, "evt_1") == 200

        assert Delivery.objects.get().state == DeliveryState.PARKED
        assert fresh(operation).state == OperationState.READY

    def test_about_a_second_refund_under_our_name_does_not_take_the_place_of_the_first(self, stage: Stage) -> None:
        operation = stage.perform(stage.approved(pounds=100))
        stranger = stage.gateway._client.v1.refunds.create(
            {
                "payment_intent": payment_behind(operation).external_id,
                "amount": 5_00,
                "metadata": {"operation_id": str(operation.pk)},
            },
            {"idempotency_key": "by hand"},
        )
        stage.sandbox.ask("POST", f"/_sandbox/refunds/{stranger.id}/fail", {})

        stage.deliver("refund.failed", stranger.id, "evt_1")

        assert fresh(operation).external_id == operation.external_id
        assert fresh(operation).state == OperationState.SUCCEEDED
        assert request_of(operation).state == State.REFUNDED

    def test_about_something_else_is_ignored(self, stage: Stage) -> None:
        assert stage.deliver("customer.created", "cus_1", "evt_1") == 200

        assert Delivery.objects.get().state == DeliveryState.IGNORED

    def test_waits_as_long_as_the_processor_cannot_be_asked(self, stage: Stage) -> None:
        operation = stage.perform(stage.approved())
        fail_at_the_processor(stage, operation)
        away = SandboxGateway(
            "sk_test_sandbox", ["whsec_demo"], api_base="http://127.0.0.1:9", timeout_seconds=(0.1, 0.1)
        )
        with standing_in("stripe", away):
            stage.deliver("refund.failed", str(operation.external_id), "evt_1")
            for _ in range(25):
                inbox.sweep_deliveries(at=NOON + timedelta(days=400))
        assert request_of(operation).state == State.REFUNDED

        inbox.sweep_deliveries(at=NOON + timedelta(days=400))

        assert request_of(operation).state == State.FAILED
        assert Delivery.objects.get().state == DeliveryState.APPLIED


class TestAPendingRefund:
    def test_succeeds_by_webhook(self, stage: Stage) -> None:
        operation = stage.approved()
        stage.sandbox.arm("pending")
        operation = stage.perform(operation)
        assert (operation.state, request_of(operation).state) == (OperationState.PENDING, State.PROCESSING)
        assert Payment.objects.get(pk=payment_behind(operation).pk).reserved_minor == 100_00

        assert stage.sandbox.settled(refund_id(stage, operation), "succeeded")
        stage.deliver("refund.updated", refund_id(stage, operation), "evt_1")

        assert (fresh(operation).state, request_of(operation).state) == (OperationState.SUCCEEDED, State.REFUNDED)

    def test_is_asked_about_when_the_webhook_was_dropped(self, stage: Stage) -> None:
        operation = stage.approved()
        stage.sandbox.arm("pending")
        stage.perform(operation)
        assert stage.sandbox.settled(refund_id(stage, operation), "succeeded")

        assert sweep_operations(at=NOON + timedelta(minutes=9)) == 0
        assert sweep_operations(at=NOON + timedelta(minutes=11)) == 1

        assert request_of(operation).state == State.REFUNDED

    def test_may_fail(self, stage: Stage) -> None:
        operation = stage.approved()
        stage.sandbox.arm("pending")
        operation = stage.perform(operation)
        fail_at_the_processor(stage, operation)

        stage.deliver("refund.failed", str(operation.external_id), "evt_1")

        request = request_of(operation)
        assert (request.state, request.failure_reason) == (State.FAILED, "expired_or_canceled_card")
        assert Payment.objects.get(pk=payment_behind(operation).pk).reserved_minor == 100_00
        assert not CustomerMessage.objects.filter(template="refund_failed_contact").exists()


class TestALateFailure:
    @pytest.mark.parametrize("was", [State.REFUNDED, State.RECONCILED])
    def test_reopens_the_request_and_restores_the_balance(self, stage: Stage, was: State) -> None:
        operation = stage.perform(stage.approved())
        if was == State.RECONCILED:
            reconciled(operation)
        fail_at_the_processor(stage, operation)

        stage.deliver("refund.failed", str(operation.external_id), "evt_1")

        request, payment = request_of(operation), Payment.objects.get(pk=payment_behind(operation).pk)
        line = OrderLine.objects.get(order_id=order_of(request).pk)
        assert (request.state, request.refunded_at, request.reconciled_at) == (State.FAILED, None, None)
        assert (payment.refunded_minor, payment.reserved_minor) == (0, 100_00)
        assert (line.refunded_quantity, line.reserved_quantity) == (0, 1)
        assert CustomerMessage.objects.filter(template="refund_failed_contact").count() == 1
        assert verify(request.subject).is_sound

    def test_is_heard_although_the_customer_asked_for_more_of_the_same_meanwhile(self, stage: Stage) -> None:
        operation = stage.perform(stage.approved())
        request = request_of(operation)
        stage.world.filed(order_of(request), by=settle("amir"))
        fail_at_the_processor(stage, operation)

        stage.deliver("refund.failed", str(operation.external_id), "evt_1")

        payment = Payment.objects.get(pk=payment_behind(operation).pk)
        assert request_of(operation).state == State.FAILED
        assert (payment.refunded_minor, payment.reserved_minor) == (0, 200_00)


class TestAFailureThatNobodyTold:
    def test_is_found_by_looking_again(self, stage: Stage) -> None:
        operation = stage.perform(stage.approved())
        fail_at_the_processor(stage, operation)

        assert watch_succeeded(at=NOON + timedelta(hours=23)) == 0
        assert request_of(operation).state == State.REFUNDED
        assert watch_succeeded(at=NOON + timedelta(hours=25)) == 1

        payment = Payment.objects.get(pk=payment_behind(operation).pk)
        assert (request_of(operation).state, payment.refunded_minor, payment.reserved_minor) == (
            State.FAILED,
            0,
            100_00,
        )

    def test_is_found_on_the_last_day_and_not_looked_for_after_it(self, stage: Stage) -> None:
        operation = stage.perform(stage.approved())
        for days in (1, 3, 7, 14, 30):
            assert watch_succeeded(at=NOON + timedelta(days=days)) == 0
        fail_at_the_processor(stage, operation)
        assert watch_succeeded(at=NOON + timedelta(days=44)) == 0
        assert fresh(operation).watch_at == NOON + timedelta(days=45)

        assert watch_succeeded(at=NOON + timedelta(days=45)) == 1
        other = stage.perform(stage.approved(pounds=60))
        assert watch_succeeded(at=NOON + timedelta(days=50)) == 0
        assert fresh(other).watch_at is None

    def test_is_looked_for_again_when_the_processor_was_away(self, stage: Stage) -> None:
        operation = stage.perform(stage.approved())
        fail_at_the_processor(stage, operation)
        away = SandboxGateway(
            "sk_test_sandbox", ["whsec_demo"], api_base="http://127.0.0.1:9", timeout_seconds=(0.1, 0.1)
        )
        with standing_in("stripe", away):
            assert watch_succeeded(at=NOON + timedelta(days=1)) == 0

        assert watch_succeeded(at=NOON + timedelta(days=1, hours=1)) == 1


class TestAnyOrder:
    def test_ends_in_the_processors_state(self, stage: Stage) -> None:
        for place, kinds in enumerate(permutations(("refund.created", "charge.refund.updated", "refund.failed"))):
            operation = stage.perform(stage.approved(pounds=60))
            fail_at_the_processor(stage, operation)

            for number, kind in enumerate((*kinds, *kinds)):
                assert stage.deliver(kind, str(operation.external_id), f"evt_{place}_{number}") == 200

            payment = Payment.objects.get(pk=payment_behind(operation).pk)
            assert request_of(operation).state == State.FAILED
            assert (payment.refunded_minor, payment.reserved_minor) == (0, 60_00)
