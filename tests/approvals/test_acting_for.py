"""A signature in another's name: what it rests on, what it uses up, whose it counts as, and when it ends."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.test import Client

from approvals.colleagues import who_could_sign
from approvals.delegation_rules import Offer
from approvals.lending import loans_of
from approvals.models import ApprovalDecision, ApprovalRoute, ApprovalStep
from approvals.permissions import why_not_decide
from approvals.queue_view import QueueView
from approvals.selectors import waiting_routes
from approvals.services.absences import enter_absence
from approvals.services.delegating import accept_delegation, end_delegation, offer_delegation
from approvals.services.freezes import Target, lift_freeze, set_freeze
from approvals.signing import standing_of
from approvals.vocabulary import StepState, Verdict
from config.kernel.money import Money
from config.kernel.people import User, assign_to_teams, give_roles
from config.kernel.refusals import NotPermitted
from evidence.ledger import timeline_of
from refunds import workflow
from refunds.vocabulary import State
from tests.harness.people import by_decree, fresh, settle
from tests.harness.stillness import refused
from tests.harness.world import NOON, World

if TYPE_CHECKING:
    from datetime import datetime

    from approvals.models import Delegation
    from refunds.models import RefundRequest

pytestmark = pytest.mark.django_db

WHY = "The parcel came back complete."
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def lent(lender: User, to: User, **changes: Any) -> Delegation:
    words: dict[str, Any] = {"lent_to": fresh(to), "from_at": NOON, "until_at": NOON + DAY, **changes}
    offered = offer_delegation(offer=Offer(**words), actor=fresh(lender), at=NOON)
    return accept_delegation(delegation_id=offered.pk, actor=fresh(to), at=NOON)


def waiting_for(world: World, role: str, *, by: User, pounds: int = 100) -> RefundRequest:
    """File a request whose only signature wants this role."""
    refund_request = world.waiting(by=by, pounds=pounds)
    ApprovalStep.objects.filter(route__reference=refund_request.reference).update(role=role)
    ApprovalRoute.objects.filter(reference=refund_request.reference).update(current_role=role, open_roles=[role])
    return refund_request


def with_a_second_level(refund_request: RefundRequest, role: str) -> RefundRequest:
    """Want one more signature after the first."""
    route = ApprovalRoute.objects.get(reference=refund_request.reference)
    ApprovalStep.objects.create(route=route, level=2, place=9, role=role, sla_hours=4, state=StepState.WAITING)
    return refund_request


def sign(refund_request: RefundRequest, by: User, *, at: datetime = NOON, **more: Any) -> RefundRequest:
    words = {"verdict": Verdict.APPROVE, "rationale": WHY, **more}
    return workflow.decide(reference=refund_request.reference, actor=fresh(by), at=at, **words)


def route_of(refund_request: RefundRequest) -> ApprovalRoute:
    return ApprovalRoute.objects.get(reference=refund_request.reference)


class TestTheRecord:
    def test_names_both_people_everywhere(self, world: World, amir: User, dana: User, viktor: User) -> None:
        lent(viktor, dana)
        approved = sign(waiting_for(world, "manager", by=amir), dana)

        decision = ApprovalDecision.objects.get(route__reference=approved.reference)
        assert approved.state == State.APPROVED
        assert (decision.decided_by, decision.acting_for) == (dana, viktor)
        assert (decision.role_at_time, decision.limit_at_time_minor) == ("manager", 500_00)
        entry = timeline_of(approved.subject).get(kind="refund_request.approved")
        assert (entry.actor, entry.acting_for) == (dana, viktor)
        assert f'"acting_for":"user:{viktor.pk}"' in entry.payload

    def test_is_shown_on_the_page_and_told_by_the_api(self, world: World, amir: User, dana: User, viktor: User) -> None:
        lent(viktor, dana)
        approved = sign(waiting_for(world, "manager", by=amir), dana)
        client = Client()
        client.force_login(amir)

        html = client.get(f"/requests/{approved.reference}/").content.decode()
        trail = client.get(f"/api/v1/refund-requests/{approved.reference}/timeline").json()["results"]

        assert html.count("<strong>Dana</strong> for Viktor") == 2
        assert [row["acting_for"] for row in trail if row["kind"] == "refund_request.approved"] == ["viktor"]

    def test_names_both_when_more_signatures_are_needed_and_when_declined(
        self, world: World, amir: User, dana: User, viktor: User
    ) -> None:
        lent(viktor, dana)
        first = with_a_second_level(waiting_for(world, "manager", by=amir), "director")
        sign(first, dana)
        other = sign(waiting_for(world, "manager", by=amir), dana, verdict=Verdict.DECLINE)

        assert timeline_of(first.subject).get(kind="refund_request.signed").acting_for == viktor
        assert timeline_of(other.subject).get(kind="refund_request.declined").acting_for == viktor

    def test_is_in_her_own_name_where_her_own_authority_is_enough(
        self, world: World, amir: User, dana: User, viktor: User
    ) -> None:
        lent(viktor, dana)
        sign(world.waiting(by=amir), dana)

        assert ApprovalDecision.objects.get().acting_for is None


class TestWhatItRestsOn:
    def test_is_both_limits(self, world: World, amir: User, dana: User, viktor: User) -> None:
        lent(viktor, dana)
        over_hers = waiting_for(world, "manager", by=amir, pounds=501)

        with refused(NotPermitted, "over_authority"):
            sign(over_hers, dana)
        lent(dana, viktor)
        asked = waiting_for(world, "director", by=amir, pounds=501)
        with refused(NotPermitted, "not_permitted"):
            sign(asked, viktor)

    def test_is_nothing_while_the_lender_is_frozen(
        self, world: World, amir: User, dana: User, viktor: User, lena: User
    ) -> None:
        waiting = waiting_for(world, "manager", by=amir)
        lent(viktor, dana)
        why = "Signs whatever comes along."
        switch = set_freeze(target=Target(scope="agent", agent=viktor), why=why, actor=lena, at=NOON)

        assert not waiting_routes(fresh(dana), QueueView(), at=NOON)
        with refused(NotPermitted, "not_permitted"):
            sign(waiting, dana)
        lift_freeze(switch_id=switch.pk, why="He was asked and explained.", actor=lena, at=NOON)
        assert sign(waiting, dana).state == State.APPROVED

    def test_is_never_more_than_the_lender_has(self, world: World, amir: User, viktor: User, vera: User) -> None:
        lent(viktor, vera)
        with by_decree():
            viktor.authority_limits.update(single_minor=800_00)
        settled = waiting_for(world, "manager", by=amir, pounds=801)

        with refused(NotPermitted, "not_permitted"):
            sign(settled, vera)
        assert sign(waiting_for(world, "manager", by=amir, pounds=800), vera).state == State.APPROVED

    def test_is_the_ceiling_too(self, world: World, amir: User, dana: User, viktor: User) -> None:
        lent(viktor, dana, ceiling=Money(99_99, "GBP"))

        asked = waiting_for(world, "manager", by=amir)
        with refused(NotPermitted, "not_permitted"):
            sign(asked, dana)
        assert sign(waiting_for(world, "manager", by=amir, pounds=99), dana).state == State.APPROVED

    @pytest.mark.parametrize("changes", [{"categories": ("goodwill_credit",)}, {"teams": ("us-dtc",)}])
    def test_is_only_where_it_was_lent(
        self, world: World, amir: User, dana: User, viktor: User, changes: dict[str, Any]
    ) -> None:
        if "teams" in changes:
            changes = {"teams": tuple(world.team(slug) for slug in changes["teams"])}
        lent(viktor, dana, **changes)

        asked = waiting_for(world, "manager", by=amir)
        with refused(NotPermitted, "not_permitted"):
            sign(asked, dana)

    def test_is_the_lenders_own_and_never_lent_on(
        self, world: World, amir: User, dana: User, viktor: User, vera: User
    ) -> None:
        lent(vera, viktor)
        lent(viktor, dana)

        assert sign(waiting_for(world, "director", by=amir), viktor).state == State.APPROVED
        asked = waiting_for(world, "director", by=amir)
        with refused(NotPermitted, "not_permitted"):
            sign(asked, dana)

    def test_goes_when_the_lender_loses_the_role_the_team_or_the_account(
        self, world: World, amir: User, dana: User, viktor: User
    ) -> None:
        lent(viktor, dana)
        waiting = waiting_for(world, "manager", by=amir)

        give_roles(user=viktor, roles=["approver"])
        with refused(NotPermitted, "not_permitted"):
            sign(waiting, dana)
        give_roles(user=viktor, roles=["approver", "manager"])
        assign_to_teams(user=viktor, teams=[world.team("us-dtc")])
        with refused(NotPermitted, "not_permitted"):
            sign(waiting, dana)
        assign_to_teams(user=viktor, teams=[world.team()])
        User.objects.filter(pk=viktor.pk).update(is_active=False)
        with refused(NotPermitted, "not_permitted"):
            sign(waiting, dana)
        User.objects.filter(pk=viktor.pk).update(is_active=True)
        assert sign(waiting, dana).state == State.APPROVED

    def test_stays_while_the_lender_is_away(self, world: World, amir: User, dana: User, viktor: User) -> None:
        lent(viktor, dana)
        enter_absence(user=viktor, from_at=NOON, until_at=NOON + DAY, note="", actor=viktor, at=NOON)

        assert sign(waiting_for(world, "manager", by=amir), dana).state == State.APPROVED

    def test_is_the_lender_with_room_where_there_are_several(
        self, world: World, amir: User, dana: User, viktor: User, vera: User
    ) -> None:
        give_roles(user=vera, roles=["approver", "manager"])
        lent(viktor, dana)
        lent(vera, dana)
        with by_decree():
            vera.authority_limits.update(single_minor=400_00, daily_minor=400_00)
            viktor.authority_limits.update(daily_minor=5_000_00)
        sign(waiting_for(world, "manager", by=amir, pounds=4_800), viktor)

        sign(waiting_for(world, "manager", by=amir, pounds=300), dana)

        assert ApprovalDecision.objects.get(decided_by=dana).acting_for == vera


class TestTheDay:
    def test_of_both_is_used(self, world: World, amir: User, dana: User, viktor: User) -> None:
        lent(viktor, dana)
        with by_decree():
            viktor.authority_limits.update(single_minor=500_00, daily_minor=500_00)
        sign(waiting_for(world, "manager", by=amir, pounds=300), dana)

        asked = waiting_for(world, "manager", by=amir, pounds=201)
        with pytest.raises(NotPermitted, match=r"Your limit for today leaves £200\.00"):
            sign(asked, viktor)
        assert sign(waiting_for(world, "manager", by=amir, pounds=200), viktor).state == State.APPROVED
        asked = waiting_for(world, "manager", by=amir, pounds=100)
        with pytest.raises(NotPermitted, match=r"The limit of Viktor for today leaves £0\.00"):
            sign(asked, dana)

    def test_of_the_signer_ends_it_too(self, world: World, amir: User, dana: User, viktor: User) -> None:
        lent(viktor, dana)
        with by_decree():
            dana.authority_limits.update(daily_minor=500_00)
        sign(world.waiting(by=amir, pounds=400), dana)

        asked = waiting_for(world, "manager", by=amir, pounds=101)
        with pytest.raises(NotPermitted, match=r"Your limit for today leaves £100\.00"):
            sign(asked, dana)

    def test_is_told_before_the_click(self, world: World, amir: User, dana: User, viktor: User) -> None:
        lent(viktor, dana)
        with by_decree():
            viktor.authority_limits.update(daily_minor=5_000_00)
        sign(waiting_for(world, "manager", by=amir, pounds=4_700), viktor)
        waiting = waiting_for(world, "manager", by=amir)

        basis = standing_of(fresh(dana), route_of(waiting), at=NOON).basis

        assert basis is not None
        assert (basis.acting_for, basis.until_at) == (viktor, NOON + DAY)
        assert (basis.most, basis.left_today) == (Money(500_00, "GBP"), Money(300_00, "GBP"))
        assert (basis.own, basis.lent) == (Money(500_00, "GBP"), Money(5_000_00, "GBP"))


class TestDistinctPeople:
    def test_are_wanted_when_the_lender_signed_the_first_level(
        self, world: World, amir: User, dana: User, viktor: User
    ) -> None:
        lent(viktor, dana)
        waiting = with_a_second_level(waiting_for(world, "manager", by=amir), "manager")
        sign(waiting, viktor)

        with refused(NotPermitted, "not_permitted"):
            sign(waiting, dana)
        with pytest.raises(ProgrammingError, match="decided on it before"), transaction.atomic():
            written(route_of(waiting), decided_by=dana, acting_for=viktor)

    def test_are_wanted_when_the_stand_in_signed_the_first_level(
        self, world: World, amir: User, dana: User, viktor: User
    ) -> None:
        lent(viktor, dana)
        waiting = with_a_second_level(waiting_for(world, "manager", by=amir), "manager")
        sign(waiting, dana)

        assert why_not_decide(fresh(viktor), route_of(waiting), at=NOON).startswith("You decided on this")
        with pytest.raises(ProgrammingError, match="decided on it before"), transaction.atomic():
            written(route_of(waiting), decided_by=viktor)

    def test_are_wanted_of_two_stand_ins_of_one_lender(
        self, world: World, amir: User, dana: User, viktor: User, vera: User
    ) -> None:
        lent(viktor, dana)
        lent(viktor, vera)
        waiting = with_a_second_level(waiting_for(world, "manager", by=amir), "manager")
        sign(waiting, dana)

        with refused(NotPermitted, "not_permitted"):
            sign(waiting, vera)


class TestTheRequester:
    def test_is_not_helped_by_a_stand_in(self, world: World, dana: User, viktor: User) -> None:
        lent(viktor, dana)
        own = world.waiting(by=viktor)

        with refused(NotPermitted, "self_approval"):
            sign(own, dana)
        with pytest.raises(ProgrammingError, match="stand-in of the requester"), transaction.atomic():
            written(route_of(own), decided_by=dana)

    def test_is_not_helped_by_whoever_acts_for_her_stand_in(
        self, world: World, dana: User, viktor: User, vera: User
    ) -> None:
        asked = waiting_for(world, "manager", by=vera)
        lent(vera, viktor)
        lent(viktor, dana)

        with refused(NotPermitted, "not_permitted"):
            sign(asked, dana)
        listed = waiting_routes(fresh(dana), QueueView(), at=NOON)
        assert not listed.filter(reference=asked.reference).exists()
        assert [way.signer for way in who_could_sign(route_of(asked), at=NOON)] == []

    def test_is_not_helped_by_one_who_stays_after_she_left(self, world: World, dana: User, viktor: User) -> None:
        lent(viktor, dana)
        own = world.waiting(by=viktor)
        User.objects.filter(pk=viktor.pk).update(is_active=False)

        with refused(NotPermitted, "self_approval"):
            sign(own, dana)

    def test_does_not_sign_in_another_name(self, world: World, dana: User, viktor: User) -> None:
        lent(viktor, dana)

        asked = waiting_for(world, "manager", by=dana)
        with refused(NotPermitted, "self_approval"):
            sign(asked, dana)

    def test_nor_the_reviewer_is_ever_acted_for(self, world: World, amir: User, dana: User, viktor: User) -> None:
        lent(viktor, dana)
        mine, judged = world.waiting(by=viktor), world.filed(world.order(unit_minor=10_00, days_ago=40), by=amir)
        give_roles(user=viktor, roles=["approver", "manager", "reviewer"])
        workflow.grant_exception(
            reference=judged.reference, code="WINDOW_EXPIRED", rationale=WHY, actor=fresh(viktor), at=NOON
        )

        with pytest.raises((IntegrityError, ProgrammingError)), transaction.atomic():
            written(route_of(mine), decided_by=dana, acting_for=viktor)
        with pytest.raises(IntegrityError, match="the_reviewer_does_not_decide_by_another"), transaction.atomic():
            written(route_of(judged), decided_by=dana, acting_for=viktor, reviewed_by=viktor)


class TestTheTime:
    def test_ends_at_its_minute_to_the_second(self, world: World, amir: User, dana: User, viktor: User) -> None:
        lent(viktor, dana)
        last, late = waiting_for(world, "manager", by=amir), waiting_for(world, "manager", by=amir)

        assert sign(last, dana, at=NOON + DAY - SECOND).state == State.APPROVED
        with refused(NotPermitted, "not_permitted"):
            sign(late, dana, at=NOON + DAY)
        with pytest.raises(ProgrammingError, match="without a delegation in force"), transaction.atomic():
            written(route_of(late), decided_by=dana, acting_for=viktor, decided_at=NOON + DAY)

    def test_begins_at_its_minute_to_the_second(self, world: World, amir: User, dana: User, viktor: User) -> None:
        lent(viktor, dana, from_at=NOON + SECOND)
        waiting = waiting_for(world, "manager", by=amir)

        with refused(NotPermitted, "not_permitted"):
            sign(waiting, dana)
        assert sign(waiting, dana, at=NOON + SECOND).state == State.APPROVED

    def test_ends_at_once_for_somebody_who_asked_before(
        self, world: World, amir: User, dana: User, viktor: User
    ) -> None:
        delegation = lent(viktor, dana)
        waiting = waiting_for(world, "manager", by=amir)
        signer = fresh(dana)
        assert loans_of(signer, at=NOON)
        end_delegation(delegation_id=delegation.pk, actor=fresh(viktor), at=NOON)

        with refused(NotPermitted, "not_permitted"):
            workflow.decide(reference=waiting.reference, verdict=Verdict.APPROVE, rationale=WHY, actor=signer, at=NOON)


class TestAServiceAccount:
    def test_signs_for_nobody(self, world: World, amir: User, viktor: User) -> None:
        bot = settle("bot")
        give_roles(user=bot, roles=["manager"])

        assert why_not_decide(fresh(bot), route_of(waiting_for(world, "manager", by=amir)), at=NOON)


def written(route: ApprovalRoute, **columns: Any) -> ApprovalDecision:
    """Write a decision as somebody with the database's password would."""
    words: dict[str, Any] = {
        "requested_by": route.requested_by,
        "reviewed_by": route.reviewed_by,
        "verdict": "approve",
        "amount_minor": route.amount_minor,
        "currency": route.currency,
        "role_at_time": "manager",
        "limit_at_time_minor": route.amount_minor,
        "decided_at": NOON,
        **columns,
    }
    return ApprovalDecision.objects.create(route=route, step=route.steps.order_by("-level")[0], **words)
