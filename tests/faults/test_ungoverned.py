"""Refunds made without us: left alone while young, then ungoverned, once, with or without a webhook."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.utils import timezone

from policies.models import GovernedAction
from policies.vocabulary import ActionState
from refunds.actions.sweeping import sweep_refunds
from refunds.gateways.registry import standing_in
from refunds.gateways.sandbox_client import SandboxGateway
from refunds.models import Delivery, Operation, SweepMark
from refunds.vocabulary import DeliveryState, OperationState, State
from refunds.webhooks import inbox
from tests.harness.known import payment_behind

from .conftest import Stage, fresh, request_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.harness.world import World


def by_hand(stage: Stage, operation: Operation, amount: int = 1_00, **more: str) -> str:
    """Refund at the processor without us; answers the id."""
    made = stage.gateway._client.v1.refunds.create(
        {"payment_intent": payment_behind(operation).external_id, "amount": amount, "metadata": more},
        {"idempotency_key": f"by hand {amount}"},
    )
    return str(made.id)


@pytest.fixture
def later() -> Iterator[None]:
    """Look ten minutes from now, when nothing is young any more."""
    with time_machine.travel(timezone.now() + timedelta(minutes=10), tick=True):
        yield


class TestARefundByHand:
    def test_is_left_alone_while_it_is_young(self, stage: Stage) -> None:
        named = by_hand(stage, stage.approved())

        stage.deliver("refund.created", named, "evt_1")
        sweep_refunds(gateway="stripe", at=timezone.now())

        assert Delivery.objects.get().state == DeliveryState.PARKED
        assert not GovernedAction.objects.exists()

    def test_becomes_ungoverned_by_webhook(self, stage: Stage, later: None) -> None:
        operation = stage.approved()
        named = by_hand(stage, operation)

        stage.deliver("refund.created", named, "evt_1")

        action = GovernedAction.objects.get()
        assert (action.state, action.external_id, action.amount_minor) == (ActionState.OBSERVED, named, 1_00)
        assert (action.team, action.about) == (operation.refund_request.team, payment_behind(operation).external_id)
        assert Delivery.objects.get().state == DeliveryState.APPLIED
        assert fresh(operation).state == OperationState.READY

    def test_parked_once_becomes_ungoverned_when_it_is_looked_at_again(self, stage: Stage) -> None:
        named = by_hand(stage, stage.approved())
        stage.deliver("refund.created", named, "evt_1")

        with time_machine.travel(timezone.now() + timedelta(minutes=6)):
            inbox.sweep_deliveries(at=timezone.now())

        assert GovernedAction.objects.get().external_id == named

    def test_is_found_without_any_webhook(self, stage: Stage, later: None) -> None:
        named = by_hand(stage, stage.approved())

        found = sweep_refunds(gateway="stripe", at=timezone.now())

        assert (found, GovernedAction.objects.get().external_id) == (1, named)

    def test_is_recorded_once_however_often_it_is_seen(self, stage: Stage, later: None) -> None:
        named = by_hand(stage, stage.approved())

        stage.deliver("refund.created", named, "evt_1")
        stage.deliver("refund.updated", named, "evt_2")
        again = [sweep_refunds(gateway="stripe", at=timezone.now()) for _ in range(2)]

        assert again == [0, 0]
        assert GovernedAction.objects.count() == 1

    def test_that_came_back_is_none(self, stage: Stage, later: None) -> None:
        named = by_hand(stage, stage.approved())
        stage.sandbox.ask("POST", f"/_sandbox/refunds/{named}/fail", {})

        stage.deliver("refund.failed", named, "evt_1")

        assert Delivery.objects.get().state == DeliveryState.IGNORED
        assert not GovernedAction.objects.exists()

    def test_of_a_charge_nobody_knows_is_put_before_the_team_of_its_currency(
        self, stage: Stage, world: World, later: None
    ) -> None:
        operation = stage.approved()
        named = by_hand(stage, operation)
        type(payment_behind(operation)).objects.filter(pk=payment_behind(operation).pk).update(external_id="pi_other")

        stage.deliver("refund.created", named, "evt_1")

        assert GovernedAction.objects.get().team == world.team("uk-retail")


class TestARefundOfOurs:
    def test_is_never_ungoverned_although_its_answer_was_lost(self, stage: Stage, later: None) -> None:
        """The processor has it, our record does not: its metadata says whose it is."""
        operation = stage.approved()
        named = by_hand(stage, operation, 100_00, operation_id=str(operation.pk))
        Operation.objects.filter(pk=operation.pk).update(state=OperationState.UNKNOWN)
        type(operation.refund_request).objects.filter(pk=operation.refund_request_id).update(state=State.PROCESSING)

        sweep_refunds(gateway="stripe", at=timezone.now())

        assert (fresh(operation).state, fresh(operation).external_id) == (OperationState.SUCCEEDED, named)
        assert request_of(operation).state == State.REFUNDED
        assert not GovernedAction.objects.exists()


class TestTheMark:
    def test_moves_only_when_everything_was_seen(self, stage: Stage) -> None:
        at = timezone.now()
        sweep_refunds(gateway="stripe", at=at)
        assert SweepMark.objects.get().read_until == at

        away = SandboxGateway("sk_test_sandbox", ["whsec"], api_base="http://127.0.0.1:9", timeout_seconds=(0.1, 0.1))
        with standing_in("stripe", away):
            sweep_refunds(gateway="stripe", at=at + timedelta(minutes=15))

        assert SweepMark.objects.get().read_until == at
