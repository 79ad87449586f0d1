"""A refund that came back is paid another way: once, with the signatures of strangers to it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.urls import reverse

from approvals.models import ApprovalDecision, ApprovalRoute
from approvals.vocabulary import RouteState, Verdict
from config.kernel.ids import new_id
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from evidence.models import CustomerMessage, LedgerEntry
from evidence.verification import verify
from refunds import lapsing, recalling, workflow
from refunds.gateways.base import RefundStatus
from refunds.models import AlternatePayout, Operation, OrderLine, StoreCredit
from refunds.payouts.accounts import open_sealed
from refunds.payouts.proposing import propose_payout
from refunds.processing.performing import perform_operation
from refunds.processing.queueing import queue_operation
from refunds.processing.recording import record_provider_state
from refunds.vocabulary import OperationState, PayoutState, State
from tests.harness.known import order_of
from tests.harness.people import settle
from tests.harness.stillness import refused
from tests.harness.world import NOON, World, as_stored, payment_of

from .stage import HOLDER, IBAN, LATER, WHY, at_the_processor, came_back, operation_of, proposed, signed

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import Settings

pytestmark = pytest.mark.django_db


class TestALateFailure:
    def test_gives_the_balance_back_and_another_way_uses_it_again(self, world: World) -> None:
        failed = came_back(world)
        payment = payment_of(failed)
        assert (failed.state, payment.refunded_minor, payment.reserved_minor) == (State.FAILED, 0, 100_00)

        signed(proposed(failed), by=settle("viktor"))
        assert perform_operation(operation_id=operation_of(failed).pk, at=LATER)

        payment, paid = payment_of(failed), as_stored(failed)
        line = OrderLine.objects.get(order_id=order_of(failed).pk)
        assert (paid.state, paid.method, payment.refunded_minor, payment.reserved_minor) == (
            State.REFUNDED,
            "store_credit",
            100_00,
            0,
        )
        assert (line.refunded_quantity, line.reserved_quantity) == (1, 0)
        assert verify(failed.subject).is_sound

    def test_that_was_paid_another_way_leaves_nothing_for_a_second_request(self, world: World) -> None:
        failed = came_back(world, pounds=100)
        signed(proposed(failed), by=settle("viktor"))
        perform_operation(operation_id=operation_of(failed).pk, at=LATER)

        with pytest.raises(Refused) as no:
            workflow.file_request(draft=world.draft_of(order_of(failed), quantity=4), actor=settle("amir"), at=LATER)

        assert no.value.code == "exceeds_refundable_balance"


class TestAProposal:
    def test_waits_for_signatures_with_what_was_approved(self, world: World) -> None:
        waiting = proposed(came_back(world), method="bank_transfer")

        route = ApprovalRoute.objects.get(subject_id=waiting.pk, state=RouteState.OPEN)
        payout = AlternatePayout.objects.get()
        assert (waiting.state, waiting.payout) == (State.AWAITING_APPROVAL, payout)
        assert route.title.startswith("Alternate payout, bank transfer")
        assert (route.amount_minor, route.is_routine) == (100_00, False)
        assert (payout.state, payout.method_before, payout.iban_masked) == ("proposed", "original", "DE•• •••• 3000")
        assert open_sealed(payout.iban_sealed) == IBAN.replace(" ", "")

    def test_tells_the_ledger_nothing_of_the_account(self, world: World) -> None:
        waiting = proposed(came_back(world), method="bank_transfer")

        told = " ".join(
            f"{entry.sentence} {entry.payload}" for entry in LedgerEntry.objects.filter(subject_id=waiting.pk)
        )
        assert not [word for word in (IBAN, IBAN.replace(" ", ""), "3000", HOLDER, "Lovelace") if word in told]

    @pytest.mark.parametrize("who", ["amir", "dana", "sam", "bot"])
    def test_is_for_finance_that_neither_asked_nor_approved(self, world: World, who: str) -> None:
        failed = came_back(world)

        with pytest.raises((NotPermitted, failed.DoesNotExist)):
            proposed(failed, by=settle(who))

        assert as_stored(failed).state == State.FAILED

    def test_is_refused_while_the_first_payment_is_not_proven_dead(self, world: World) -> None:
        approved = world.approved(by=settle("amir"), approver=settle("dana"))

        with pytest.raises(OutOfDate):
            proposed(approved)

        for state in (OperationState.UNKNOWN, OperationState.NEEDS_PERSON, OperationState.PENDING):
            failed = came_back(world)
            Operation.objects.filter(refund_request=failed).update(state=state)
            with refused(Refused, "not_proven_dead"):
                proposed(failed)

    def test_is_refused_where_the_processor_shows_what_it_refused(self, world: World) -> None:
        failed = came_back(world)
        Operation.objects.filter(refund_request=failed).update(state=OperationState.REJECTED)

        with pytest.raises(Refused, match="yet shows re_"):
            proposed(failed)

    def test_wants_a_rationale(self, world: World) -> None:
        failed = came_back(world)

        with pytest.raises(Refused) as no:
            propose_payout(
                reference=failed.reference, method="store_credit", rationale="", actor=settle("lena"), at=LATER
            )

        assert no.value.code == "rationale_required"
        assert not AlternatePayout.objects.exists()


class TestAFirstPaymentThatTurnsUp:
    def test_keeps_the_second_one_here(self, world: World) -> None:
        """The processor refused it, another way was approved, and then its books show it after all."""
        failed = came_back(world)
        first = operation_of(failed)
        Operation.objects.filter(pk=first.pk).update(state=OperationState.REJECTED, external_id=None)
        signed(proposed(failed), by=settle("viktor"))
        record_provider_state(operation_id=first.pk, refund=at_the_processor(first, RefundStatus.SUCCEEDED), at=LATER)

        assert not perform_operation(operation_id=operation_of(failed).pk, at=LATER)

        kept = operation_of(failed)
        assert (kept.state, kept.attempt_count, kept.next_try_at) == (
            OperationState.READY,
            0,
            LATER + timedelta(hours=1),
        )
        assert not StoreCredit.objects.exists()


class TestFourEyes:
    @pytest.mark.parametrize("who", ["dana", "lena"])
    def test_keep_whoever_approved_or_proposed_from_signing(self, world: World, who: str) -> None:
        waiting = proposed(came_back(world))

        with pytest.raises((NotPermitted, OutOfDate, Refused)):
            signed(waiting, by=settle(who))

        assert as_stored(waiting).state == State.AWAITING_APPROVAL

    @pytest.mark.parametrize("who", ["amir", "dana", "lena"])
    def test_bind_whoever_writes_to_the_database_itself(self, world: World, who: str) -> None:
        """Who asked, who approved before, who proposed: none of them by any door, not even a superuser's."""
        waiting = proposed(came_back(world))
        route = ApprovalRoute.objects.get(subject_id=waiting.pk, state=RouteState.OPEN)

        with pytest.raises((IntegrityError, ProgrammingError)), transaction.atomic():
            ApprovalDecision.objects.create(
                route=route, step=route.steps.get(), decided_by=settle(who), requested_by=route.requested_by,
                reviewed_by=route.reviewed_by, verdict=Verdict.APPROVE, amount_minor=100_00, currency="GBP",
                rationale=WHY, role_at_time="approver", limit_at_time_minor=500_00, decided_at=LATER,
            )  # fmt: skip

    def test_keep_the_proposer_from_being_written_as_approver(self, world: World) -> None:
        waiting = proposed(came_back(world))

        with pytest.raises(IntegrityError, match="payout_approver_is_not_its_proposer"), transaction.atomic():
            AlternatePayout.objects.filter(pk=str(waiting.payout_id)).update(
                state=PayoutState.APPROVED, approved_by=settle("lena"), route=ApprovalRoute.objects.first()
            )

    def test_let_no_money_leave_by_a_way_that_only_the_first_route_signed(self, world: World) -> None:
        waiting = proposed(came_back(world))
        waiting.method = "store_credit"

        with pytest.raises(IntegrityError, match="Nobody approved that this leaves by store_credit"):
            queue_operation(refund_request=waiting, at=LATER)

    def test_let_nothing_be_proposed_beside_live_money_even_in_the_database(self, world: World) -> None:
        approved = world.approved(by=settle("amir"), approver=settle("dana"))

        with pytest.raises(IntegrityError, match="on its way or gone"), transaction.atomic():
            AlternatePayout.objects.create(
                id=new_id(), refund_request=approved, method="store_credit", method_before="original",
                amount_minor=100_00, currency="GBP", rationale=WHY, proposed_by=settle("lena"), proposed_at=NOON,
            )  # fmt: skip


