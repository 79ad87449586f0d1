"""Splitting does not help: bands, evidence and signatures are asked about the sum."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from approvals.vocabulary import Verdict
from config.kernel.people import Team
from policies import publishing
from policies.engine.document import parse_document
from policies.models import PolicyDecision, PolicyVersion
from refunds import drafting, workflow
from refunds.facts import gather
from refunds.intake import AskedLine, Draft
from refunds.models import Payment, RefundRequest
from refunds.vocabulary import State
from tests.admin.desk import EXPLAINED
from tests.harness.people import settle
from tests.harness.world import NOON, World

if TYPE_CHECKING:
    from config.kernel.people import User
    from refunds.models import Order

pytestmark = pytest.mark.django_db

WHY = "The customer sent back only a part."


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def amir() -> User:
    return settle("amir")


def finding(request: RefundRequest, rule: str) -> dict[str, object]:
    assert request.decision is not None
    return next(one for one in request.decision.findings if one["rule"].startswith(rule))


def put_in_force(world: World, document: dict[str, Any]) -> None:
    root, mei = settle("root"), settle("mei")
    draft = publishing.draft_version(policy=world.policy().policy, document=document, actor=root, at=NOON, **EXPLAINED)
    publishing.send_to_review(version_id=draft.pk, actor=root, at=NOON)
    publishing.publish_version(version_id=draft.pk, actor=mei, at=NOON)


def decision_of(request: RefundRequest) -> PolicyDecision:
    assert request.decision is not None
    return request.decision


class TestSplittingOneCharge:
    def test_lets_the_first_parts_pass_and_sends_the_one_that_crosses_the_limit_to_a_person(
        self, world: World, amir: User
    ) -> None:
        order = world.order(unit_minor=20_00, quantity=1, line_count=3)
        parts = [self._filed_line(world, order, amir, line) for line in ("1", "2", "3")]
        assert [part.state for part in parts] == [State.APPROVED, State.APPROVED, State.AWAITING_APPROVAL]

    def test_names_the_sum_in_the_finding(self, world: World, amir: User) -> None:
        order = world.order(unit_minor=30_00, quantity=1, line_count=2)
        world.filed(order, by=amir)
        second = self._filed_line(world, order, amir, "2")
        said = finding(second, "thresholds")
        assert said["fact"] == 60_00
        assert said["sentence"] == (
            "Up to GBP 50.00 is automatic; this is GBP 30.00, with GBP 30.00 on the same purchase GBP 60.00."
        )
        assert decision_of(second).why_not_automatic == ["Up to GBP 20.00 would be automatic."]

    def test_is_not_helped_by_a_second_card(self, world: World, amir: User) -> None:
        order = world.order(unit_minor=40_00, quantity=1, line_count=2)
        first = Payment.objects.get(order=order)
        Payment.objects.filter(pk=first.pk).update(captured_minor=40_00)
        Payment.objects.create(
            order=order,
            gateway="stripe",
            external_id=f"{first.external_id}_second",
            currency=order.currency,
            captured_minor=40_00,
            captured_at=first.captured_at,
            method="card",
            last4="1881",
        )
        parts = [self._filed_line(world, order, amir, line) for line in ("1", "2")]
        assert parts[0].payment_id != parts[1].payment_id
        assert [part.state for part in parts] == [State.APPROVED, State.AWAITING_APPROVAL]

    def test_needs_the_evidence_of_the_whole(self, world: World, amir: User) -> None:
        order = world.order(unit_minor=70_00, quantity=1, line_count=2)
        assert world.filed(order, by=amir, reason="damaged").state == State.AWAITING_APPROVAL
        second = self._filed_line(world, order, amir, "2", reason="damaged")
        assert (second.state, second.evidence_missing) == (State.INTAKE, ["photo"])

    def test_needs_the_signatures_of_the_whole(self, world: World, amir: User) -> None:
        order = world.order(unit_minor=2_600_00, quantity=1, line_count=2)
        first = world.filed(order, by=amir)
        second = self._filed_line(world, order, amir, "2")
        assert first.state == State.AWAITING_APPROVAL
        assert second.state == State.BLOCKED

    def test_forgets_what_was_declined_and_withdrawn(self, world: World, amir: User) -> None:
        order = world.order(unit_minor=30_00, quantity=1, line_count=3)
        dana = settle("dana")
        world.filed(order, by=amir)
        declined = self._filed_line(world, order, amir, "2")
        workflow.decide(reference=declined.reference, verdict=Verdict.DECLINE, rationale=WHY, actor=dana, at=NOON)
        withdrawn = self._filed_line(world, order, amir, "2")
        workflow.withdraw(reference=withdrawn.reference, note="", actor=amir, at=NOON)
        third = self._filed_line(world, order, amir, "3")
        assert finding(third, "thresholds")["fact"] == 60_00

    @staticmethod
    def _filed_line(world: World, order: Order, by: User, line: str, *, reason: str = "changed_mind") -> RefundRequest:
        draft = world.draft_of(order, line=line, reason=reason)
        return workflow.file_request(draft=draft, actor=by, at=NOON)


class TestSplittingOverOrdersOfACustomer:
    def test_counts_what_she_asked_for_within_seven_days(self, world: World, amir: User) -> None:
        ada = world.customer()
        first = world.filed(world.order(unit_minor=40_00, customer=ada), by=amir)
        second = world.filed(world.order(unit_minor=40_00, customer=ada), by=amir)
        later = NOON + timedelta(days=8)
        third = world.filed(world.order(unit_minor=40_00, customer=ada, at=later), by=amir, at=later)
        assert [one.state for one in (first, second, third)] == [
            State.APPROVED,
            State.AWAITING_APPROVAL,
            State.APPROVED,
        ]
        said = finding(second, "thresholds")["sentence"]
        assert said == (
            "Up to GBP 50.00 is automatic;"
            " this is GBP 40.00, with GBP 40.00 of the same customer within 7 days GBP 80.00."
        )

    def test_leaves_other_customers_alone(self, world: World, amir: User) -> None:
        world.filed(world.order(unit_minor=40_00, customer=world.customer()), by=amir)
        other = world.filed(world.order(unit_minor=40_00, customer=world.customer()), by=amir)
        assert other.state == State.APPROVED

    def test_never_adds_two_currencies(self, world: World, amir: User) -> None:
        ada = world.customer()
        world.filed(world.order(unit_minor=40_00, customer=ada), by=amir)
        dollars = world.filed(world.order(team="us-dtc", unit_minor=150_00, customer=ada), by=amir)
        assert dollars.state == State.APPROVED
        recent = decision_of(dollars).facts["recent"]
        assert recent["customer.7"][:2] == [1, 0]

    def test_does_not_count_drafts(self, world: World, amir: User) -> None:
        ada = world.customer()
        order = world.order(unit_minor=40_00, customer=ada)
        world.filed(world.order(unit_minor=40_00, customer=ada), by=amir)
        draft = Draft(
            channel=order.channel,
            order=order.external_id,
            lines=[AskedLine(line="1", quantity=1, condition="unopened")],
        )
        with pytest.raises(Exception, match="Say why"):
            workflow.file_request(draft=draft, actor=amir, at=NOON)
        asked = decision_of(RefundRequest.objects.get())
        assert asked.facts["recent"]["customer.365"][:2] == [0, 0]


class TestSplittingOverTime:
    def test_counts_an_agents_drafts_when_they_are_submitted(self, world: World, amir: User) -> None:
        version = world.policy()
        document = {**version.document, "sums": {"same_charge": True, "customer_days": None, "agent_days": 1}}
        put_in_force(world, document)
        long_ago = NOON - timedelta(days=2)
        kept = [
            drafting.save_draft(
                draft=world.draft_of(world.order(unit_minor=40_00)), reference="", actor=amir, at=long_ago
            )
            for _ in range(3)
        ]

        filed = [workflow.submit(reference=draft.reference, actor=amir, at=NOON) for draft in kept]

        assert [one.state for one in filed] == [State.APPROVED, State.AWAITING_APPROVAL, State.AWAITING_APPROVAL]

    def test_does_not_let_a_late_answer_empty_the_window(self, world: World, amir: User) -> None:
        ada = world.customer()
        world.filed(world.order(unit_minor=40_00, customer=ada), by=amir)
        second = world.filed(world.order(unit_minor=40_00, customer=ada), by=amir)
        workflow.ask(reference=second.reference, question="What was wrong with it?", actor=settle("dana"), at=NOON)

        late = NOON + timedelta(days=8)
        answered = workflow.submit(reference=second.reference, actor=amir, at=late, answer="It was too small.")

        assert answered.state == State.AWAITING_APPROVAL
        assert finding(answered, "thresholds")["fact"] == 80_00

    def test_does_not_let_a_late_answer_make_a_stranger_a_regular(self, world: World, amir: User) -> None:
        ada = world.customer()
        request = world.filed(world.order(unit_minor=100_00, customer=ada), by=amir)
        before = decision_of(request).facts["customer_tenure_days"]
        workflow.ask(reference=request.reference, question="What was wrong with it?", actor=settle("dana"), at=NOON)

        late = NOON + timedelta(days=40)
        answered = workflow.submit(reference=request.reference, actor=amir, at=late, answer="It was too small.")

        assert decision_of(answered).facts["customer_tenure_days"] == before


class TestGather:
    def test_counts_what_the_agent_entered_only_when_the_policy_asks(self, world: World, amir: User) -> None:
        world.filed(world.order(), by=amir)
        request = world.filed(world.order(), by=amir)
        version = PolicyVersion.objects.get(policy__team=world.team(), state="published")
        silent = gather(request, parse_document(version.document), at=NOON)
        asking = {**version.document, "sums": {"same_charge": True, "customer_days": None, "agent_days": 1}}
        asked = gather(request, parse_document(asking), at=NOON)
        assert silent.recent_in("agent", 1) is None
        entered = asked.recent_in("agent", 1)
        assert entered is not None
        assert (entered.count, entered.minor) == (1, 25_00)

    def test_reads_the_clock_of_the_team(self, world: World, amir: User) -> None:
        Team.objects.filter(slug="us-dtc").update(time_zone="Pacific/Auckland")
        facts = decision_of(world.filed(world.order(team="us-dtc"), by=amir, at=NOON)).facts
        assert (facts["asked_weekday"], facts["asked_minute"], facts["asked_on"]) == (6, 60, "2026-11-21")

    def test_keeps_what_the_customer_bought_in_each_window(self, world: World, amir: User) -> None:
        ada = world.customer()
        world.order(unit_minor=10_00, quantity=1, days_ago=60, customer=ada)
        world.order(team="us-dtc", unit_minor=70_00, quantity=1, days_ago=1, customer=ada)
        request = world.filed(world.order(unit_minor=25_00, quantity=4, days_ago=8, customer=ada), by=amir)
        recent = decision_of(request).facts["recent"]
        assert [recent[f"customer.{days}"][2] for days in (1, 7, 30, 90, 365)] == [0, 0, 100_00, 110_00, 110_00]
        assert recent["charge.365"] == [0, 0, 100_00]
