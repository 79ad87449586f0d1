"""Money that went back without us does not go back a second time: nobody may ask for it, approve it or send it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from approvals.vocabulary import Verdict
from config.kernel.money import Money
from config.kernel.refusals import Refused
from evidence.models import LedgerEntry
from policies.models import GovernedAction
from policies.vocabulary import ActionState
from refunds import workflow
from refunds.models import Operation, Payment
from refunds.payouts.proposing import propose_payout
from refunds.vocabulary import OperationState, State
from tests.harness.known import payment_behind
from tests.harness.people import fresh as anew
from tests.harness.people import settle
from tests.harness.world import NOON, as_stored, payment_of

from .conftest import Stage, fresh, request_of
from .test_ungoverned import by_hand

if TYPE_CHECKING:
    from collections.abc import Iterator

    from refunds.models import RefundRequest

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.servers]

WHY = "The customer wrote that she got the money back already."


@pytest.fixture(autouse=True)
def later() -> Iterator[None]:
    """Look ten minutes from now, when nothing at the processor is young any more."""
    with time_machine.travel(timezone.now() + timedelta(minutes=10), tick=True):
        yield


def in_the_dashboard(stage: Stage, payment: Payment, pounds: int) -> str:
    """Refund part of a payment at the processor without us, and hear of it; answers the refund's id."""
    made = stage.gateway._client.v1.refunds.create(
        {"payment_intent": payment.external_id, "amount": pounds * 100}, {"idempotency_key": f"dashboard {pounds}"}
    )
    stage.deliver("refund.created", made.id, f"evt_{pounds}")
    return str(made.id)


def declined(refund_request: RefundRequest) -> None:
    """Let finance end what failed."""
    workflow.decide(
        reference=refund_request.reference, verdict=Verdict.DECLINE, rationale=WHY, actor=settle("lena"), at=NOON
    )


def signed_in(username: str) -> Client:
    """Sign somebody in."""
    client = Client()
    client.force_login(settle(username))
    return client


class TestWhatTheProcessorRefuses:
    @pytest.mark.parametrize("pounds", [350, 400])
    def test_ends_in_a_failure_that_a_person_reads(self, stage: Stage, pounds: int) -> None:
        """We had not heard of the other refund when ours was sent: 400.00 were paid, 100.00 are asked for."""
        operation = stage.approved()
        by_hand(stage, operation, pounds * 100)

        operation = stage.perform(operation)

        assert (operation.state, request_of(operation).state) == (OperationState.REJECTED, State.FAILED)
        assert stage.refunds_of(operation) == []
        page = signed_in("lena").get(request_of(operation).get_absolute_url()).content.decode()
        assert "Less is left on this charge" in page or "is refunded already" in page
        stage.perform(operation, NOON + timedelta(days=1))
        assert stage.gateway.keys_sent == [operation.idempotency_key]

        declined(request_of(operation))

        payment = payment_of(request_of(operation))
        assert (request_of(operation).state, payment.reserved_minor, payment.refunded_minor) == (State.DECLINED, 0, 0)


