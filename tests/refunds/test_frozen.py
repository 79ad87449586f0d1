"""Every verb under every freeze: what moves money stops, what does not goes on, and what was stopped is kept."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from approvals.delegation_rules import Offer
from approvals.freezing import Frozen
from approvals.models import ApprovalRoute, ApprovalStep, FreezeStop, FreezeSwitch
from approvals.services.delegating import accept_delegation, offer_delegation
from approvals.services.freezes import Target, lift_freeze, set_freeze
from approvals.vocabulary import Verdict
from refunds import drafting, workflow
from refunds.gateways.base import Accepted, ProviderRefund, RefundStatus, Unknown
from refunds.gateways.registry import standing_in
from refunds.models import Operation, RefundRequest
from refunds.processing.performing import due_operations, perform_operation
from refunds.processing.sweeping import sweep_operations
from refunds.vocabulary import OperationState, State
from tests.harness.known import payment_behind
from tests.harness.people import fresh, settle
from tests.harness.stillness import refused
from tests.harness.world import NOON, World, as_stored

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.kernel.people import User
    from refunds.gateways.base import Outcome, RefundInstruction

pytestmark = pytest.mark.django_db

WHY = "A wave of odd refunds; we look first."
SCOPES = ("agent", "team", "category", "everything")
LATER = timedelta(hours=2)


def freeze(world: World, scope: str, *, agent: str = "amir", team: str = "uk-retail") -> FreezeSwitch:
    targets = {
        "agent": Target(scope="agent", agent=settle(agent)),
        "team": Target(scope="team", team=world.team(team)),
        "category": Target(scope="category", category="refund"),
        "everything": Target(scope="everything"),
    }
    return set_freeze(target=targets[scope], why=WHY, actor=settle("lena"), at=NOON)


def lend(lender: User, holder: User) -> None:
    offer = Offer(lent_to=holder, from_at=NOON, until_at=NOON + LATER)
    offered = offer_delegation(offer=offer, actor=lender, at=NOON)
    accept_delegation(delegation_id=offered.pk, actor=holder, at=NOON)


def lift(switch: FreezeSwitch) -> None:
    lift_freeze(switch_id=switch.pk, why="We looked; it was a promotion.", actor=settle("lena"), at=NOON)


def stops() -> list[tuple[str, str, int, str]]:
    return list(FreezeStop.objects.order_by("verb").values_list("reference", "verb", "amount_minor", "currency"))


class Teller:
    """A gateway that answers what it was told to, and remembers what it was asked."""

    name = "stripe"

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.looked: list[str] = []
        self.found: list[ProviderRefund] = []
        self.answer: Outcome = Accepted(external_id="re_1", status=RefundStatus.SUCCEEDED)

    def refund(self, instruction: RefundInstruction) -> Outcome:
        self.sent.append(instruction.operation_id)
        return self.answer

    def find(self, instruction: RefundInstruction) -> list[ProviderRefund]:
        self.looked.append(instruction.operation_id)
        return self.found


@pytest.fixture
def teller() -> Iterator[Teller]:
    one = Teller()
    with standing_in("stripe", one):  # type: ignore[arg-type]  # only what is called here
        yield one


@pytest.mark.parametrize("scope", SCOPES)
class TestUnderAFreeze:
    def test_nothing_is_filed_nor_approved_automatically(self, world: World, amir: User, scope: str) -> None:
        order = world.order(unit_minor=10_00)
        freeze(world, scope)

        with refused(Frozen, "frozen"):
            world.filed(order, by=fresh(amir))

        assert not RefundRequest.objects.exists()
        assert stops() == [(order.external_id, "file", 10_00, "GBP")]

    def test_no_draft_is_submitted_and_the_draft_stays(self, world: World, amir: User, scope: str) -> None:
        draft = drafting.save_draft(draft=world.draft_of(world.order()), reference="", actor=amir, at=NOON)
        freeze(world, scope)

        with refused(Frozen, "frozen"):
            workflow.submit(reference=draft.reference, actor=fresh(amir), at=NOON)

        assert as_stored(draft).state == State.INTAKE
        assert stops() == [(draft.reference, "submit", 25_00, "GBP")]

    def test_no_answer_is_submitted(self, world: World, amir: User, dana: User, scope: str) -> None:
        waiting = world.waiting(by=amir)
        workflow.ask(reference=waiting.reference, question="Where is the parcel?", actor=dana, at=NOON)
        freeze(world, scope)

        with refused(Frozen, "frozen"):
            workflow.submit(reference=waiting.reference, answer="It is here.", actor=fresh(amir), at=NOON)

    def test_no_exception_is_granted(self, world: World, amir: User, mei: User, scope: str) -> None:
        late = world.filed(world.order(unit_minor=10_00, days_ago=60), by=amir)
        freeze(world, scope)

        with refused(Frozen, "frozen"):
            workflow.grant_exception(
                reference=late.reference, code="WINDOW_EXPIRED", rationale=WHY, actor=fresh(mei), at=NOON
            )
        assert stops() == [(late.reference, "grant_exception", 10_00, "GBP")]

    def test_nobody_approves(self, world: World, amir: User, dana: User, scope: str) -> None:
        waiting = world.waiting(by=amir)
        freeze(world, scope)

        for _ in range(2):
            with refused(Frozen, "frozen"):
                workflow.decide(
                    reference=waiting.reference, verdict=Verdict.APPROVE, rationale="", actor=fresh(dana), at=NOON
                )

        assert stops() == [(waiting.reference, "approve", 100_00, "GBP")]
        assert FreezeStop.objects.get().actor == dana

    def test_people_still_decline_ask_withdraw_and_hold(self, world: World, amir: User, dana: User, scope: str) -> None:
        declined, asked, withdrawn, held = (world.waiting(by=amir) for _ in range(4))
        freeze(world, scope)

        workflow.decide(reference=declined.reference, verdict=Verdict.DECLINE, rationale=WHY, actor=dana, at=NOON)
        workflow.ask(reference=asked.reference, question=WHY, actor=dana, at=NOON)
        workflow.withdraw(reference=withdrawn.reference, note="", actor=amir, at=NOON)
        workflow.hold(reference=held.reference, note="", actor=dana, at=NOON)

        states = [as_stored(one).state for one in (declined, asked, withdrawn, held)]
        assert states == [State.DECLINED, State.NEEDS_INFO, State.WITHDRAWN, State.ON_HOLD]
        assert stops() == []

    def test_queued_money_waits_and_goes_on_by_itself(
        self, world: World, amir: User, dana: User, teller: Teller, scope: str
    ) -> None:
        operation = Operation.objects.get(refund_request=world.approved(by=amir, approver=dana))
        switch = freeze(world, scope)

        for _ in range(2):
            assert perform_operation(operation_id=operation.pk, at=NOON + LATER) is False
            assert operation.pk not in due_operations(NOON + LATER)
        assert (teller.sent, teller.looked) == ([], [])
        assert as_stored(operation.refund_request).state == State.APPROVED
        assert stops() == [(operation.refund_request.reference, "start_processing", 100_00, "GBP")]

        lift(switch)
        sweep_operations(at=NOON + LATER)
        assert teller.sent == [str(operation.pk)]
        assert as_stored(operation.refund_request).state == State.REFUNDED


class TestAnotherScope:
    def test_is_not_stopped(self, world: World, amir: User, dana: User, teller: Teller) -> None:
        freeze(world, "agent", agent="asha")
        freeze(world, "team", team="us-dtc")
        set_freeze(target=Target(scope="category", category="payout"), why=WHY, actor=settle("lena"), at=NOON)

        approved = world.approved(by=amir, approver=dana)
        sweep_operations(at=NOON + LATER)

        assert as_stored(approved).state == State.REFUNDED
        assert stops() == []


class TestAFrozenPerson:
    def test_neither_signs_nor_submits_for_a_colleague(self, world: World, amir: User, dana: User) -> None:
        waiting = world.waiting(by=amir)
        draft = drafting.save_draft(draft=world.draft_of(world.order()), reference="", actor=amir, at=NOON)
        freeze(world, "agent", agent="dana")

        with refused(Frozen, "frozen"):
            workflow.decide(
                reference=waiting.reference, verdict=Verdict.APPROVE, rationale="", actor=fresh(dana), at=NOON
            )
        with refused(Frozen, "frozen"):
            workflow.submit(reference=draft.reference, actor=fresh(dana), at=NOON)

    def test_holds_back_the_money_she_approved_before(
        self, world: World, amir: User, dana: User, teller: Teller
    ) -> None:
        operation = Operation.objects.get(refund_request=world.approved(by=amir, approver=dana))
        freeze(world, "agent", agent="dana")

        assert perform_operation(operation_id=operation.pk, at=NOON + LATER) is False
        assert operation.pk not in due_operations(NOON + LATER)
        assert teller.sent == []

    def test_holds_back_the_money_that_was_signed_for_in_her_name(self, world: World, amir: User, viktor: User) -> None:
        lend(viktor, settle("dana"))
        waiting = world.waiting(by=amir)
        ApprovalStep.objects.filter(route__reference=waiting.reference).update(role="manager")
        ApprovalRoute.objects.filter(reference=waiting.reference).update(open_roles=["manager"])
        dana = fresh(settle("dana"))
        workflow.decide(reference=waiting.reference, verdict=Verdict.APPROVE, rationale="", actor=dana, at=NOON)
        operation = Operation.objects.get(refund_request=waiting)
        freeze(world, "agent", agent="viktor")

        assert perform_operation(operation_id=operation.pk, at=NOON + LATER) is False
        assert operation.pk not in due_operations(NOON + LATER)


class TestAFrozenReviewer:
    def test_holds_up_what_she_granted(self, world: World, amir: User, mei: User, dana: User) -> None:
        late = world.filed(world.order(unit_minor=10_00, days_ago=40), by=amir)
        workflow.grant_exception(
            reference=late.reference, code="WINDOW_EXPIRED", rationale=WHY, actor=fresh(mei), at=NOON
        )
        freeze(world, "agent", agent="mei")

        with refused(Frozen, "frozen"):
            workflow.decide(
                reference=late.reference, verdict=Verdict.APPROVE, rationale=WHY, actor=fresh(dana), at=NOON
            )


class TestWhoMayNotApprove:
    def test_hears_that_first_and_leaves_no_stop(self, world: World, amir: User, viktor: User) -> None:
        waiting = world.waiting(by=amir)
        freeze(world, "everything")

        with pytest.raises(Exception, match="Approve needs the right"):
            workflow.decide(reference=waiting.reference, verdict=Verdict.APPROVE, rationale="", actor=amir, at=NOON)
        assert stops() == []


class TestTheSweep:
    def test_puts_what_is_held_back_on_the_account_of_each_switch(
        self, world: World, amir: User, dana: User, teller: Teller
    ) -> None:
        approved = [world.approved(by=amir, approver=dana, pounds=pounds) for pounds in (100, 200)]
        switches = [freeze(world, "team"), freeze(world, "everything")]

        for _ in range(2):
            sweep_operations(at=NOON + LATER)

        held = {(one.reference, pounds * 100) for one, pounds in zip(approved, (100, 200), strict=True)}
        for switch in switches:
            assert set(switch.stops.values_list("reference", "amount_minor")) == held
        assert teller.sent == []

    def test_is_not_kept_from_others_by_a_heap_of_frozen_ones(
        self, world: World, amir: User, dana: User, teller: Teller, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world.approved(by=amir, approver=dana)
        freeze(world, "agent", agent="amir")
        free = world.approved(by=settle("zeus"), approver=dana)

        sweep_operations(at=NOON + LATER)

        assert as_stored(free).state == State.REFUNDED


class TestMoneyThatWasSentBefore:
    def test_is_looked_up_and_never_sent_again_while_frozen(
        self, world: World, amir: User, dana: User, teller: Teller
    ) -> None:
        operation = Operation.objects.get(refund_request=world.approved(by=amir, approver=dana))
        teller.answer = Unknown(why="timed out")
        perform_operation(operation_id=operation.pk, at=NOON)
        freeze(world, "everything")
        teller.found = [
            ProviderRefund(
                external_id="re_9",
                status=RefundStatus.SUCCEEDED,
                amount_minor=operation.amount_minor,
                currency="GBP",
                created_at=NOON,
                payment_external_id=payment_behind(operation).external_id,
            )
        ]

        assert perform_operation(operation_id=operation.pk, at=NOON + LATER) is True

        operation.refresh_from_db()
        assert (len(teller.sent), len(teller.looked)) == (1, 1)
        assert (operation.state, operation.external_id) == (OperationState.SUCCEEDED, "re_9")
        assert stops() == []

    def test_stays_unknown_no_longer_than_the_freeze_when_nothing_is_found(
        self, world: World, amir: User, dana: User, teller: Teller
    ) -> None:
        operation = Operation.objects.get(refund_request=world.approved(by=amir, approver=dana))
        teller.answer = Unknown(why="timed out")
        perform_operation(operation_id=operation.pk, at=NOON)
        switch = freeze(world, "everything")

        perform_operation(operation_id=operation.pk, at=NOON + LATER)
        operation.refresh_from_db()
        assert (operation.state, operation.is_look_up_only) == (OperationState.UNKNOWN, False)

        lift(switch)
        teller.answer = Accepted(external_id="re_1", status=RefundStatus.SUCCEEDED)
        perform_operation(operation_id=operation.pk, at=NOON + 2 * LATER)
        operation.refresh_from_db()
        assert operation.state == OperationState.SUCCEEDED
        assert teller.sent == [str(operation.pk)] * 2


class TestWhatIsAskedLast:
    def test_is_what_may_hold_the_counts_of_a_customer(self, world: World, amir: User, dana: User) -> None:
        """Whoever submits holds freezes first and counts second; the other way round they would wait in a ring."""
        waiting = world.waiting(by=amir)
        freeze(world, "everything")
        asked: list[RefundRequest] = []

        with refused(Frozen, "frozen"):
            workflow.decide(
                reference=waiting.reference,
                verdict=Verdict.APPROVE,
                rationale="",
                actor=dana,
                at=NOON,
                only_if=asked.append,
            )
        assert asked == []
