"""A charge is disputed: nothing leaves beside it, and whoever lets it leave all the same knew what she did."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from approvals.models import Involvement
from approvals.vocabulary import Part, Verdict
from config.kernel.refusals import NotPermitted, Refused
from evidence.models import LedgerEntry
from evidence.verification import verify
from refunds import workflow
from refunds.disputes.recording import record_dispute
from refunds.disputes.sweeping import sweep_disputes
from refunds.gateways.base import DisputeKind, DisputeStatus, ProviderDispute
from refunds.models import Dispute, Operation, Payment, RefundRequest
from refunds.vocabulary import OperationState, State
from tests.architecture.asking import client_of
from tests.harness.known import payment_behind
from tests.harness.people import settle
from tests.harness.world import NOON, as_stored

from .conftest import Stage, fresh, request_of

pytestmark = [pytest.mark.django_db, pytest.mark.servers, pytest.mark.usefixtures("clock_of_the_story")]

WHY = "The customer asked us before she asked her bank."


def disputed(stage: Stage, payment: Payment | None, *, delivered: bool = True, **body: Any) -> str:
    """Let the customer complain at her bank, and the processor tell us; answers the dispute's id."""
    assert payment is not None
    dispute = stage.sandbox.ask("POST", f"/_sandbox/payments/{payment.external_id}/dispute", body)
    if delivered:
        assert stage.deliver("charge.dispute.created", dispute["id"], f"evt_{dispute['id']}") == 200
    return str(dispute["id"])


def warned(stage: Stage, payment: Payment | None) -> str:
    """Let her bank warn, and the processor tell us."""
    assert payment is not None
    warning = stage.sandbox.ask("POST", f"/_sandbox/payments/{payment.external_id}/warning", {})
    assert stage.deliver("radar.early_fraud_warning.created", warning["id"], f"evt_{warning['id']}") == 200
    return str(warning["id"])


def close(stage: Stage, dispute_id: str, status: str, *, delivered: bool = True) -> None:
    """Let the bank decide, and the processor tell us."""
    stage.sandbox.ask("POST", f"/_sandbox/disputes/{dispute_id}/close", {"status": status})
    if delivered:
        assert stage.deliver("charge.dispute.closed", dispute_id, f"evt_{dispute_id}_{status}") == 200


def waiting(stage: Stage, pounds: int = 100) -> RefundRequest:
    """File a request that waits for a signature, of a payment the sandbox knows."""
    request = stage.world.waiting(by=settle("amir"), pounds=pounds)
    stage.announce(request.payment)
    return request


def release(request: RefundRequest, by: str = "viktor") -> RefundRequest:
    """Let it go on."""
    return workflow.release(reference=request.reference, actor=settle(by), at=timezone.now())


def approve(request: RefundRequest, by: str) -> Operation:
    """Sign, and answer what is queued."""
    workflow.decide(
        reference=request.reference,
        verdict=Verdict.APPROVE,
        rationale=WHY,
        actor=settle(by),
        at=timezone.now(),
    )
    return Operation.objects.get(refund_request=request, state=OperationState.READY)


