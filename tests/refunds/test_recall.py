"""Taking an approval back while the money is queued: who may, until when, and what stays on record."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import ProgrammingError, transaction
from django.urls import reverse

from approvals.authority import signed_today
from approvals.models import ApprovalDecision, ApprovalRoute
from approvals.vocabulary import RouteState, Verdict
from config.kernel.outbox import OutboxRow
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from evidence.models import CustomerMessage, LedgerEntry
from refunds import recalling, workflow
from refunds.models import Operation
from refunds.processing.performing import due_operations, perform_operation
from refunds.vocabulary import OperationState, State
from tests.harness.stillness import refused
from tests.harness.world import NOON, World, as_stored, drain, payment_of

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import Settings

    from config.kernel.people import User
    from refunds.models import RefundRequest

pytestmark = pytest.mark.django_db

WINDOW = timedelta(seconds=300)
SOON = NOON + timedelta(seconds=149)
OVER = NOON + WINDOW
WHY = "The serial number belongs to another order."


@pytest.fixture(autouse=True)
def _money_waits(settings: Settings) -> None:
    settings.RECALL_SECONDS = 300


def approved_for(world: World, amir: User, approver: User, *, minor: int | None = None) -> RefundRequest:
    """Have 100.00 approved, or less of it."""
    waiting = world.waiting(by=amir)
    return workflow.decide(
        reference=waiting.reference,
        verdict=Verdict.APPROVE,
        rationale="" if minor is None else "Half of it was used up.",
        amount_minor=minor,
        actor=approver,
        at=NOON,
    )


def messages_about(refund_request: RefundRequest) -> list[str]:
    return list(CustomerMessage.objects.filter(subject_id=refund_request.pk).values_list("template", flat=True))


class TestMoneyThatPeopleApprove:
    def test_waits_for_the_whole_window(self, world: World, amir: User, dana: User) -> None:
        approved = approved_for(world, amir, dana)

        operation = approved.operations.get()
        assert (operation.next_try_at, operation.recall_until) == (OVER, OVER)
        assert due_operations(OVER - timedelta(seconds=1)) == []
        assert perform_operation(operation_id=operation.pk, at=OVER - timedelta(seconds=1)) is False
        assert OutboxRow.objects.get(news="operation.queued").due_at == OVER
        assert due_operations(OVER) == [operation.pk]

    def test_is_told_to_the_customer_once_it_leaves(self, world: World, amir: User, dana: User) -> None:
        approved = approved_for(world, amir, dana)
        assert messages_about(approved) == []

        perform_operation(operation_id=approved.operations.get().pk, at=OVER)

        assert messages_about(approved) == ["refund_approved"]
        assert as_stored(approved).state == State.PROCESSING

    def test_leaves_at_once_where_no_window_is_set(
        self, world: World, amir: User, dana: User, settings: Settings
    ) -> None:
        settings.RECALL_SECONDS = 0
        approved = approved_for(world, amir, dana)

        assert approved.operations.get().next_try_at == NOON
        assert messages_about(approved) == ["refund_approved"]
        with refused(OutOfDate, "out_of_date"):
            recalling.recall(reference=approved.reference, note="", actor=dana, at=NOON)


class TestMoneyThatThePolicyApproves:
    def test_leaves_at_once_and_cannot_be_recalled(self, world: World, amir: User, dana: User) -> None:
        approved = world.filed(world.order(unit_minor=10_00), by=amir)

        assert (approved.state, approved.operations.get().next_try_at) == (State.APPROVED, NOON)
        assert messages_about(approved) == ["refund_approved"]
        with refused(OutOfDate, "out_of_date"):
            recalling.recall(reference=approved.reference, note="", actor=dana, at=SOON)


class TestRecall:
    def test_waits_for_a_signature_again_and_keeps_the_first_on_record(
        self, world: World, amir: User, dana: User
    ) -> None:
        approved = approved_for(world, amir, dana)

        recalled = recalling.recall(reference=approved.reference, note=WHY, actor=dana, at=SOON)

        stored = as_stored(recalled)
        assert (stored.state, stored.approved_minor, stored.approved_by, stored.decided_at) == (
            State.AWAITING_APPROVAL,
            None,
            None,
            None,
        )
        assert payment_of(recalled).reserved_minor == 100_00
        routes = ApprovalRoute.objects.filter(subject_id=recalled.pk).order_by("opened_at")
        assert [route.state for route in routes] == [RouteState.RECALLED, RouteState.OPEN]
        assert stored.route_id == routes[1].pk
        assert ApprovalDecision.objects.get(route=routes[0]).decided_by == dana
        told = LedgerEntry.objects.get(subject_id=recalled.pk, kind="refund_request.recalled")
        assert told.sentence == "took the approval of £100.00 back before the money left."
        assert messages_about(recalled) == []

    def test_cancels_the_operation_for_good(self, world: World, amir: User, dana: User) -> None:
        approved = approved_for(world, amir, dana)
        recalling.recall(reference=approved.reference, note="", actor=dana, at=SOON)

        operation = approved.operations.get()
        assert operation.state == OperationState.CANCELLED
        assert perform_operation(operation_id=operation.pk, at=OVER) is False
        drain()
        assert as_stored(approved).state == State.AWAITING_APPROVAL
        with pytest.raises(ProgrammingError), transaction.atomic():
            Operation.objects.filter(pk=operation.pk).update(state=OperationState.READY)

    def test_lets_the_same_person_sign_anew_with_a_key_of_its_own(self, world: World, amir: User, dana: User) -> None:
        approved = approved_for(world, amir, dana)
        recalling.recall(reference=approved.reference, note="", actor=dana, at=SOON)

        workflow.decide(reference=approved.reference, verdict=Verdict.APPROVE, rationale="", actor=dana, at=SOON)

        operations = list(approved.operations.order_by("next_try_at"))
        assert [operation.state for operation in operations] == [OperationState.CANCELLED, OperationState.READY]
        assert operations[0].idempotency_key != operations[1].idempotency_key
        assert operations[1].next_try_at == SOON + WINDOW

    def test_goes_on_with_what_was_left_of_the_promise(self, world: World, amir: User, dana: User) -> None:
        waiting = world.waiting(by=amir)
        workflow.ask(reference=waiting.reference, question="Which lamp is it, and where?", actor=dana, at=NOON)
        workflow.submit(reference=waiting.reference, answer="The blue one.", actor=amir, at=NOON)
        at = NOON + timedelta(hours=2)
        workflow.decide(reference=waiting.reference, verdict=Verdict.APPROVE, rationale="", actor=dana, at=at)

        recalling.recall(reference=waiting.reference, note=WHY, actor=dana, at=at + WINDOW)

        due = ApprovalRoute.objects.filter(subject_id=waiting.pk).order_by("opened_at").values_list("due_at", flat=True)
        assert [moment - NOON for moment in due] == [
            timedelta(hours=4),
            timedelta(hours=4),
            timedelta(hours=4) + WINDOW,
        ]

    def test_gives_the_day_its_room_back(self, world: World, amir: User, dana: User) -> None:
        approved = approved_for(world, amir, dana)
        assert signed_today(dana, category="refund", currency="GBP", at=NOON) == 100_00

        recalling.recall(reference=approved.reference, note="", actor=dana, at=SOON)

        assert signed_today(dana, category="refund", currency="GBP", at=NOON) == 0

    def test_asks_for_the_whole_amount_again(self, world: World, amir: User, dana: User) -> None:
        approved = approved_for(world, amir, dana, minor=40_00)
        assert payment_of(approved).reserved_minor == 40_00

        recalled = recalling.recall(reference=approved.reference, note="", actor=dana, at=SOON)

        assert payment_of(approved).reserved_minor == 100_00
        assert recalled.amount.minor == 100_00

    def test_is_refused_when_what_was_cut_off_is_spoken_for(self, world: World, amir: User, dana: User) -> None:
        approved = approved_for(world, amir, dana, minor=40_00)
        payment = payment_of(approved)
        payment.reserved_minor = payment.captured_minor - 10_00
        payment.save(update_fields=["reserved_minor"])

        with refused(Refused, "exceeds_refundable_balance"):
            recalling.recall(reference=approved.reference, note="", actor=dana, at=SOON)

    def test_is_for_any_approver_who_could_have_decided(
        self, world: World, amir: User, dana: User, viktor: User
    ) -> None:
        approved = approved_for(world, amir, dana)

        assert (
            recalling.recall(reference=approved.reference, note="", actor=viktor, at=SOON).state
            == State.AWAITING_APPROVAL
        )

    def test_is_not_for_others(
        self, world: World, amir: User, dana: User, viktor: User, lena: User, zeus: User
    ) -> None:
        approved = workflow.decide(
            reference=world.waiting(by=zeus, pounds=600).reference,
            verdict=Verdict.APPROVE,
            rationale="",
            actor=viktor,
            at=NOON,
        )

        for person, code in ((amir, "not_permitted"), (lena, "not_permitted"), (zeus, "self_approval")):
            with refused(NotPermitted, code):
                recalling.recall(reference=approved.reference, note="", actor=person, at=SOON)
        with refused(NotPermitted, "over_authority"):
            recalling.recall(reference=approved.reference, note="", actor=dana, at=SOON)

    def test_is_too_late_once_a_worker_has_it(self, world: World, amir: User, dana: User) -> None:
        approved = approved_for(world, amir, dana)
        perform_operation(operation_id=approved.operations.get().pk, at=OVER)

        with refused(OutOfDate, "out_of_date"):
            recalling.recall(reference=approved.reference, note="", actor=dana, at=OVER)

    def test_is_still_possible_while_no_worker_came(self, world: World, amir: User, dana: User) -> None:
        approved = approved_for(world, amir, dana)

        recalled = recalling.recall(reference=approved.reference, note="", actor=dana, at=OVER + WINDOW)

        assert recalled.state == State.AWAITING_APPROVAL

    def test_happens_once(self, world: World, amir: User, dana: User) -> None:
        approved = approved_for(world, amir, dana)
        recalling.recall(reference=approved.reference, note="", actor=dana, at=SOON)

        with refused(OutOfDate, "out_of_date"):
            recalling.recall(reference=approved.reference, note="", actor=dana, at=SOON)


class TestRecallPage:
    def test_counts_down_and_recalls(self, world: World, amir: User, dana: User, client: Client) -> None:
        approved = approved_for(world, amir, dana)
        client.force_login(dana)
        offer = recalling.offer_for(dana, as_stored(approved), at=SOON)
        assert offer is not None
        assert offer.left == "2:31"

        page = client.get(approved.get_absolute_url()).content.decode()
        answer = client.post(reverse("refunds:recall", args=[approved.reference]), follow=True)

        assert "Recall" in page
        assert "was recalled and waits for a signature again" in answer.content.decode()
        assert as_stored(approved).state == State.AWAITING_APPROVAL

    def test_offers_it_to_nobody_else(self, world: World, amir: User, dana: User, lena: User, client: Client) -> None:
        approved = approved_for(world, amir, dana)

        assert recalling.offer_for(lena, as_stored(approved), at=SOON) is None
        client.force_login(lena)
        assert "Recall" not in client.get(approved.get_absolute_url()).content.decode()

    def test_says_that_the_money_is_on_its_way(self, world: World, amir: User, dana: User, client: Client) -> None:
        approved = approved_for(world, amir, dana)
        perform_operation(operation_id=approved.operations.get().pk, at=OVER)
        client.force_login(dana)

        answer = client.post(reverse("refunds:recall", args=[approved.reference]))

        assert answer.status_code == 409
        assert "The money is on its way." in answer.content.decode()
