"""Two verbs on the same money in the same instant: one of them wins, and the balance agrees with what happened."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from django.db.models import Sum

from approvals.vocabulary import Verdict
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from refunds import workflow
from refunds.gateways.base import Accepted, ProviderRefund, RefundStatus, Rejected
from refunds.models import Operation, OrderLine, Payment, RefundRequest
from refunds.processing.performing import _claim
from refunds.processing.recording import record_outcome, record_provider_state
from refunds.vocabulary import OPEN_STATES, State
from tests.harness.known import payment_behind
from tests.harness.people import fresh
from tests.harness.races import in_the_same_instant, losers, winners
from tests.harness.world import NOON, World

if TYPE_CHECKING:
    from config.kernel.people import User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

WHY = "The parcel came back complete."


def decide(reference: str, verdict: Verdict, who: User) -> RefundRequest:
    return workflow.decide(reference=reference, verdict=verdict, rationale=WHY, actor=fresh(who), at=NOON)


def claimed(request: RefundRequest) -> Operation:
    operation = Operation.objects.filter(refund_request=request).latest("created_at")
    assert _claim(operation_id=operation.pk, at=NOON) is not None
    return Operation.objects.select_related("payment").get(pk=operation.pk)


def failed(world: World, agent: User, approver: User) -> RefundRequest:
    request = world.approved(by=agent, approver=approver)
    operation = claimed(request)
    record_outcome(operation_id=operation.pk, number=1, outcome=Rejected("declined", "The bank said no."), at=NOON)
    return RefundRequest.objects.get(pk=request.pk)


def says(operation: Operation, status: RefundStatus) -> ProviderRefund:
    return ProviderRefund(
        external_id=f"re_{operation.pk}",
        status=status,
        amount_minor=operation.amount_minor,
        currency=operation.currency,
        payment_external_id=payment_behind(operation).external_id,
        failure_reason="",
        metadata={"operation_id": str(operation.pk)},
        created_at=NOON,
    )


def books_agree(request: RefundRequest) -> None:
    """Count what open and paid requests speak for, and compare with the payment and its line."""
    payment = Payment.objects.get(order=request.order)
    line = OrderLine.objects.get(order=request.order)
    requests = list(RefundRequest.objects.filter(order=request.order).prefetch_related("lines"))
    reserved = [one for one in requests if one.state in OPEN_STATES]
    paid = [one for one in requests if one.state in {State.REFUNDED, State.RECONCILED}]
    assert (payment.reserved_minor, payment.refunded_minor) == (
        sum(one.amount_minor for one in reserved),
        sum(one.amount_minor for one in paid),
    )
    assert (line.reserved_quantity, line.refunded_quantity) == (
        sum(one.lines.aggregate(many=Sum("quantity"))["many"] for one in reserved),
        sum(one.lines.aggregate(many=Sum("quantity"))["many"] for one in paid),
    )


def nobody_crashed(results: list[Any]) -> None:
    assert [one for one in losers(results) if not isinstance(one, Refused | NotPermitted | OutOfDate)] == []


class TestMoney:
    def test_is_sent_again_once_or_declined(self, world: World, amir: User, dana: User, lena: User, luis: User) -> None:
        for _ in range(4):
            request = failed(world, amir, dana)

            results = in_the_same_instant(
                *(
                    partial(workflow.retry, reference=request.reference, actor=fresh(who), at=NOON)
                    for who in (lena, luis)
                ),
                partial(decide, request.reference, Verdict.DECLINE, lena),
            )

            nobody_crashed(results)
            assert len(winners(results)) == 1
            assert Operation.objects.filter(refund_request=request).count() <= 2
            books_agree(request)

    def test_is_approved_or_withdrawn_or_held_or_asked_about(
        self, world: World, amir: User, dana: User, viktor: User
    ) -> None:
        for _ in range(4):
            request = world.waiting(by=amir)
            reference = request.reference

            results = in_the_same_instant(
                partial(decide, reference, Verdict.APPROVE, dana),
                partial(workflow.withdraw, reference=reference, note="", actor=fresh(amir), at=NOON),
                partial(workflow.hold, reference=reference, note="", actor=fresh(viktor), at=NOON),
                partial(workflow.ask, reference=reference, question=WHY, actor=fresh(viktor), at=NOON),
            )

            nobody_crashed(results)
            stored = RefundRequest.objects.get(pk=request.pk)
            assert Operation.objects.filter(refund_request=request).count() == int(stored.state == State.APPROVED)
            books_agree(request)

    def test_that_is_answered_and_heard_of_at_once_is_booked_once(self, world: World, amir: User, dana: User) -> None:
        for _ in range(4):
            request = world.approved(by=amir, approver=dana)
            operation = claimed(request)
            done = Accepted(f"re_{operation.pk}", RefundStatus.SUCCEEDED)

            results = in_the_same_instant(
                partial(record_outcome, operation_id=operation.pk, number=1, outcome=done, at=NOON),
                *(
                    partial(record_provider_state, operation_id=operation.pk, refund=says(operation, status), at=NOON)
                    for status in (RefundStatus.PENDING, RefundStatus.SUCCEEDED, RefundStatus.SUCCEEDED)
                ),
            )

            assert losers(results) == []
            assert RefundRequest.objects.get(pk=request.pk).state == State.REFUNDED
            books_agree(request)

    def test_that_comes_back_while_more_is_asked_for_is_never_spoken_for_twice(
        self, world: World, amir: User, dana: User
    ) -> None:
        for _ in range(4):
            order = world.order(unit_minor=100_00, quantity=2)
            first = world.filed(order, by=amir)
            decide(first.reference, Verdict.APPROVE, dana)
            operation = claimed(first)
            record_provider_state(operation_id=operation.pk, refund=says(operation, RefundStatus.SUCCEEDED), at=NOON)

            results = in_the_same_instant(
                partial(
                    record_provider_state,
                    operation_id=operation.pk,
                    refund=says(operation, RefundStatus.FAILED),
                    at=NOON,
                ),
                partial(world.filed, order, by=fresh(amir)),
                partial(world.filed, order, by=fresh(amir), quantity=2),
            )

            nobody_crashed(results)
            assert RefundRequest.objects.get(pk=first.pk).state == State.FAILED
            books_agree(first)
