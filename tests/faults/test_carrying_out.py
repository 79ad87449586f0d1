"""An allowed action is carried out exactly once, whatever befalls the call; what else leaves is ungoverned."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from approvals.models import FreezeSwitch
from approvals.vocabulary import Category, Verdict
from config.kernel.outbox import drain
from config.kernel.refusals import NotPermitted, OutOfDate
from evidence.ledger import timeline_of
from policies.actions.deciding import decide
from policies.models import GovernedAction
from policies.vocabulary import ActionState
from refunds.actions.executing import carry_out, sweep_actions
from refunds.actions.resolving import confirm_nothing_moved, look_again
from refunds.actions.sweeping import sweep_movements
from refunds.gateways.base import KeyRefused
from refunds.models import ActionExecution, Delivery
from refunds.processing import line
from refunds.vocabulary import DeliveryState, OperationState
from tests.harness.known import payment_behind
from tests.harness.races import in_the_same_instant
from tests.harness.world import NOON
from tests.policies.actions.desk import asked, gate, let_sign

if TYPE_CHECKING:
    from config.kernel.people import User

    from .conftest import Stage

SURE = ["", "drop_webhook", "double_webhook"]
UNSURE = ["reset_before", "reset_after", "hang", "500_done", "429", "409"]
HOUR = timedelta(hours=1)


def stored(action: GovernedAction) -> GovernedAction:
    """Read it anew."""
    return GovernedAction.objects.get(pk=action.pk)


def payouts(stage: Stage) -> list[Any]:
    """List the payouts the sandbox knows."""
    return [one.to_dict() for one in stage.gateway._client.v1.payouts.list({"limit": 100}).auto_paging_iter()]


@pytest.fixture
def allowed(stage: Stage, bot: User) -> GovernedAction:
    """Have a payout allowed that we are to carry out."""
    gate(stage.world)
    return asked(stage.world, by=bot, is_to_be_executed=True)


class TestAPayout:
    def test_is_carried_out_once_it_is_allowed(self, stage: Stage, allowed: GovernedAction) -> None:
        assert carry_out(action_id=allowed.pk, at=NOON)

        (payout,) = payouts(stage)
        action = stored(allowed)
        assert (action.state, action.external_id) == (ActionState.DONE, payout["id"])
        assert (payout["amount"], payout["currency"]) == (1_200_00, "usd")
        assert payout["metadata"] == {"governed_action": str(action.pk), "reference": action.reference}
        assert [entry.kind for entry in timeline_of(action.subject)][-2:] == [
            "governed_action.started",
            "governed_action.done",
        ]

    def test_is_carried_out_by_the_news_alone(self, stage: Stage, allowed: GovernedAction) -> None:
        drain()

        assert stored(allowed).state == ActionState.DONE

    @pytest.mark.parametrize("fault", [*SURE, *UNSURE])
    def test_leaves_once_under_every_fault(self, stage: Stage, allowed: GovernedAction, fault: str) -> None:
        if fault:
            stage.sandbox.arm(fault)

        for hour in range(4):
            sweep_actions(at=NOON + hour * HOUR)

        assert len(payouts(stage)) == 1
        assert stored(allowed).state == ActionState.DONE
        assert ActionExecution.objects.get().state == OperationState.SUCCEEDED

    def test_leaves_once_although_the_worker_died_after_the_call(self, stage: Stage, allowed: GovernedAction) -> None:
        carry_out(action_id=allowed.pk, at=NOON)
        ActionExecution.objects.update(state=OperationState.SENDING, lease_until=NOON + timedelta(seconds=60))
        GovernedAction.objects.filter(pk=allowed.pk).update(state="executing", external_id="")

        assert not carry_out(action_id=allowed.pk, at=NOON + timedelta(seconds=59))
        assert carry_out(action_id=allowed.pk, at=NOON + timedelta(seconds=61))

        assert len(payouts(stage)) == 1
        assert stored(allowed).state == ActionState.DONE

    def test_is_given_to_a_person_when_the_key_is_too_old(self, stage: Stage, allowed: GovernedAction) -> None:
        stage.sandbox.arm("reset_before")
        carry_out(action_id=allowed.pk, at=NOON)

        carry_out(action_id=allowed.pk, at=NOON + timedelta(hours=24))

        assert payouts(stage) == []
        assert ActionExecution.objects.get().state == OperationState.NEEDS_PERSON

    def test_is_given_to_a_person_when_the_processor_repeats_its_failure(
        self, stage: Stage, allowed: GovernedAction
    ) -> None:
        """A key that once heard 500 hears it for ever, although nothing was done."""
        stage.sandbox.arm("500_not_done")

        for hour in range(0, 48, 8):
            sweep_actions(at=NOON + hour * HOUR)

        assert payouts(stage) == []
        assert ActionExecution.objects.get().state == OperationState.NEEDS_PERSON

    def test_waits_while_the_line_is_stopped(
        self, stage: Stage, allowed: GovernedAction, lena: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(stage.gateway, "carry_out", lambda _instruction: KeyRefused("Invalid API key."))
            assert carry_out(action_id=allowed.pk, at=NOON)
        assert not carry_out(action_id=allowed.pk, at=NOON + HOUR)
        assert ActionExecution.objects.get().state == OperationState.READY

        line.try_again(gateway="stripe", actor=lena, at=NOON + HOUR)
        assert carry_out(action_id=allowed.pk, at=NOON + HOUR)

        assert len(payouts(stage)) == 1
        assert stored(allowed).state == ActionState.DONE

    def test_waits_while_it_is_frozen(self, stage: Stage, allowed: GovernedAction, root: User) -> None:
        switch = FreezeSwitch.objects.create(scope="category", category="payout", why="Odd.", set_by=root, set_at=NOON)
        sweep_actions(at=NOON)
        assert (payouts(stage), stored(allowed).state) == ([], ActionState.ALLOWED)

        FreezeSwitch.objects.filter(pk=switch.pk).update(lifted_by=root, lifted_at=NOON)
        sweep_actions(at=NOON)

        assert stored(allowed).state == ActionState.DONE

    def test_that_comes_back_is_failed(self, stage: Stage, allowed: GovernedAction) -> None:
        carry_out(action_id=allowed.pk, at=NOON)
        named = stored(allowed).external_id
        stage.sandbox.ask("POST", f"/_sandbox/payouts/{named}/fail", {})

        stage.deliver("payout.failed", named, "evt_1")

        assert (stored(allowed).state, stored(allowed).failure) == (ActionState.FAILED, "account_closed")

    def test_is_not_carried_out_before_people_signed(self, stage: Stage, bot: User, viktor: User) -> None:
        gate(stage.world)
        let_sign(viktor)
        waiting = asked(stage.world, 3_000_00, by=bot, is_to_be_executed=True)
        assert not carry_out(action_id=waiting.pk, at=NOON)

        decide(reference=waiting.reference, verdict=Verdict.APPROVE, rationale="", actor=viktor, at=NOON)
        sweep_actions(at=NOON)

        assert [payout["amount"] for payout in payouts(stage)] == [3_000_00]


class TestAPersonWhoKnowsMore:
    @pytest.fixture
    def stuck(self, stage: Stage, allowed: GovernedAction) -> GovernedAction:
        """Have a payout nobody knows the outcome of."""
        stage.sandbox.arm("reset_before")
        carry_out(action_id=allowed.pk, at=NOON)
        carry_out(action_id=allowed.pk, at=NOON + 24 * HOUR)
        return stored(allowed)

    def test_ends_what_did_not_move(self, stuck: GovernedAction, lena: User) -> None:
        confirm_nothing_moved(reference=stuck.reference, actor=lena, at=NOON + 25 * HOUR)

        assert (stored(stuck).state, stored(stuck).failure) == (ActionState.FAILED, "nothing moved")
        assert "governed_action.given_up" in {entry.kind for entry in timeline_of(stuck.subject)}

    def test_has_it_looked_up_and_never_sent_again(self, stage: Stage, stuck: GovernedAction, lena: User) -> None:
        look_again(reference=stuck.reference, actor=lena, at=NOON + 25 * HOUR)
        sweep_actions(at=NOON + 25 * HOUR)

        assert payouts(stage) == []
        assert ActionExecution.objects.get().state == OperationState.NEEDS_PERSON

    def test_is_offered_both_on_its_page(self, stuck: GovernedAction, lena: User) -> None:
        client = Client()
        client.force_login(lena)

        page = client.get(stuck.get_absolute_url()).content.decode()
        answer = client.post(f"/actions/{stuck.reference}/nothing-moved/")

        assert "Nobody knows whether this left." in page
        assert (answer.status_code, stored(stuck).state) == (302, ActionState.FAILED)

    def test_is_somebody_else_and_finance(self, stuck: GovernedAction, sam: User, viktor: User) -> None:
        for person in (sam, viktor):
            with pytest.raises(NotPermitted):
                confirm_nothing_moved(reference=stuck.reference, actor=person, at=NOON)

    def test_hears_when_nothing_waits(self, allowed: GovernedAction, lena: User) -> None:
        with pytest.raises(OutOfDate):
            look_again(reference=allowed.reference, actor=lena, at=NOON)


class TestTheOthers:
    def transferred(self, stage: Stage) -> str:
        made = stage.gateway._client.v1.transfers.create(
            {"amount": 500_00, "currency": "usd", "destination": "acct_1"}, {"idempotency_key": "a transfer"}
        )
        return str(made.id)

    def done(self, stage: Stage, bot: User, **wish: Any) -> GovernedAction:
        gate(stage.world)
        action = asked(stage.world, 100_00, by=bot, is_to_be_executed=True, **wish)
        sweep_actions(at=NOON)
        return stored(action)

    def test_are_a_transfer(self, stage: Stage, bot: User) -> None:
        action = self.done(stage, bot, category=Category.TRANSFER, destination="acct_1")

        made = stage.gateway._client.v1.transfers.retrieve(action.external_id).to_dict()
        assert (action.state, made["amount"], made["destination"]) == (ActionState.DONE, 100_00, "acct_1")

    def test_are_a_reversal(self, stage: Stage, bot: User) -> None:
        transfer = self.transferred(stage)

        action = self.done(stage, bot, category=Category.TRANSFER_REVERSAL, about=transfer)

        made = stage.gateway._client.v1.transfers.retrieve(transfer).to_dict()
        assert (action.state, made["amount_reversed"]) == (ActionState.DONE, 100_00)

    def test_are_a_refund_of_a_fee(self, stage: Stage, bot: User) -> None:
        fee = stage.sandbox.ask("POST", "/_sandbox/application_fees", {"amount": 150_00, "currency": "usd"})["id"]

        action = self.done(stage, bot, category=Category.APPLICATION_FEE_REFUND, about=fee)

        made = stage.gateway._client.v1.application_fees.retrieve(fee).to_dict()
        assert (action.state, made["amount_refunded"]) == (ActionState.DONE, 100_00)

    @pytest.mark.parametrize("fault", [*SURE, *UNSURE])
    def test_are_a_credit_that_is_looked_up_because_no_event_tells_of_it(
        self, stage: Stage, bot: User, fault: str
    ) -> None:
        gate(stage.world)
        action = asked(
            stage.world, 10_00, by=bot, is_to_be_executed=True, category=Category.GOODWILL_CREDIT, about="cus_1"
        )
        if fault:
            stage.sandbox.arm(fault)

        for hour in range(4):
            sweep_actions(at=NOON + hour * HOUR)

        (credit,) = stage.sandbox.books()["credits"]
        assert (credit["id"], credit["amount"], credit["ending_balance"]) == (
            stored(action).external_id,
            -10_00,
            -10_00,
        )
        assert stored(action).state == ActionState.DONE

    def test_are_an_accepted_dispute(self, stage: Stage, bot: User) -> None:
        operation = stage.approved()
        named = payment_behind(operation).external_id
        dispute = stage.sandbox.ask("POST", f"/_sandbox/payments/{named}/dispute", {})["id"]

        action = self.done(stage, bot, category=Category.DISPUTE, about=dispute)

        assert (action.state, action.external_id) == (ActionState.DONE, dispute)
        assert stage.gateway._client.v1.disputes.retrieve(dispute).status == "lost"

    def test_are_a_dispute_whoever_accepts_it(self, stage: Stage, bot: User) -> None:
        """Asked about first, accepted at the processor by somebody: no bypass, and the record says so."""
        gate(stage.world)
        operation = stage.approved()
        named = payment_behind(operation).external_id
        dispute = stage.sandbox.ask("POST", f"/_sandbox/payments/{named}/dispute", {})["id"]
        action = asked(stage.world, 100_00, by=bot, category=Category.DISPUTE, about=dispute)
        stage.sandbox.ask("POST", f"/_sandbox/disputes/{dispute}/close", {"status": "lost"})

        stage.deliver("charge.dispute.closed", dispute, "evt_1")

        assert (stored(action).state, stored(action).external_id) == (ActionState.DONE, dispute)
        assert GovernedAction.objects.count() == 1

    def test_fail_in_plain_sight_when_the_processor_refuses(self, stage: Stage, bot: User) -> None:
        action = self.done(stage, bot, category=Category.TRANSFER_REVERSAL, about="tr_nobody")

        assert (action.state, action.failure) == (ActionState.FAILED, "resource_missing")


class TestWhatLeavesWithoutUs:
    def test_is_ungoverned_by_webhook_once(self, stage: Stage) -> None:
        named = TestTheOthers().transferred(stage)
        stage.gateway._client.v1.transfers.reversals.create(named, {"amount": 1_00}, {"idempotency_key": "back"})

        stage.deliver("transfer.created", named, "evt_1")
        stage.deliver("transfer.reversed", named, "evt_2")

        seen = GovernedAction.objects.order_by("category").values_list("category", "is_ungoverned", "amount_minor")
        assert list(seen) == [("transfer", True, 500_00), ("transfer_reversal", True, 1_00)]
        assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.APPLIED}

    def test_is_found_without_a_webhook(self, stage: Stage) -> None:
        named = TestTheOthers().transferred(stage)

        assert sweep_movements(gateway="stripe", at=timezone.now()) == 1
        assert sweep_movements(gateway="stripe", at=timezone.now()) == 1

        assert GovernedAction.objects.get().external_id == named

    def test_is_not_what_we_carried_out(self, stage: Stage, allowed: GovernedAction) -> None:
        """The webhook may even come before our own record."""
        carry_out(action_id=allowed.pk, at=NOON)
        named = stored(allowed).external_id
        ActionExecution.objects.update(state=OperationState.SENDING)
        GovernedAction.objects.filter(pk=allowed.pk).update(state="executing", external_id="")

        stage.deliver("payout.created", named, "evt_1")
        sweep_movements(gateway="stripe", at=timezone.now())

        assert (GovernedAction.objects.get().state, stored(allowed).external_id) == (ActionState.DONE, named)


@pytest.mark.django_db(transaction=True)
class TestEightWorkers:
    def test_in_the_same_instant_send_once(self, stage: Stage, bot: User) -> None:
        gate(stage.world)
        action = asked(stage.world, by=bot, is_to_be_executed=True)

        results = in_the_same_instant(*[lambda: carry_out(action_id=action.pk, at=NOON)] * 8)

        assert sorted(map(str, results)) == ["False"] * 7 + ["True"]
        assert len(payouts(stage)) == 1


class TestTheDatabase:
    def test_takes_no_execution_nobody_allowed(self, stage: Stage, bot: User) -> None:
        gate(stage.world)
        for action in (
            asked(stage.world, 60_000_00, by=bot, is_to_be_executed=True),
            asked(stage.world, 3_000_00, by=bot, is_to_be_executed=True),
            asked(stage.world, 1_00, by=bot),
        ):
            with pytest.raises(IntegrityError, match="Nobody allowed us"), transaction.atomic():
                ActionExecution.objects.create(
                    action=action, idempotency_key=str(action.pk), next_try_at=NOON, created_at=NOON
                )