class TestAChargeback:
    def test_keeps_approved_money_here(self, stage: Stage) -> None:
        operation = stage.approved()

        disputed(stage, operation.payment)

        request = request_of(operation)
        assert (request.state, request.held_from, request.approved_minor) == (State.ON_HOLD, "awaiting_approval", None)
        assert fresh(operation).state == OperationState.CANCELLED
        assert not stage.perform(operation).attempt_count
        assert stage.refunds_of(operation) == []
        assert Payment.objects.get(pk=payment_behind(operation).pk).reserved_minor == 100_00
        assert verify().is_sound

    def test_holds_what_waits_for_a_signature(self, stage: Stage) -> None:
        request = waiting(stage)

        named = disputed(stage, request.payment)

        held = as_stored(request)
        assert (held.state, held.held_from) == (State.ON_HOLD, "awaiting_approval")
        assert held.held_for == Dispute.objects.get(external_id=named)
        assert held.route is not None
        assert held.route.state == "closed"
        said = LedgerEntry.objects.filter(kind="refund_request.held").latest("pk").sentence
        assert said == f"put the request on hold: chargeback {named} stands on the payment."

    def test_lets_nobody_release_it(self, stage: Stage) -> None:
        request = waiting(stage)
        disputed(stage, request.payment)

        with pytest.raises(Refused, match="would pay twice") as refused:
            release(request)

        assert refused.value.code == "charge_disputed"
        assert as_stored(request).state == State.ON_HOLD

    @pytest.mark.parametrize("due_by", [0, 1])
    def test_without_a_date_or_long_overdue_does_no_harm(self, stage: Stage, due_by: int) -> None:
        request = waiting(stage)

        named = disputed(stage, request.payment, due_by=due_by)

        kept = Dispute.objects.get(external_id=named)
        assert (kept.due_at is None) == (due_by == 0)
        assert as_stored(request).state == State.ON_HOLD

    def test_that_was_won_lets_it_go_on_to_people_anew(self, stage: Stage) -> None:
        operation = stage.approved()
        named = disputed(stage, operation.payment)

        close(stage, named, "won")

        request = request_of(operation)
        assert (request.state, request.held_for) == (State.AWAITING_APPROVAL, None)
        again = stage.perform(approve(request, "viktor"), timezone.now() + timedelta(hours=1))
        assert again.state == OperationState.SUCCEEDED
        assert len(stage.refunds_of(again)) == 1

    def test_that_was_lost_keeps_it_here_for_good(self, stage: Stage) -> None:
        request = waiting(stage)
        named = disputed(stage, request.payment)

        close(stage, named, "lost")

        assert as_stored(request).state == State.ON_HOLD
        with pytest.raises(Refused, match="would pay twice"):
            release(request)
        workflow.withdraw(reference=request.reference, note="Paid by her bank.", actor=settle("amir"), at=NOON)
        assert as_stored(request).state == State.WITHDRAWN

    def test_meets_a_refund_that_left_and_changes_nothing(self, stage: Stage) -> None:
        operation = stage.perform(stage.approved(pounds=60))

        disputed(stage, operation.payment)

        assert request_of(operation).state == State.REFUNDED
        assert Dispute.objects.get().payment_id == operation.payment_id

    def test_stops_a_request_that_comes_after_it(self, stage: Stage) -> None:
        order = stage.world.order(unit_minor=100_00)
        payment = order.payments.get()
        stage.announce(payment)
        disputed(stage, payment)

        asked = stage.world.filed(order, by=settle("amir"))

        assert asked.decision is not None
        assert asked.decision.facts["dispute_is_open"] is True
        assert asked.decision.facts["dispute_due_in_hours"] is not None
        assert asked.state in {State.BLOCKED, State.EXCEPTION_REVIEW, State.ON_HOLD}


class TestAnInquiry:
    def test_is_settled_by_a_refund_that_somebody_lets_go_on(self, stage: Stage) -> None:
        request = waiting(stage)
        disputed(stage, request.payment, inquiry=True)
        assert as_stored(request).state == State.ON_HOLD

        release(request, by="viktor")

        with pytest.raises(NotPermitted):
            approve(request, "viktor")
        paid = stage.perform(approve(request, "dana"), timezone.now() + timedelta(hours=1))
        assert paid.state == OperationState.SUCCEEDED
        assert Involvement.objects.filter(person=settle("viktor"), part=Part.REVIEWER).exists()
        told = LedgerEntry.objects.filter(kind="refund_request.released").latest("pk").sentence
        assert told == "released the request beside a dispute it may settle."

    def test_that_becomes_a_chargeback_stops_it_again(self, stage: Stage) -> None:
        request = waiting(stage)
        named = disputed(stage, request.payment, inquiry=True)
        release(request)
        operation = approve(request, "dana")

        close(stage, named, "needs_response")

        assert Dispute.objects.get().kind == DisputeKind.CHARGEBACK
        assert as_stored(request).state == State.ON_HOLD
        assert stage.perform(operation, timezone.now() + timedelta(hours=1)).state == OperationState.CANCELLED
        assert stage.refunds_of(operation) == []

    def test_that_was_closed_lets_it_go_on(self, stage: Stage) -> None:
        request = waiting(stage)
        named = disputed(stage, request.payment, inquiry=True)

        close(stage, named, "warning_closed")

        assert as_stored(request).state == State.AWAITING_APPROVAL


class TestAWarning:
    def test_holds_what_waits_until_somebody_lets_it_go_on(self, stage: Stage) -> None:
        request = waiting(stage)

        warned(stage, request.payment)

        assert (as_stored(request).state, Dispute.objects.get().kind) == (State.ON_HOLD, DisputeKind.WARNING)
        assert Dispute.objects.get().amount_minor == 400_00
        assert release(request).state == State.AWAITING_APPROVAL

    def test_stops_it_again_when_a_second_one_comes(self, stage: Stage) -> None:
        request = waiting(stage)
        warned(stage, request.payment)
        release(request)

        warned(stage, request.payment)

        assert as_stored(request).state == State.ON_HOLD


