"""Whatever happens in whatever order: refunded and reserved never exceed captured, and a recount agrees."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from approvals.vocabulary import Verdict
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from refunds import workflow
from refunds.gateways.base import Accepted, ProviderRefund, RefundStatus, Rejected
from refunds.intake import AskedLine, Draft
from refunds.models import Operation, Order, OrderLine, Payment, RefundRequest
from refunds.processing import recording
from refunds.processing.performing import _claim
from refunds.vocabulary import OPEN_STATES, OperationState, State
from tests.architecture.asking import forgotten
from tests.harness.people import settle
from tests.harness.world import NOON, World

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db

WHY = "The parcel came back complete."
PAID = (State.REFUNDED, State.RECONCILED)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            (
                "ask_for",
                "approve",
                "approve_less",
                "decline",
                "withdraw",
                "ask",
                "answer",
                "send",
                "fail",
                "retry",
                "reject",
            )
        ),
        st.integers(min_value=0, max_value=5),
        st.integers(min_value=1, max_value=3),
    ),
    min_size=4,
    max_size=14,
)


class Shop:
    """One order, and everything that can be done to the requests on it."""

    def __init__(self, world: World) -> None:
        """Sell two lines with shipping, in a currency that enforces."""
        self.order = world.order(unit_minor=60_00, quantity=3, line_count=2, shipping_minor=4_95)
        self.agent, self.approver, self.payer = settle("amir"), settle("dana"), settle("lena")
        self.clock = NOON

    def do(self, verb: str, which: int, how_many: int) -> None:
        """Try one thing; a refusal is an answer too."""
        self.clock += timedelta(minutes=1)
        requests = list(RefundRequest.objects.filter(order=self.order).order_by("created_at", "id"))
        deeds: dict[str, Callable[[RefundRequest], Any]] = {
            "approve": lambda one: self._decide(one, Verdict.APPROVE, None),
            "approve_less": lambda one: self._decide(one, Verdict.APPROVE, max(one.requested_minor - 7_77, 1)),
            "decline": lambda one: self._decide(one, Verdict.DECLINE, None),
            "withdraw": lambda one: workflow.withdraw(
                reference=one.reference, note="", actor=self.agent, at=self.clock
            ),
            "ask": lambda one: workflow.ask(
                reference=one.reference, question="Which lamp came back?", actor=self.approver, at=self.clock
            ),
            "answer": lambda one: workflow.submit(reference=one.reference, actor=self.agent, at=self.clock),
            "retry": lambda one: workflow.retry(reference=one.reference, actor=self.payer, at=self.clock),
            "send": lambda one: self._send(one, RefundStatus.SUCCEEDED),
            "reject": lambda one: self._send(one, None),
            "fail": self._fail,
        }
        try:
            if verb == "ask_for":
                self._ask_for(which, how_many)
            elif requests:
                deeds[verb](requests[which % len(requests)])
        except (Refused, NotPermitted, OutOfDate):
            pass

    def _ask_for(self, which: int, how_many: int) -> None:
        lines = [AskedLine(line=str(1 + which % 2), quantity=how_many, condition="unopened")]
        shipping = 4_95 if which == 5 else 0
        draft = Draft(
            channel=self.order.channel,
            order=self.order.external_id,
            reason="changed_mind",
            lines=lines,
            shipping_minor=shipping,
        )
        workflow.file_request(draft=draft, actor=self.agent, at=self.clock)

    def _decide(self, one: RefundRequest, verdict: Verdict, amount_minor: int | None) -> None:
        actor = self.payer if one.state == State.FAILED else self.approver
        workflow.decide(
            reference=one.reference,
            verdict=verdict,
            rationale=WHY,
            amount_minor=amount_minor,
            actor=actor,
            at=self.clock,
        )

    def _send(self, one: RefundRequest, status: RefundStatus | None) -> None:
        operation = Operation.objects.filter(refund_request=one, state=OperationState.READY).first()
        if operation is None or _claim(operation_id=operation.pk, at=self.clock) is None:
            return
        outcome = Rejected("odd", "No.") if status is None else Accepted(f"re_{operation.pk}", status)
        recording.record_outcome(operation_id=operation.pk, number=1, outcome=outcome, at=self.clock)

    def _fail(self, one: RefundRequest) -> None:
        operation = Operation.objects.filter(refund_request=one, state=OperationState.SUCCEEDED).first()
        if operation is None:
            return
        late = ProviderRefund(
            external_id=str(operation.external_id),
            status=RefundStatus.FAILED,
            amount_minor=operation.amount_minor,
            currency=operation.currency,
            payment_external_id="",
            created_at=self.clock,
        )
        recording.record_provider_state(operation_id=operation.pk, refund=late, at=self.clock)

    def check(self) -> None:
        """Recount the payment, the lines and the shipping from the requests."""
        requests = list(RefundRequest.objects.filter(order=self.order).prefetch_related("lines"))
        held = [one for one in requests if one.state in OPEN_STATES]
        paid = [one for one in requests if one.state in PAID]
        payment, order = Payment.objects.get(order=self.order), Order.objects.get(pk=self.order.pk)
        assert payment.reserved_minor == sum(one.amount_minor for one in held)
        assert payment.refunded_minor == sum(one.amount_minor for one in paid)
        assert payment.refunded_minor + payment.reserved_minor <= payment.captured_minor
        assert order.shipping_reserved_minor == sum(one.shipping_minor for one in held)
        assert order.shipping_refunded_minor == sum(one.shipping_minor for one in paid)
        for line in OrderLine.objects.filter(order=self.order):
            assert line.reserved_quantity == _pieces(held, line)
            assert line.refunded_quantity == _pieces(paid, line)
            assert line.refunded_quantity + line.reserved_quantity <= line.quantity


class TestTheBalance:
    @settings(
        max_examples=40,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(steps=STEPS)
    def test_agrees_with_a_recount_after_every_step(self, world: World, steps: list[tuple[str, int, int]]) -> None:
        with forgotten():
            shop = Shop(world)
            for verb, which, how_many in steps:
                shop.do(verb, which, how_many)
                shop.check()

    def test_is_held_by_the_database_when_a_command_errs(self, world: World) -> None:
        order = world.order(unit_minor=10_00, quantity=2)

        for broken in ({"refunded_minor": 20_01}, {"reserved_minor": 20_01}, {"reserved_minor": -1}):
            with pytest.raises(IntegrityError, match="payment_balance_holds"), transaction.atomic():
                Payment.objects.filter(order=order).update(**broken)
        with pytest.raises(IntegrityError, match="line_quantity_holds"), transaction.atomic():
            OrderLine.objects.filter(order=order).update(refunded_quantity=1, reserved_quantity=2)


def _pieces(requests: list[RefundRequest], line: OrderLine) -> int:
    return sum(each.quantity for one in requests for each in one.lines.all() if each.order_line_id == line.pk)
