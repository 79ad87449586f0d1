"""A shop that does everything that can move a figure, by the product's own verbs, at moments the test names."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, cast

from approvals.vocabulary import Verdict
from policies.actions.explaining import explain
from policies.actions.observing import note_return
from refunds import workflow
from refunds.actions.observing import observe_refund
from refunds.disputes.recording import record_dispute
from refunds.gateways.base import (
    Accepted,
    DisputeKind,
    DisputeStatus,
    ProviderDispute,
    ProviderRefund,
    RefundInstruction,
    RefundStatus,
)
from refunds.gateways.registry import standing_in
from refunds.models import Operation, Payment
from refunds.processing.performing import perform_operation
from refunds.processing.recording import record_provider_state
from tests.harness.known import payment_behind
from tests.harness.people import settle
from tests.harness.world import NOON, World, as_stored

if TYPE_CHECKING:
    from datetime import datetime

    from policies.models import GovernedAction
    from refunds.gateways.base import PaymentGateway
    from refunds.models import Order, RefundRequest

HOUR = timedelta(hours=1)
WHY = "The customer was promised this on the telephone by our shop."
_numbers = count(1)


class Till:
    """A processor that pays whatever it is told to."""

    def refund(self, instruction: RefundInstruction) -> Accepted:
        """Pay at once."""
        return Accepted(external_id=f"re_till_{instruction.operation_id}", status=RefundStatus.SUCCEEDED)

    def find(self, _instruction: RefundInstruction) -> list[ProviderRefund]:
        """Remember nothing."""
        return []


@dataclass
class Shop:
    """The world with a clock that goes on by an hour with every verb."""

    world: World
    at: datetime = NOON
    waiting: list[RefundRequest] = field(default_factory=list)

    def tick(self, hours: int = 1) -> datetime:
        """Let time pass."""
        self.at += hours * HOUR
        return self.at

    def sold(self, pounds: int, *, days_ago: int = 8, pieces: int = 1) -> Order:
        """Sell something."""
        return self.world.order(unit_minor=pounds * 100, quantity=pieces, days_ago=days_ago, at=self.at)

    def asked(self, pounds: int, *, days_ago: int = 8, order: Order | None = None) -> RefundRequest:
        """Ask for all of an order, or for one piece of the one that is named."""
        sold = order or self.sold(pounds, days_ago=days_ago)
        return self.world.filed(sold, by=settle("amir"), at=self.at)

    def signed(self, request: RefundRequest, *, by: str = "dana") -> RefundRequest:
        """Sign for it."""
        return workflow.decide(
            reference=request.reference, verdict=Verdict.APPROVE, rationale=WHY, actor=settle(by), at=self.tick()
        )

    def refused(self, request: RefundRequest) -> RefundRequest:
        """Say no."""
        return workflow.decide(
            reference=request.reference, verdict=Verdict.DECLINE, rationale=WHY, actor=settle("dana"), at=self.tick()
        )

    def excepted(self, request: RefundRequest, code: str = "WINDOW_EXPIRED") -> RefundRequest:
        """Grant an exception."""
        return workflow.grant_exception(
            reference=request.reference, code=code, rationale=WHY, actor=settle("mei"), at=self.tick()
        )

    def paid(self, request: RefundRequest) -> RefundRequest:
        """Let the processor pay."""
        operation = Operation.objects.filter(refund_request=request).latest("created_at")
        with standing_in("stripe", cast("PaymentGateway", Till())):
            perform_operation(operation_id=operation.pk, at=self.tick())
        return as_stored(request)

    def refunded(self, pounds: int, *, days_ago: int = 8) -> RefundRequest:
        """Ask, sign where somebody must, and pay."""
        request = self.asked(pounds, days_ago=days_ago)
        return self.paid(self.signed(request) if request.state == "awaiting_approval" else request)

    def came_back(self, request: RefundRequest) -> RefundRequest:
        """Let a refund that was paid fail after all."""
        operation = Operation.objects.filter(refund_request=request).latest("created_at")
        record_provider_state(
            operation_id=operation.pk, refund=self.shown(operation, RefundStatus.FAILED), at=self.tick(24)
        )
        return as_stored(request)

    def shown(self, operation: Operation, status: RefundStatus) -> ProviderRefund:
        """Say what the processor's books have of an operation."""
        return ProviderRefund(
            external_id=str(operation.external_id),
            status=status,
            amount_minor=operation.amount_minor,
            currency=operation.currency,
            payment_external_id=payment_behind(operation).external_id,
            failure_reason="lost_or_stolen_card",
            metadata={"operation_id": str(operation.pk)},
            created_at=self.at,
        )

    def elsewhere(self, payment: Payment, minor: int) -> GovernedAction:
        """Let somebody refund in the processor's dashboard."""
        refund = ProviderRefund(
            external_id=f"re_elsewhere_{next(_numbers)}",
            status=RefundStatus.SUCCEEDED,
            amount_minor=minor,
            currency=payment.currency,
            payment_external_id=payment.external_id,
            failure_reason="",
            metadata={},
            created_at=self.tick(),
        )
        found = observe_refund(gateway="stripe", refund=refund, at=self.at)
        assert found is not None
        return found

    def taken_back(self, action: GovernedAction) -> None:
        """Let what left elsewhere come back."""
        note_return(action_id=action.pk, failure="canceled", at=self.tick())

    def explained(self, action: GovernedAction, code: str = "dashboard") -> None:
        """Say why it left."""
        explain(reference=action.reference, code=code, note=WHY, actor=settle("lena"), at=self.tick())

    def lost(self, payment: Payment, minor: int, *, status: DisputeStatus = DisputeStatus.LOST) -> None:
        """Let the customer's bank take money."""
        told = ProviderDispute(
            external_id=f"dp_{next(_numbers)}",
            kind=DisputeKind.CHARGEBACK,
            status=status,
            reason="product_not_received",
            amount_minor=minor,
            currency=payment.currency,
            payment_external_ids=(payment.external_id,),
            due_at=None,
            is_charge_refundable=False,
            opened_at=self.at,
        )
        record_dispute(gateway="stripe", told=told, asked_at=self.at, at=self.tick())