class TestTheSweep:
    def test_finds_what_no_webhook_told(self, stage: Stage) -> None:
        request = waiting(stage)
        named = disputed(stage, request.payment, delivered=False)
        warned_of = stage.sandbox.ask("POST", f"/_sandbox/payments/{request.payment.external_id}/warning", {})["id"]  # type: ignore[union-attr]
        assert as_stored(request).state == State.AWAITING_APPROVAL

        assert sweep_disputes(gateway="stripe", at=timezone.now()) == 2

        assert set(Dispute.objects.values_list("external_id", flat=True)) == {named, warned_of}
        assert as_stored(request).state == State.ON_HOLD

    def test_reads_an_old_one_again(self, stage: Stage) -> None:
        request = waiting(stage)
        named = disputed(stage, request.payment)
        close(stage, named, "won", delivered=False)

        sweep_disputes(gateway="stripe", at=timezone.now() + timedelta(days=30))

        assert Dispute.objects.get().status == DisputeStatus.WON
        assert as_stored(request).state == State.AWAITING_APPROVAL

    def test_waits_when_the_processor_is_silent(self, stage: Stage) -> None:
        stage.gateway._client = type(stage.gateway._client)("sk_test_x", base_addresses={"api": "http://127.0.0.1:9"})

        assert sweep_disputes(gateway="stripe", at=timezone.now()) == 0


class TestAReading:
    def test_that_began_before_the_one_we_have_changes_nothing(self, stage: Stage) -> None:
        request = waiting(stage)
        assert request.payment is not None

        def told(status: DisputeStatus) -> ProviderDispute:
            assert request.payment is not None
            return ProviderDispute(
                external_id="dp_1",
                kind=DisputeKind.CHARGEBACK,
                status=status,
                reason="fraudulent",
                amount_minor=100_00,
                currency="GBP",
                payment_external_ids=("ch_elsewhere", request.payment.external_id),
                due_at=None,
                is_charge_refundable=False,
                opened_at=NOON,
            )

        later, earlier = NOON + timedelta(minutes=2), NOON + timedelta(minutes=1)
        record_dispute(gateway="stripe", told=told(DisputeStatus.WON), asked_at=later, at=later)
        record_dispute(gateway="stripe", told=told(DisputeStatus.NEEDS_RESPONSE), asked_at=earlier, at=later)

        assert Dispute.objects.get().status == DisputeStatus.WON
        assert as_stored(request).state == State.AWAITING_APPROVAL

    def test_of_a_charge_that_is_not_ours_is_parked(self, stage: Stage) -> None:
        request = waiting(stage)
        named = disputed(stage, request.payment, delivered=False)
        Payment.objects.update(gateway="elsewhere")

        assert stage.deliver("charge.dispute.created", named, "evt_1") == 200

        assert not Dispute.objects.exists()
        assert as_stored(request).state == State.AWAITING_APPROVAL


class TestWhatPeopleSee:
    def test_the_request_says_whether_refunding_helps_and_how_long_is_left(self, stage: Stage) -> None:
        request = waiting(stage)
        named = disputed(stage, request.payment, inquiry=True)
        client = client_of(settle("viktor"))

        page = client.get(request.get_absolute_url()).content.decode()

        assert "Inquiry: £400.00, waits for our answer" in page
        assert "Refunding £400.00 in full closes the inquiry." in page
        assert "Answer due" in page
        assert named in page

    def test_a_refused_release_says_why_and_keeps_it(self, stage: Stage) -> None:
        request = waiting(stage)
        disputed(stage, request.payment, due_by=0)
        client = client_of(settle("viktor"))

        answer = client.post(reverse("refunds:release", args=[request.reference]))

        assert answer.status_code == 422
        assert "a refund beside it would pay twice" in answer.content.decode()
        page = client.get(request.get_absolute_url()).content.decode()
        assert "The bank took £400.00 already." in page
        assert "No answer is asked for." in page
        assert as_stored(request).state == State.ON_HOLD

    def test_machines_hear_the_same(self, stage: Stage) -> None:
        request = waiting(stage)
        named = disputed(stage, request.payment, inquiry=True)

        told = client_of(settle("viktor")).get(f"/api/v1/refund-requests/{request.reference}").json()["disputes"]

        assert [(one["external_id"], one["kind"], one["refund_helps"]) for one in told] == [(named, "inquiry", True)]
        assert told[0]["amount_minor"] == 400_00
        assert told[0]["due_at"] is not None
