"""From facts to what happens next: shadow routes, enforcement allows, routes, refers and blocks."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from approvals.models import ApprovalRoute
from approvals.vocabulary import RouteState, Verdict
from config.kernel.people import Team, assign_to_teams
from config.kernel.refusals import Refused
from evidence.attachments import attach
from evidence.ledger import timeline_of
from policies import publishing
from policies.models import PolicyDecision
from policies.vocabulary import Mode, Outcome
from refunds import workflow
from refunds.models import Operation, Order, Payment, RefundRequest
from refunds.vocabulary import State
from tests.evidence.builders import drawing, upload
from tests.harness.people import fresh
from tests.harness.world import NOON, World, as_stored

if TYPE_CHECKING:
    from config.kernel.people import User

pytestmark = pytest.mark.django_db


class TestAShadowPolicy:
    """It writes down what it would have said, and a person decides, whatever it would have said."""

    @pytest.mark.parametrize(
        ("unit_minor", "is_final", "would"),
        [
            (10_00, "", Outcome.ALLOW),
            (600_00, "", Outcome.REQUIRE_APPROVAL),
            (10_00, "final sale", Outcome.EXCEPTION),
            (30_000_00, "", Outcome.BLOCK),
        ],
    )
    def test_routes_whatever_it_would_have_said(
        self, world: World, amir: User, unit_minor: int, is_final: str, would: Outcome
    ) -> None:
        order = world.order(team="eu-saas", unit_minor=unit_minor, final_sale=is_final == "final sale")

        filed = world.filed(order, by=amir)

        assert filed.state == State.AWAITING_APPROVAL
        assert filed.decision is not None
        assert (filed.decision.mode, filed.decision.outcome) == (Mode.SHADOW, would)
        assert filed.route is not None
        assert filed.route.state == RouteState.OPEN
        assert filed.route.steps.count() >= 1
        assert not Operation.objects.exists()

    def test_wants_no_evidence_before_it_lets_a_person_decide(self, world: World, amir: User) -> None:
        filed = world.filed(world.order(team="eu-saas", unit_minor=300_00), by=amir, reason="damaged")

        assert filed.state == State.AWAITING_APPROVAL


class TestAnEnforcedPolicy:
    def test_approves_by_itself_what_is_within_it(self, world: World, amir: User) -> None:
        filed = world.filed(world.order(unit_minor=50_00), by=amir)

        assert filed.state == State.APPROVED
        assert (filed.approved_minor, filed.approved_by_id) == (50_00, None)
        assert Operation.objects.get(refund_request=filed).amount_minor == 50_00
        assert not ApprovalRoute.objects.exists()

    def test_asks_a_person_one_penny_later(self, world: World, amir: User) -> None:
        filed = world.filed(world.order(unit_minor=50_01), by=amir)

        assert filed.state == State.AWAITING_APPROVAL
        assert not Operation.objects.exists()

    def test_refers_what_is_a_day_too_late(self, world: World, amir: User) -> None:
        in_time = world.filed(world.order(unit_minor=10_00, days_ago=30), by=amir)
        late = world.filed(world.order(unit_minor=10_00, days_ago=31), by=amir)

        assert (in_time.state, late.state) == (State.APPROVED, State.EXCEPTION_REVIEW)
        assert not ApprovalRoute.objects.exists()

    def test_blocks_what_it_never_pays_and_gives_the_reserve_back(self, world: World, amir: User) -> None:
        order = world.order(unit_minor=5_000_01)

        filed = world.filed(order, by=amir)

        assert filed.state == State.BLOCKED
        assert Payment.objects.get(order=order).reserved_minor == 0
        assert order.lines.get().reserved_quantity == 0
        assert not Operation.objects.exists()

    def test_keeps_what_it_saw_and_said(self, world: World, amir: User) -> None:
        filed = world.filed(world.order(unit_minor=100_00), by=amir)

        kept = PolicyDecision.objects.get(subject_id=filed.pk)
        assert kept.version == world.policy()
        assert (kept.facts["amount_minor"], kept.facts["days_since_delivery"]) == (100_00, 8)
        assert [finding["rule"] for finding in kept.failed] == ["thresholds.refund.GBP"]
        assert kept.why_not_automatic

    def test_judges_nothing_for_a_team_without_a_published_version(self, world: World, amir: User) -> None:
        lonely = Team.objects.create(slug="lonely", name="Lonely", currency="GBP")
        order = world.order()
        Order.objects.filter(pk=order.pk).update(team=lonely)
        assign_to_teams(user=amir, teams=[lonely])

        with pytest.raises(Refused, match="no published policy"):
            world.filed(order, by=fresh(amir))

        assert not RefundRequest.objects.exists()
        assert Payment.objects.get(order=order).reserved_minor == 0


class TestMissingEvidence:
    def test_keeps_the_draft_and_names_what_is_missing(self, world: World, amir: User) -> None:
        order = world.order(unit_minor=150_00)

        filed = world.filed(order, by=amir, reason="damaged")

        assert (filed.state, filed.evidence_missing) == (State.INTAKE, ["photo"])
        assert Payment.objects.get(order=order).reserved_minor == 0
        assert not PolicyDecision.objects.exists()
        assert timeline_of(filed.subject).filter(kind="refund_request.evidence_wanted").count() == 1

    def test_is_forgotten_once_the_photo_is_there(self, world: World, amir: User) -> None:
        filed = world.filed(world.order(unit_minor=150_00), by=amir, reason="damaged")
        attach(subject=filed.subject, team=filed.team, kind="photo", file=upload(drawing()), actor=amir, at=NOON)

        submitted = workflow.submit(reference=filed.reference, actor=amir, at=NOON)

        assert (submitted.state, submitted.evidence_missing) == (State.AWAITING_APPROVAL, [])


class TestARequestInFlight:
    def test_keeps_the_version_it_began_under(self, world: World, amir: User, mei: User, root: User) -> None:
        filed = world.filed(world.order(unit_minor=10_00, days_ago=31), by=amir)
        began_under = world.policy()
        following = publishing.draft_version(
            policy=began_under.policy,
            document=began_under.document,
            what="The same again.",
            why="To see which version counts.",
            impact="Nobody.",
            risk_rationale="None.",
            actor=root,
            at=NOON,
        )
        publishing.send_to_review(version_id=following.pk, actor=root, at=NOON)
        publishing.publish_version(version_id=following.pk, actor=mei, at=NOON)

        workflow.ask(reference=filed.reference, question="When did the parcel arrive?", actor=mei, at=NOON)
        again = workflow.submit(reference=filed.reference, actor=amir, at=NOON)
        fresh = world.filed(world.order(unit_minor=10_00, days_ago=31), by=amir)

        assert again.decision is not None
        assert fresh.decision is not None
        assert again.decision.version == began_under
        assert fresh.decision.version == following

    def test_does_not_grow_late_while_we_hold_it(self, world: World, amir: User, dana: User) -> None:
        waiting = world.filed(world.order(unit_minor=100_00, days_ago=29), by=amir)
        workflow.hold(reference=waiting.reference, note="A look at the parcel.", actor=dana, at=NOON)

        released = workflow.release(reference=waiting.reference, actor=dana, at=NOON + timedelta(days=20))

        assert released.state == State.AWAITING_APPROVAL
        assert released.route is not None
        assert released.route.state == RouteState.OPEN

    def test_does_not_grow_late_while_the_customer_answers(self, world: World, amir: User, dana: User) -> None:
        waiting = world.filed(world.order(unit_minor=100_00, days_ago=29), by=amir)
        workflow.ask(reference=waiting.reference, question="Which of the two lamps is it?", actor=dana, at=NOON)

        again = workflow.submit(reference=waiting.reference, actor=amir, at=NOON + timedelta(days=5))

        assert again.state == State.AWAITING_APPROVAL


class TestAGrantedException:
    def test_waits_for_an_approver_who_is_not_the_reviewer(self, world: World, amir: User, mei: User) -> None:
        late = world.filed(world.order(unit_minor=10_00, days_ago=40), by=amir)

        granted = workflow.grant_exception(
            reference=late.reference,
            code="WINDOW_EXPIRED",
            rationale="The parcel stood at the depot for two weeks.",
            actor=mei,
            at=NOON,
        )

        assert (granted.state, granted.reviewed_by) == (State.AWAITING_APPROVAL, mei)
        assert not Operation.objects.exists()

    def test_needs_a_code_that_covers_what_failed(self, world: World, amir: User, mei: User) -> None:
        late = world.filed(world.order(unit_minor=10_00, days_ago=40), by=amir)

        with pytest.raises(Refused, match="does not cover"):
            workflow.grant_exception(
                reference=late.reference, code="NO_RECEIPT", rationale="It seems fair to me.", actor=mei, at=NOON
            )

        stored = as_stored(late)
        assert (stored.state, stored.reviewed_by_id, stored.exception_code) == (State.EXCEPTION_REVIEW, None, "")

    def test_is_still_granted_when_another_window_closed_meanwhile(
        self, world: World, amir: User, mei: User, dana: User
    ) -> None:
        late = world.filed(world.order(unit_minor=10_00, days_ago=10, final_sale=True), by=amir)

        granted = workflow.grant_exception(
            reference=late.reference,
            code="GOODWILL_RETENTION",
            rationale="A customer of ten years.",
            actor=mei,
            at=NOON + timedelta(days=60),
        )
        decided = workflow.decide(
            reference=granted.reference,
            verdict=Verdict.APPROVE,
            rationale="Agreed with the review.",
            actor=dana,
            at=NOON + timedelta(days=60),
        )

        assert decided.state == State.APPROVED