class TestAnAnswer:
    def test_of_no_leaves_the_refund_failed_with_its_reserve(self, world: World) -> None:
        waiting = proposed(came_back(world))

        signed(waiting, by=settle("viktor"), verdict=Verdict.DECLINE)

        failed = as_stored(waiting)
        assert (failed.state, failed.payout, failed.method) == (State.FAILED, None, "original")
        assert payment_of(failed).reserved_minor == 100_00
        assert AlternatePayout.objects.get().state == PayoutState.DECLINED
        assert proposed(failed).state == State.AWAITING_APPROVAL

    def test_is_for_the_whole_amount(self, world: World) -> None:
        waiting = proposed(came_back(world))

        with pytest.raises(Refused, match="in full or declined"):
            signed(waiting, by=settle("viktor"), minor=50_00)

    def test_asks_the_agent_nothing(self, world: World) -> None:
        waiting = proposed(came_back(world))

        with pytest.raises(Refused, match="nothing is asked"):
            workflow.ask(reference=waiting.reference, question="Which card was it?", actor=settle("viktor"), at=LATER)

    def test_that_nobody_gives_in_time_ends_only_the_proposal(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        waiting = proposed(came_back(world))
        monkeypatch.setattr(lapsing, "lapsed_routes", lambda **_: ApprovalRoute.objects.all())

        assert lapsing.expire(route_id=str(waiting.route_id), at=LATER)

        assert as_stored(waiting).state == State.FAILED
        assert AlternatePayout.objects.get().state == PayoutState.LAPSED

    def test_may_be_taken_back_while_the_money_is_queued(self, world: World, settings: Settings) -> None:
        settings.RECALL_SECONDS = 300
        waiting = proposed(came_back(world))
        signed(waiting, by=settle("viktor"))

        recalling.recall(reference=waiting.reference, note="", actor=settle("viktor"), at=LATER)

        again = as_stored(waiting)
        assert (again.state, again.approved_minor, again.method) == (State.AWAITING_APPROVAL, 100_00, "original")
        assert operation_of(waiting).state == OperationState.CANCELLED
        assert payment_of(waiting).reserved_minor == 100_00
        signed(again, by=settle("vera"))
        assert operation_of(waiting).gateway == "store_credit"


class TestTheCustomer:
    def test_is_told_of_the_other_way_and_then_of_her_balance(self, world: World) -> None:
        failed = came_back(world)
        signed(proposed(failed), by=settle("viktor"))
        perform_operation(operation_id=operation_of(failed).pk, at=LATER)

        told = CustomerMessage.objects.filter(subject_id=failed.pk)
        by_event = {message.template: message.body for message in told}
        assert "as store credit" in by_event["refund_other_way"]
        assert "Your store credit is now £100.00" in by_event["store_credit_given"]


class TestThePage:
    def test_offers_another_way_and_gives_back_what_was_typed(self, world: World, client: Client) -> None:
        failed = came_back(world)
        client.force_login(settle("lena"))
        address = reverse("refunds:propose_payout", args=[failed.reference])

        assert address in client.get(failed.get_absolute_url()).content.decode()
        assert address in client.get(reverse("refunds:processing") + "?column=failed").content.decode()
        typed = {"method": "bank_transfer", "iban": "DE00", "account_holder": HOLDER, "rationale": WHY}
        answer = client.post(address, typed)

        assert answer.status_code == 422
        assert "This is not an IBAN" in answer.content.decode()
        assert WHY.split(";")[0] in answer.content.decode()
        assert client.post(address, typed | {"iban": IBAN}).status_code == 302
        shown = client.get(failed.get_absolute_url()).content.decode()
        assert "DE•• •••• 3000" in shown
        assert "DE89" not in shown

    def test_lets_an_approver_sign_for_the_whole(self, world: World, client: Client) -> None:
        waiting = proposed(came_back(world), method="bank_transfer")
        client.force_login(settle("viktor"))

        page = client.get(waiting.get_absolute_url()).content.decode()
        answer = client.post(reverse("refunds:approve", args=[waiting.reference]), {"rationale": WHY})

        assert "Alternate payout" in page
        assert 'name="amount"' not in page
        assert answer.status_code == 302
        assert as_stored(waiting).state == State.APPROVED
