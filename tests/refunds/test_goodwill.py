"""A goodwill credit is judged, signed and given like a refund, and takes nothing from any payment."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, transaction

from approvals.models import AuthorityLimit
from approvals.vocabulary import Verdict
from config.kernel.ids import new_id
from config.kernel.money import Money
from config.kernel.refusals import NotPermitted, Refused
from evidence.models import CustomerMessage, LedgerEntry
from policies.models import Policy
from refunds import checking, workflow
from refunds.books.posting import post_journal
from refunds.crediting import CreditDraft, take_down
from refunds.models import JournalLine, Operation, Payment, RefundRequest, StoreCredit
from refunds.processing.performing import perform_operation
from refunds.store_credits import balance_of
from refunds.vocabulary import OperationState, State
from tests.harness.people import by_decree, settle
from tests.harness.world import NOON, as_stored

if TYPE_CHECKING:
    from refunds.models import Customer
    from tests.harness.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(world: World) -> Customer:
    """Know somebody who bought from the British team, where Dana signs for goodwill."""
    dana = settle("dana")
    with by_decree():
        AuthorityLimit.objects.create(
            user=dana, category="goodwill_credit", currency="GBP", single_minor=50_00, daily_minor=500_00
        )
    known = world.customer()
    world.order(customer=known)
    return known


def wish(customer: Customer, pounds: int = 15, **more: str) -> CreditDraft:
    return CreditDraft(
        amount=Money(pounds * 100, "GBP"),
        customer=customer.external_id,
        team="uk-retail",
        reason="late_delivery",
        **more,  # type: ignore[arg-type]  # words only
    )


def filed(draft: CreditDraft, by: str = "amir") -> RefundRequest:
    return workflow.file_request(draft=draft, actor=settle(by), at=NOON)


def decided(waiting: RefundRequest, verdict: Verdict = Verdict.APPROVE, *, minor: int | None = None) -> RefundRequest:
    return workflow.decide(
        reference=waiting.reference,
        verdict=verdict,
        rationale="She waited a month for her lamp.",
        actor=settle("dana"),
        at=NOON,
        amount_minor=minor,
    )


def _dies(**_words: object) -> None:
    raise RuntimeError


class TestAGoodwillCredit:
    def test_is_signed_for_and_given_once_without_an_order(self, world: World, customer: Customer) -> None:
        waiting = filed(wish(customer))
        assert (waiting.state, waiting.order, waiting.payment) == (State.AWAITING_APPROVAL, None, None)
        with pytest.raises(NotPermitted):
            workflow.decide(
                reference=waiting.reference, verdict=Verdict.APPROVE, rationale="", actor=settle("amir"), at=NOON
            )

        decided(waiting)
        operation = Operation.objects.get(refund_request=waiting)
        assert perform_operation(operation_id=operation.pk, at=NOON)
        assert not perform_operation(operation_id=operation.pk, at=NOON)

        operation.refresh_from_db()
        assert (operation.gateway, operation.payment, operation.state) == (
            "store_credit",
            None,
            OperationState.SUCCEEDED,
        )
        assert as_stored(waiting).state == State.REFUNDED
        assert StoreCredit.objects.count() == 1
        assert balance_of(customer, "GBP") == Money(15_00, "GBP")
        letter = CustomerMessage.objects.get(subject_id=waiting.pk)
        assert letter.template == "goodwill_given"
        assert "Your store credit is now £15.00" in letter.body
        assert "order" not in letter.body

    def test_is_given_once_however_often_a_worker_dies(
        self, world: World, customer: Customer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        given = decided(filed(wish(customer)))
        operation = Operation.objects.get(refund_request=given)
        with monkeypatch.context() as patch:
            patch.setattr("refunds.processing.performing.record_outcome", _dies)
            for hours in range(3):
                with pytest.raises(RuntimeError):
                    perform_operation(operation_id=operation.pk, at=NOON + timedelta(hours=hours))

        # By now the key is no longer safe to send, and only looking is.
        assert perform_operation(operation_id=operation.pk, at=NOON + timedelta(hours=24))

        assert StoreCredit.objects.count() == 1
        assert balance_of(customer, "GBP") == Money(15_00, "GBP")
        assert as_stored(given).state == State.REFUNDED

    def test_takes_nothing_from_the_order_it_makes_up_for(self, world: World, customer: Customer) -> None:
        order = world.order(customer=customer)
        draft = CreditDraft(
            amount=Money(15_00, "GBP"), channel="shop-uk", order=order.external_id, reason="late_delivery"
        )

        given = decided(filed(draft))
        perform_operation(operation_id=Operation.objects.get(refund_request=given).pk, at=NOON)

        payment = Payment.objects.get(order=order)
        assert (given.order, given.customer, given.team_id) == (order, customer, order.team_id)
        assert (payment.reserved_minor, payment.refunded_minor) == (0, 0)

    def test_passes_by_itself_within_the_limits_of_the_policy(self, world: World, customer: Customer) -> None:
        Policy.objects.filter(pk=world.policy().policy_id).update(enforced_categories=["goodwill_credit"])

        assert filed(wish(customer, pounds=15)).state == State.APPROVED
        assert filed(wish(customer, pounds=100)).state == State.AWAITING_APPROVAL
        assert filed(wish(customer, pounds=9_000)).state == State.BLOCKED

    def test_may_be_lowered_by_whoever_signs(self, world: World, customer: Customer) -> None:
        lowered = decided(filed(wish(customer)), minor=10_00)
        perform_operation(operation_id=Operation.objects.get(refund_request=lowered).pk, at=NOON)

        assert balance_of(customer, "GBP") == Money(10_00, "GBP")

    def test_is_declined_in_words_that_name_no_order_and_somebody_else_reads(
        self, world: World, customer: Customer
    ) -> None:
        declined = decided(filed(wish(customer)), Verdict.DECLINE)

        letter = CustomerMessage.objects.get(subject_id=declined.pk)
        assert (declined.state, letter.template) == (State.DECLINED, "goodwill_declined")
        assert letter.state == "in_review"
        assert not Operation.objects.exists()

    def test_is_withdrawn_and_may_then_be_asked_for_again(self, world: World, customer: Customer) -> None:
        waiting = filed(wish(customer))
        workflow.withdraw(reference=waiting.reference, note="", actor=settle("amir"), at=NOON)

        assert filed(wish(customer)).state == State.AWAITING_APPROVAL

    def test_is_on_the_ledger_from_its_first_word(self, world: World, customer: Customer) -> None:
        waiting = filed(wish(customer))

        told = LedgerEntry.objects.filter(subject_id=waiting.pk).order_by("pk")
        assert told[0].sentence == "opened a goodwill credit of £15.00."
        assert json.loads(told[0].payload)["data"]["category"] == "goodwill_credit"

    def test_is_booked_as_goodwill_that_we_owe_as_store_credit(self, world: World, customer: Customer) -> None:
        given = decided(filed(wish(customer)))
        perform_operation(operation_id=Operation.objects.get(refund_request=given).pk, at=NOON)

        post_journal(at=NOON)

        booked = {line.role: line.amount_minor for line in JournalLine.objects.all()}
        assert booked == {"goodwill_expense": 15_00, "store_credit_liability": -15_00}

    def test_keeps_nothing_when_it_is_only_checked(self, world: World, customer: Customer) -> None:
        checked = checking.check_draft(draft=wish(customer), actor=settle("amir"), at=NOON)

        assert checked.amount == Money(15_00, "GBP")
        assert checked.judged.facts.category == "goodwill_credit"
        assert not RefundRequest.objects.exists()

    def test_may_wait_as_a_draft(self, world: World, customer: Customer) -> None:
        with transaction.atomic():
            kept = take_down(draft=wish(customer), actor=settle("amir"), at=NOON)

        submitted = workflow.submit(reference=kept.reference, actor=settle("amir"), at=NOON)

        assert submitted.state == State.AWAITING_APPROVAL


class TestWhoGetsIt:
    def test_is_a_customer_of_the_team_and_no_stranger(self, world: World, customer: Customer) -> None:
        stranger = world.customer()
        american = world.customer()
        world.order(team="us-dtc", customer=american)

        for nobody in (stranger, american):
            with pytest.raises(Refused, match="bought from this team"):
                filed(wish(nobody))
        with pytest.raises(Refused, match="among yours"):
            filed(replace(wish(customer), team="uk-retail"), by="asha")
        assert not RefundRequest.objects.exists()

    def test_is_nobody_who_was_forgotten(self, world: World, customer: Customer) -> None:
        customer.erased_at = NOON
        customer.save()

        with pytest.raises(Refused, match="forgotten"):
            filed(wish(customer))

    def test_is_said_by_the_channel_where_two_have_one_number(self, world: World, customer: Customer) -> None:
        twin = type(customer).objects.create(channel="shop-gb", external_id=customer.external_id)
        world.order(customer=twin)

        with pytest.raises(Refused, match="name the channel") as no:
            filed(wish(customer))

        assert [reason.field for reason in no.value.reasons] == ["channel"]
        assert filed(wish(customer, channel="shop-gb")).customer == twin

    def test_is_the_customer_of_the_order_and_no_other(self, world: World, customer: Customer) -> None:
        order, other = world.order(customer=customer), world.customer()
        named = replace(wish(customer), order=order.external_id, channel="shop-uk")

        with pytest.raises(Refused, match="of another customer"):
            filed(replace(named, customer=other.external_id))
        with pytest.raises(Refused, match="belongs to another team"):
            filed(replace(named, team="us-dtc"))
        with pytest.raises(Refused, match="not EUR"):
            filed(replace(named, amount=Money(1_00, "EUR")))
        with pytest.raises(Refused, match="Nobody is known"):
            filed(replace(named, order=world.order().external_id))
        assert not RefundRequest.objects.exists()

    def test_does_not_get_the_same_twice_at_once(self, world: World, customer: Customer) -> None:
        first = filed(wish(customer))

        with pytest.raises(Refused, match=first.reference) as no:
            filed(wish(customer))

        assert [reason.code for reason in no.value.reasons] == ["duplicate_request"]
        assert filed(wish(customer, pounds=16)).state == State.AWAITING_APPROVAL


class TestTheDatabase:
    def test_refuses_a_refund_without_an_order(self, world: World) -> None:
        waiting = world.waiting(by=settle("amir"))

        with pytest.raises(IntegrityError, match="only_goodwill_has_no_order"), transaction.atomic():
            RefundRequest.objects.filter(pk=waiting.pk).update(order=None)

    @pytest.mark.parametrize("change", [{"customer": None}, {"method": "original"}, {"shipping_minor": 1}])
    def test_refuses_goodwill_that_goes_anywhere_but_to_a_customer(
        self, world: World, customer: Customer, change: dict[str, object]
    ) -> None:
        waiting = filed(wish(customer))

        with pytest.raises(IntegrityError, match="goodwill_is_credited"), transaction.atomic():
            RefundRequest.objects.filter(pk=waiting.pk).update(**change)

    def test_refuses_goodwill_that_nobody_signed(self, world: World, customer: Customer) -> None:
        waiting = filed(wish(customer))

        with pytest.raises(IntegrityError, match="Nobody approved"), transaction.atomic():
            self._tell(waiting, None)

    def test_refuses_a_refund_as_store_credit_that_names_no_payment(self, world: World) -> None:
        approved = world.approved(by=settle("amir"), approver=settle("dana"))
        Operation.objects.filter(refund_request=approved).update(state=OperationState.REJECTED)

        with pytest.raises(IntegrityError, match="Nobody approved"), transaction.atomic():
            self._tell(approved, None)

    def _tell(self, request: RefundRequest, payment: Payment | None) -> None:
        Operation.objects.create(
            id=new_id(),
            refund_request=request,
            payment=payment,
            gateway="store_credit",
            amount_minor=request.amount_minor,
            currency=request.currency,
            idempotency_key=f"op-{new_id()}",
            next_try_at=NOON,
            created_at=NOON,
        )