class TestTheBalance:
    def test_is_lowered_and_says_what_is_left(self, stage: Stage) -> None:
        order = stage.world.order(unit_minor=100_00)
        payment = order.payments.get()
        stage.announce(payment)
        in_the_dashboard(stage, payment, 250)

        with pytest.raises(Refused) as no:
            workflow.file_request(draft=stage.world.draft_of(order, quantity=2), actor=settle("amir"), at=NOON)
        asked = stage.world.filed(order, by=settle("amir"))

        payment = payment_of(asked)
        assert (payment.elsewhere_minor, payment.reserved_minor, payment.refundable_minor) == (250_00, 100_00, 50_00)
        assert no.value.code == "exceeds_refundable_balance"
        assert "£150.00 left" in str(no.value)
        page = signed_in("amir").get(reverse("refunds:intake_order", args=[order.channel, order.external_id]))
        assert "£250.00 went back" in page.content.decode()

    def test_counts_what_is_told_twice_once(self, stage: Stage) -> None:
        operation = stage.approved()
        named = in_the_dashboard(stage, payment_behind(operation), 250)
        stage.deliver("refund.updated", named, "evt_again")

        assert payment_of(request_of(operation)).elsewhere_minor == 250_00

    def test_is_given_back_when_the_other_refund_fails_late(self, stage: Stage) -> None:
        operation = stage.approved()
        named = in_the_dashboard(stage, payment_behind(operation), 350)
        stage.sandbox.ask("POST", f"/_sandbox/refunds/{named}/fail", {})

        for number in range(2):
            stage.deliver("refund.failed", named, f"evt_failed_{number}")

        action = GovernedAction.objects.get()
        assert (action.state, action.is_ungoverned, bool(action.failure)) == (ActionState.OBSERVED, True, True)
        assert LedgerEntry.objects.filter(kind="governed_action.came_back").count() == 1
        assert payment_of(request_of(operation)).elsewhere_minor == 0
        assert stage.perform(operation).state == OperationState.SUCCEEDED

    def test_knows_what_left_before_the_order_did(self, stage: Stage) -> None:
        operation = stage.approved()
        named, known = by_hand(stage, operation, 250_00), payment_behind(operation).external_id
        Payment.objects.filter(pk=payment_behind(operation).pk).update(external_id="pi_not_yet")
        stage.deliver("refund.created", named, "evt_1")
        Payment.objects.filter(pk=payment_behind(operation).pk).update(external_id=known)
        assert payment_of(request_of(operation)).elsewhere_minor == 0

        stage.deliver("refund.updated", named, "evt_2")

        assert payment_of(request_of(operation)).elsewhere_minor == 250_00


class TestWhatWasReservedBefore:
    def test_is_never_sent_once_it_is_no_longer_there(self, stage: Stage) -> None:
        operation = stage.approved()
        in_the_dashboard(stage, payment_behind(operation), 350)

        operation = stage.perform(operation)

        assert (operation.state, operation.attempt_count) == (OperationState.REJECTED, 0)
        assert stage.gateway.keys_sent == []
        failed = request_of(operation)
        assert failed.state == State.FAILED
        page = signed_in("lena").get(failed.get_absolute_url()).content.decode()
        assert "£50.00 too little is left on the payment." in page
        lena = settle("lena")
        with pytest.raises(Refused, match=r"Only £50\.00 is left on the payment"):
            workflow.retry(reference=failed.reference, actor=lena, at=NOON)
        with pytest.raises(Refused, match=r"Only £50\.00 is left on the payment"):
            propose_payout(reference=failed.reference, method="store_credit", rationale=WHY, actor=lena, at=NOON)
        declined(failed)
        assert payment_of(failed).refundable == Money(50_00, "GBP")

    def test_is_approved_only_as_far_as_it_is_there(self, stage: Stage) -> None:
        waiting = stage.world.waiting(by=settle("amir"))
        stage.announce(waiting.payment)
        in_the_dashboard(stage, payment_of(waiting), 350)
        dana = anew(settle("dana"))

        with pytest.raises(Refused) as no:
            workflow.decide(reference=waiting.reference, verdict=Verdict.APPROVE, rationale="", actor=dana, at=NOON)
        assert no.value.code == "exceeds_refundable_balance"
        workflow.decide(
            reference=waiting.reference,
            verdict=Verdict.APPROVE,
            rationale=WHY,
            amount_minor=50_00,
            actor=dana,
            at=NOON,
        )

        operation = stage.perform(Operation.objects.get(refund_request=waiting))
        assert (operation.state, as_stored(waiting).state) == (OperationState.SUCCEEDED, State.REFUNDED)
        assert payment_of(waiting).refundable_minor == 0
        assert fresh(operation).amount_minor == 50_00
