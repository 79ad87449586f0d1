"""One refund's verbs: what each does, whom and what it refuses, and that a refusal moves nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from approvals.models import ApprovalRoute
from approvals.vocabulary import RouteState, Verdict
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from evidence.models import CustomerMessage, LedgerEntry
from refunds import drafting, workflow
from refunds.intake import AskedLine, Draft
from refunds.models import Operation, Payment, RefundRequest
from refunds.vocabulary import OperationState, State
from tests.harness.stillness import refused
from tests.harness.world import NOON, World, as_stored, payment_of
from tests.refunds.books import request_in

if TYPE_CHECKING:
    from config.kernel.people import User

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(hours=1)
WHY = "The customer sent the wrong parcel back."
CARD = "Paid with 4242 4242 4242 4242 by telephone."


class TestFileRequest:
    def test_reserves_and_waits_for_a_signature(self, world: World, amir: User) -> None:
        order = world.order(unit_minor=100_00, quantity=4)

        filed = world.filed(order, by=amir, quantity=2)

        payment = Payment.objects.get(order=order)
        line = order.lines.get()
        assert (filed.state, filed.requested_minor) == (State.AWAITING_APPROVAL, 200_00)
        assert (payment.reserved_minor, payment.refunded_minor) == (200_00, 0)
        assert (line.reserved_quantity, line.refunded_quantity) == (2, 0)
        told = LedgerEntry.objects.filter(subject_id=filed.pk).order_by("seq").values_list("kind", flat=True)
        assert list(told) == ["refund_request.opened", "refund_request.submitted", "refund_request.routed"]

    @pytest.mark.parametrize(
        ("asked", "code"),
        [
            (AskedLine(line="1", quantity=5, condition="unopened"), "exceeds_refundable_balance"),
            (AskedLine(line="1", quantity=0, condition="unopened"), "invalid"),
            (AskedLine(line="1", quantity=-1, condition="unopened"), "invalid"),
            (AskedLine(line="9", quantity=1, condition="unopened"), "unknown_line"),
            (AskedLine(line="1", quantity=1, condition="unopened", amount_minor=0), "invalid"),
            (AskedLine(line="1", quantity=1, condition="unopened", amount_minor=-5), "invalid"),
            (AskedLine(line="1", quantity=1, condition="unopened", amount_minor=25_01), "exceeds_refundable_balance"),
        ],
    )
    def test_refuses_lines_that_were_not_sold_so(self, world: World, amir: User, asked: AskedLine, code: str) -> None:
        order = world.order(unit_minor=25_00, quantity=4)
        draft = Draft(channel=order.channel, order=order.external_id, reason="changed_mind", lines=[asked])

        with refused(Refused, code):
            workflow.file_request(draft=draft, actor=amir, at=NOON)

    def test_refuses_a_line_named_twice(self, world: World, amir: User) -> None:
        order = world.order()
        asked = AskedLine(line="1", quantity=1, condition="unopened")
        draft = Draft(channel=order.channel, order=order.external_id, reason="changed_mind", lines=[asked, asked])

        with refused(Refused, "invalid"):
            workflow.file_request(draft=draft, actor=amir, at=NOON)

    def test_refuses_more_shipping_than_was_paid(self, world: World, amir: User) -> None:
        order = world.order(shipping_minor=5_00)
        draft = Draft(channel=order.channel, order=order.external_id, reason="changed_mind", shipping_minor=5_01)

        with refused(Refused, "exceeds_refundable_balance"):
            workflow.file_request(draft=draft, actor=amir, at=NOON)

    def test_refuses_a_second_open_request_for_the_same_lines(self, world: World, amir: User) -> None:
        order = world.order(unit_minor=100_00)
        world.filed(order, by=amir)

        with refused(Refused, "duplicate_request"):
            world.filed(order, by=amir)

    def test_takes_the_same_line_again_once_the_first_request_is_over(self, world: World, amir: User) -> None:
        order = world.order(unit_minor=100_00)
        first = world.filed(order, by=amir)
        workflow.withdraw(reference=first.reference, note="", actor=amir, at=NOON)

        assert world.filed(order, by=amir).state == State.AWAITING_APPROVAL

    def test_refuses_a_card_number_and_stores_none(self, world: World, amir: User) -> None:
        order = world.order()
        asked = AskedLine(line="1", quantity=1, condition="unopened")
        draft = Draft(channel=order.channel, order=order.external_id, reason="changed_mind", note=CARD, lines=[asked])

        with refused(Refused, "card_number_in_text"):
            workflow.file_request(draft=draft, actor=amir, at=NOON)

    def test_does_not_know_the_orders_of_other_teams(self, world: World, asha: User) -> None:
        order = world.order()

        with refused(Refused, "unknown_order"):
            world.filed(order, by=asha)

    def test_is_not_for_people_without_the_right(self, world: World, ada: User) -> None:
        order = world.order()

        with refused(NotPermitted, "not_permitted"):
            world.filed(order, by=ada)


class TestSaveDraft:
    def test_keeps_without_reserving(self, world: World, amir: User) -> None:
        order = world.order()

        draft = drafting.save_draft(draft=world.draft_of(order), reference="", actor=amir, at=NOON)
        changed = drafting.save_draft(
            draft=world.draft_of(order, quantity=3), reference=draft.reference, actor=amir, at=LATER
        )

        assert (changed.pk, changed.state, changed.requested_minor) == (draft.pk, State.INTAKE, 75_00)
        assert [line.quantity for line in changed.lines.all()] == [3]
        assert Payment.objects.get(order=order).reserved_minor == 0

    def test_is_for_the_person_who_opened_it(self, world: World, amir: User, zeus: User) -> None:
        order = world.order()
        draft = drafting.save_draft(draft=world.draft_of(order), reference="", actor=amir, at=NOON)

        with refused(NotPermitted, "not_permitted"):
            drafting.save_draft(draft=world.draft_of(order, quantity=3), reference=draft.reference, actor=zeus, at=NOON)

    def test_changes_nothing_once_it_was_submitted(self, world: World, amir: User) -> None:
        order = world.order(unit_minor=100_00)
        filed = world.filed(order, by=amir)

        with refused(Refused, "refused"):
            drafting.save_draft(draft=world.draft_of(order, quantity=3), reference=filed.reference, actor=amir, at=NOON)

    def test_of_a_stranger_does_not_exist(self, world: World, amir: User, asha: User) -> None:
        order = world.order()
        draft = drafting.save_draft(draft=world.draft_of(order), reference="", actor=amir, at=NOON)

        with pytest.raises(RefundRequest.DoesNotExist):
            drafting.save_draft(draft=world.draft_of(order), reference=draft.reference, actor=asha, at=NOON)


class TestSubmit:
    def test_refuses_the_second_press(self, world: World, amir: User) -> None:
        filed = world.waiting(by=amir)

        with refused(OutOfDate, "out_of_date"):
            workflow.submit(reference=filed.reference, actor=amir, at=LATER)

    def test_asks_for_a_reason(self, world: World, amir: User) -> None:
        draft = drafting.save_draft(draft=world.draft_of(world.order(), reason=""), reference="", actor=amir, at=NOON)

        with refused(Refused, "refused"):
            workflow.submit(reference=draft.reference, actor=amir, at=NOON)

    def test_asks_for_something_to_give_back(self, world: World, amir: User) -> None:
        order = world.order()
        empty = Draft(channel=order.channel, order=order.external_id, reason="changed_mind")
        draft = drafting.save_draft(draft=empty, reference="", actor=amir, at=NOON)

        with refused(Refused, "refused"):
            workflow.submit(reference=draft.reference, actor=amir, at=NOON)

    def test_refuses_what_another_request_took_meanwhile(self, world: World, amir: User, zeus: User) -> None:
        order = world.order(unit_minor=100_00, quantity=2, line_count=2)
        both = Draft(
            channel=order.channel,
            order=order.external_id,
            reason="changed_mind",
            lines=[AskedLine(line=line, quantity=2, condition="unopened") for line in ("1", "2")],
        )
        draft = drafting.save_draft(draft=both, reference="", actor=amir, at=NOON)
        world.filed(order, by=zeus)

        with refused(Refused, "exceeds_refundable_balance"):
            workflow.submit(reference=draft.reference, actor=amir, at=NOON)


class TestAsk:
    def test_stops_the_clock_and_closes_the_route(self, world: World, amir: User, dana: User) -> None:
        waiting = world.waiting(by=amir)

        asked = workflow.ask(reference=waiting.reference, question="Which lamp broke?  ", actor=dana, at=LATER)

        assert (asked.state, asked.question) == (State.NEEDS_INFO, "Which lamp broke?")
        assert ApprovalRoute.objects.get(reference=waiting.reference).state == RouteState.CLOSED
        assert payment_of(waiting).reserved_minor == 100_00

    def test_is_answered_by_submitting_again_without_reserving_twice(
        self, world: World, amir: User, dana: User
    ) -> None:
        waiting = world.waiting(by=amir)
        workflow.ask(reference=waiting.reference, question="Which lamp broke?", actor=dana, at=LATER)

        again = workflow.submit(reference=waiting.reference, actor=amir, at=LATER)

        assert (again.state, again.question) == (State.AWAITING_APPROVAL, "")
        assert again.submitted_at == NOON
        assert payment_of(waiting).reserved_minor == 100_00
        assert ApprovalRoute.objects.filter(reference=waiting.reference, state=RouteState.OPEN).count() == 1

    def test_needs_words(self, world: World, amir: User, dana: User) -> None:
        waiting = world.waiting(by=amir)

        with refused(Refused, "rationale_required"):
            workflow.ask(reference=waiting.reference, question="  why?   ", actor=dana, at=NOON)

    def test_takes_no_card_number(self, world: World, amir: User, dana: User) -> None:
        waiting = world.waiting(by=amir)

        with refused(Refused, "card_number_in_text"):
            workflow.ask(reference=waiting.reference, question=CARD, actor=dana, at=NOON)

    def test_is_not_for_the_requester(self, world: World, zeus: User) -> None:
        waiting = world.waiting(by=zeus)

        with refused(NotPermitted, "self_approval"):
            workflow.ask(reference=waiting.reference, question="Am I sure of this?", actor=zeus, at=NOON)

    def test_comes_too_late_once_it_is_approved(self, world: World, amir: User, dana: User) -> None:
        approved = world.approved(by=amir, approver=dana)

        with refused(OutOfDate, "out_of_date"):
            workflow.ask(reference=approved.reference, question="Which lamp broke?", actor=dana, at=NOON)


class TestWithdraw:
    @pytest.mark.parametrize(
        "state", [State.AWAITING_APPROVAL, State.NEEDS_INFO, State.ON_HOLD, State.EXCEPTION_REVIEW]
    )
    def test_gives_the_reserve_back(self, world: World, amir: User, dana: User, state: State) -> None:
        request = _brought_to(state, world, amir, dana)

        withdrawn = workflow.withdraw(reference=request.reference, note="", actor=amir, at=LATER)

        assert withdrawn.state == State.WITHDRAWN
        assert payment_of(request).reserved_minor == 0
        assert not ApprovalRoute.objects.filter(state=RouteState.OPEN).exists()

    def test_of_a_draft_gives_back_what_it_never_took(self, world: World, amir: User) -> None:
        order = world.order()
        draft = drafting.save_draft(draft=world.draft_of(order), reference="", actor=amir, at=NOON)

        workflow.withdraw(reference=draft.reference, note="", actor=amir, at=NOON)

        assert Payment.objects.get(order=order).reserved_minor == 0

    def test_is_refused_once_money_is_on_its_way(self, world: World, amir: User, dana: User) -> None:
        approved = world.approved(by=amir, approver=dana)

        with refused(OutOfDate, "out_of_date"):
            workflow.withdraw(reference=approved.reference, note="", actor=amir, at=LATER)

    def test_is_refused_the_second_time(self, world: World, amir: User) -> None:
        waiting = world.waiting(by=amir)
        workflow.withdraw(reference=waiting.reference, note="", actor=amir, at=NOON)

        with refused(OutOfDate, "out_of_date"):
            workflow.withdraw(reference=waiting.reference, note="", actor=amir, at=LATER)

    def test_needs_the_right(self, world: World, amir: User, lena: User) -> None:
        waiting = world.waiting(by=amir)

        with refused(NotPermitted, "not_permitted"):
            workflow.withdraw(reference=waiting.reference, note="", actor=lena, at=NOON)


class TestHold:
    def test_and_release_bring_it_back_with_a_fresh_route(self, world: World, amir: User, dana: User) -> None:
        waiting = world.waiting(by=amir)

        held = workflow.hold(reference=waiting.reference, note="", actor=dana, at=NOON)
        assert (held.state, held.held_from) == (State.ON_HOLD, State.AWAITING_APPROVAL)
        assert not ApprovalRoute.objects.filter(state=RouteState.OPEN).exists()

        released = workflow.release(reference=waiting.reference, actor=dana, at=LATER)

        assert (released.state, released.held_from) == (State.AWAITING_APPROVAL, "")
        assert released.route == ApprovalRoute.objects.get(state=RouteState.OPEN)

    def test_lets_nobody_sign_meanwhile(self, world: World, amir: User, dana: User) -> None:
        waiting = world.waiting(by=amir)
        workflow.hold(reference=waiting.reference, note="", actor=dana, at=NOON)

        with refused(OutOfDate, "already_decided"):
            workflow.decide(reference=waiting.reference, verdict=Verdict.APPROVE, rationale="", actor=dana, at=NOON)

    def test_comes_too_late_once_money_is_on_its_way(self, world: World, amir: User, dana: User) -> None:
        approved = world.approved(by=amir, approver=dana)

        with refused(OutOfDate, "out_of_date"):
            workflow.hold(reference=approved.reference, note="", actor=dana, at=NOON)

    def test_needs_the_right(self, world: World, amir: User) -> None:
        waiting = world.waiting(by=amir)

        with refused(NotPermitted, "not_permitted"):
            workflow.hold(reference=waiting.reference, note="", actor=amir, at=NOON)


class TestDecline:
    def test_gives_the_reserve_back_and_tells_the_customer(self, world: World, amir: User, dana: User) -> None:
        waiting = world.waiting(by=amir)

        declined = workflow.decide(
            reference=waiting.reference, verdict=Verdict.DECLINE, rationale=WHY, actor=dana, at=LATER
        )

        assert (declined.state, declined.declined_by) == (State.DECLINED, dana)
        assert payment_of(waiting).reserved_minor == 0
        assert CustomerMessage.objects.get(subject_id=waiting.pk).template == "refund_declined"
        assert not Operation.objects.exists()

    @pytest.mark.parametrize("rationale", ["", "   ", "too short", "x" * 2001])
    def test_needs_a_rationale(self, world: World, amir: User, dana: User, rationale: str) -> None:
        waiting = world.waiting(by=amir)

        with refused(Refused, "rationale_required"):
            workflow.decide(
                reference=waiting.reference, verdict=Verdict.DECLINE, rationale=rationale, actor=dana, at=NOON
            )

    def test_by_the_reviewer_ends_an_exception(self, world: World, amir: User, mei: User) -> None:
        late = world.filed(world.order(unit_minor=10_00, days_ago=40), by=amir)

        declined = workflow.decide(
            reference=late.reference, verdict=Verdict.DECLINE, rationale=WHY, actor=mei, at=LATER
        )

        assert (declined.state, declined.declined_by) == (State.DECLINED, mei)
        assert payment_of(late).reserved_minor == 0

    def test_by_an_approver_does_not_end_an_exception(self, world: World, amir: User, dana: User) -> None:
        late = world.filed(world.order(unit_minor=10_00, days_ago=40), by=amir)

        with refused(NotPermitted, "not_permitted"):
            workflow.decide(reference=late.reference, verdict=Verdict.DECLINE, rationale=WHY, actor=dana, at=NOON)


class TestRetry:
    def test_is_for_what_failed_only(self, world: World, amir: User, dana: User, lena: User) -> None:
        approved = world.approved(by=amir, approver=dana)

        with refused(OutOfDate, "out_of_date"):
            workflow.retry(reference=approved.reference, actor=lena, at=NOON)

    def test_is_not_for_whoever_approved(self, world: World, amir: User, zeus: User) -> None:
        failed = request_in(State.FAILED, team=world.team(), requested_by=amir)
        RefundRequest.objects.filter(pk=failed.pk).update(approved_by=zeus)

        with refused(NotPermitted, "self_approval"):
            workflow.retry(reference=failed.reference, actor=zeus, at=NOON)

    def test_queues_a_new_operation_with_a_new_key(self, world: World, amir: User, dana: User, lena: User) -> None:
        failed = _failed(world.approved(by=amir, approver=dana))
        first = Operation.objects.get(refund_request=failed)

        retried = workflow.retry(reference=failed.reference, actor=lena, at=NOON)

        second = Operation.objects.exclude(pk=first.pk).get(refund_request=failed)
        assert retried.state == State.PROCESSING
        assert second.idempotency_key == f"op-{second.pk}-1" != first.idempotency_key

    def test_is_refused_the_second_time(self, world: World, amir: User, dana: User, lena: User) -> None:
        failed = _failed(world.approved(by=amir, approver=dana))
        workflow.retry(reference=failed.reference, actor=lena, at=NOON)

        with refused(OutOfDate, "out_of_date"):
            workflow.retry(reference=failed.reference, actor=lena, at=NOON)


def _failed(approved: RefundRequest) -> RefundRequest:
    """Let the gateway have said no to an approved request."""
    Operation.objects.filter(refund_request=approved).update(state=OperationState.REJECTED)
    RefundRequest.objects.filter(pk=approved.pk).update(state=State.FAILED)
    return as_stored(approved)


def _brought_to(state: State, world: World, agent: User, approver: User) -> RefundRequest:
    if state == State.EXCEPTION_REVIEW:
        return world.filed(world.order(unit_minor=10_00, days_ago=40), by=agent)
    waiting = world.waiting(by=agent)
    if state == State.NEEDS_INFO:
        workflow.ask(reference=waiting.reference, question="Which lamp broke?", actor=approver, at=NOON)
    if state == State.ON_HOLD:
        workflow.hold(reference=waiting.reference, note="", actor=approver, at=NOON)
    return as_stored(waiting)
