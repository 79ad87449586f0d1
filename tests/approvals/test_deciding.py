"""Who may sign for what: four eyes by page, API, command, admin and database; authority; the day; the last word."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.test import Client

from approvals.models import ApprovalDecision, ApprovalRoute, ApprovalStep, AuthorityLimit
from approvals.vocabulary import Verdict
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from policies import publishing
from refunds import workflow
from refunds.models import Operation, RefundRequest
from refunds.vocabulary import State
from tests.harness.people import by_decree, fresh, settle
from tests.harness.stillness import nothing_moves, refused
from tests.harness.world import NOON, World, as_stored, payment_of

if TYPE_CHECKING:
    from config.kernel.people import User

pytestmark = pytest.mark.django_db

WHY = "The parcel came back complete."
CARD = "Paid with 4242-4242-4242-4242 by telephone."


def approve(refund_request: RefundRequest, by: User, **more: object) -> RefundRequest:
    """Sign as somebody loaded anew."""
    words = {"verdict": Verdict.APPROVE, "rationale": "", "at": NOON, **more}
    return workflow.decide(reference=refund_request.reference, actor=fresh(by), **words)  # type: ignore[arg-type]


class TestTheRequester:
    """Zeus files and signs with every right there is, and is a superuser: constraints bind him too."""

    def test_cannot_sign_by_command(self, world: World, zeus: User) -> None:
        waiting = world.waiting(by=zeus)

        with refused(NotPermitted, "self_approval"):
            approve(waiting, zeus)

    @pytest.mark.parametrize("state", ["approved", "declined", "held"])
    def test_hears_the_same_in_every_state(self, world: World, zeus: User, dana: User, state: str) -> None:
        waiting = world.waiting(by=zeus)
        if state == "approved":
            approve(waiting, dana)
        elif state == "declined":
            approve(waiting, dana, verdict=Verdict.DECLINE, rationale=WHY)
        else:
            workflow.hold(reference=waiting.reference, note="", actor=dana, at=NOON)

        with refused(NotPermitted, "self_approval"):
            approve(waiting, zeus)

    @pytest.mark.parametrize("verb", ["approve", "decline", "ask", "grant-exception"])
    def test_cannot_by_the_page(self, world: World, zeus: User, verb: str) -> None:
        waiting = world.waiting(by=zeus)
        client = Client()
        client.force_login(zeus)
        words = {"rationale": WHY, "question": WHY, "exception_code": "OTHER"}

        with nothing_moves():
            answer = client.post(f"/requests/{waiting.reference}/{verb}/", words)

        assert answer.status_code == 403
        assert "You entered this request" in answer.content.decode()

    @pytest.mark.parametrize(
        ("verb", "body"),
        [("approve", {"rationale": WHY}), ("decline", {"rationale": WHY}), ("ask", {"question": WHY})],
    )
    def test_cannot_by_the_api(self, world: World, zeus: User, verb: str, body: dict[str, str]) -> None:
        waiting = world.waiting(by=zeus)
        client = Client()
        client.force_login(zeus)

        with nothing_moves():
            answer = client.post(
                f"/api/v1/refund-requests/{waiting.reference}/{verb}", json.dumps(body), content_type="application/json"
            )

        assert (answer.status_code, answer.json()["code"]) == (403, "self_approval")

    def test_is_refused_by_the_database_on_the_request(self, world: World, amir: User, dana: User) -> None:
        approved = world.approved(by=amir, approver=dana)

        for column in ("approved_by", "reviewed_by", "declined_by"):
            with pytest.raises(IntegrityError, match="is_not_the_requester"), transaction.atomic():
                RefundRequest.objects.filter(pk=approved.pk).update(**{column: amir})

    def test_is_refused_by_the_database_on_the_decision(self, world: World, amir: User) -> None:
        route = ApprovalRoute.objects.get(reference=world.waiting(by=amir).reference)

        with pytest.raises(IntegrityError, match="decider_is_not_the_requester"), transaction.atomic():
            _written(route, decided_by=amir, requested_by=amir)

    def test_cannot_be_named_otherwise_on_the_decision(self, world: World, amir: User, dana: User) -> None:
        route = ApprovalRoute.objects.get(reference=world.waiting(by=amir).reference)

        with pytest.raises(ProgrammingError, match="must repeat the requester"), transaction.atomic():
            _written(route, decided_by=amir, requested_by=dana)

    def test_cannot_by_the_admin(self, world: World, zeus: User) -> None:
        waiting = world.waiting(by=zeus)
        route = ApprovalRoute.objects.get(reference=waiting.reference)
        client = Client()
        client.force_login(zeus)
        type(zeus).objects.filter(pk=zeus.pk).update(is_staff=True)

        with nothing_moves():
            answers = [
                client.post(address, {"decided_by": zeus.pk, "verdict": "approve", "state": "approved"}).status_code
                for address in (
                    "/admin/approvals/approvaldecision/add/",
                    f"/admin/approvals/approvalroute/{route.pk}/change/",
                    f"/admin/refunds/refundrequest/{waiting.pk}/change/",
                )
            ]

        assert set(answers) <= {403, 404}


class TestTheReviewer:
    def test_cannot_sign_for_the_exception_she_granted(self, world: World, amir: User, zeus: User) -> None:
        late = world.filed(world.order(unit_minor=10_00, days_ago=40), by=amir)
        workflow.grant_exception(reference=late.reference, code="WINDOW_EXPIRED", rationale=WHY, actor=zeus, at=NOON)

        with refused(NotPermitted, "self_approval"):
            approve(late, zeus, rationale=WHY)

    def test_is_refused_by_the_database_as_well(self, world: World, amir: User, mei: User, dana: User) -> None:
        late = world.filed(world.order(unit_minor=10_00, days_ago=40), by=amir)
        workflow.grant_exception(reference=late.reference, code="WINDOW_EXPIRED", rationale=WHY, actor=mei, at=NOON)
        route = ApprovalRoute.objects.get(reference=late.reference)

        with pytest.raises(IntegrityError, match="decider_is_not_the_reviewer"), transaction.atomic():
            _written(route, decided_by=mei, requested_by=amir, reviewed_by=mei)
        approve(late, dana, rationale=WHY)
        with pytest.raises(IntegrityError, match="approver_is_not_the_reviewer"), transaction.atomic():
            RefundRequest.objects.filter(pk=late.pk).update(approved_by=mei)

    def test_cannot_grant_her_own_request_an_exception(self, world: World, mei: User) -> None:
        late = world.filed(world.order(unit_minor=10_00, days_ago=40), by=mei)

        with refused(NotPermitted, "self_approval"):
            workflow.grant_exception(reference=late.reference, code="WINDOW_EXPIRED", rationale=WHY, actor=mei, at=NOON)

    def test_is_the_only_one_who_may_grant(self, world: World, amir: User, dana: User) -> None:
        late = world.filed(world.order(unit_minor=10_00, days_ago=40), by=amir)

        with refused(NotPermitted, "not_permitted"):
            workflow.grant_exception(
                reference=late.reference, code="WINDOW_EXPIRED", rationale=WHY, actor=dana, at=NOON
            )


class TestAuthority:
    def test_ends_at_the_limit_to_the_penny(self, world: World, amir: User, dana: User) -> None:
        within = world.filed(world.order(unit_minor=500_00), by=amir)
        above = world.filed(world.order(unit_minor=500_01), by=amir)

        assert approve(within, dana).state == State.APPROVED
        with refused(NotPermitted, "over_authority"):
            approve(above, dana)

    def test_counts_what_was_asked_so_that_lowering_is_no_way_round(self, world: World, amir: User, dana: User) -> None:
        above = world.filed(world.order(unit_minor=500_01), by=amir)

        with refused(NotPermitted, "over_authority"):
            approve(above, dana, amount_minor=1_00, rationale=WHY)

    def test_of_another_currency_is_none(self, world: World, amir: User, dana: User) -> None:
        with by_decree():
            AuthorityLimit.objects.filter(user=dana, currency="GBP").delete()
        waiting = world.waiting(by=amir)

        with refused(NotPermitted, "over_authority"):
            approve(waiting, dana)

    def test_taken_away_binds_at_once(self, world: World, amir: User, dana: User) -> None:
        waiting = world.waiting(by=amir)
        dana.groups.clear()

        with pytest.raises(RefundRequest.DoesNotExist):
            approve(waiting, dana)

    def test_is_not_enough_for_an_auditor_finance_or_a_service(self, world: World, amir: User) -> None:
        waiting = world.waiting(by=amir)

        for username in ("ada", "lena", "mei", "root", "sam"):
            with refused(NotPermitted, "not_permitted"):
                approve(waiting, settle(username))

    def test_of_the_day_is_used_up_by_what_was_approved_today(self, world: World, amir: User, dana: User) -> None:
        with by_decree():
            AuthorityLimit.objects.filter(user=dana).update(daily_minor=500_00)
        first, second = world.waiting(by=amir, pounds=300), world.waiting(by=amir, pounds=201)
        approve(first, dana)

        with refused(NotPermitted, "over_authority"):
            approve(second, dana)
        assert approve(second, dana, at=NOON + timedelta(days=1)).state == State.APPROVED

    def test_of_the_day_is_not_used_up_by_saying_no(self, world: World, amir: User, dana: User) -> None:
        with by_decree():
            AuthorityLimit.objects.filter(user=dana).update(daily_minor=500_00)
        first, second = world.waiting(by=amir, pounds=300), world.waiting(by=amir, pounds=201)
        approve(first, dana, verdict=Verdict.DECLINE, rationale=WHY)

        assert approve(second, dana).state == State.APPROVED

    def test_of_the_day_is_used_up_once_by_a_request_signed_again_after_a_question(
        self, world: World, amir: User, dana: User, viktor: User
    ) -> None:
        with by_decree():
            AuthorityLimit.objects.filter(user=dana).update(daily_minor=500_00)
        waiting = world.waiting(by=amir, pounds=300)
        ApprovalStep.objects.filter(route__reference=waiting.reference).update(quorum=2)
        approve(waiting, dana)
        workflow.ask(reference=waiting.reference, question="Which lamp broke?", actor=viktor, at=NOON)
        workflow.submit(reference=waiting.reference, actor=amir, answer="The blue one.", at=NOON)

        above = world.waiting(by=amir, pounds=201)

        assert approve(waiting, fresh(dana)).state == State.APPROVED
        with refused(NotPermitted, "over_authority"):
            approve(above, dana)

    def test_above_the_limit_is_refused_by_the_database(self, world: World, amir: User, dana: User) -> None:
        route = ApprovalRoute.objects.get(reference=world.waiting(by=amir).reference)

        with pytest.raises(IntegrityError, match="within_the_limit"), transaction.atomic():
            _written(route, decided_by=dana, requested_by=amir, limit_at_time_minor=99_99)


class TestTheAmount:
    def test_may_be_lowered_and_the_rest_is_free_again(self, world: World, amir: User, dana: User) -> None:
        waiting = world.waiting(by=amir, pounds=100)

        approved = approve(waiting, dana, amount_minor=60_00, rationale=WHY)

        assert approved.approved_minor == 60_00
        assert payment_of(waiting).reserved_minor == 60_00
        assert Operation.objects.get(refund_request=waiting).amount_minor == 60_00

    @pytest.mark.parametrize("amount_minor", [-1, 0, 100_01, 10**15])
    def test_is_never_raised_and_never_nothing(self, world: World, amir: User, vera: User, amount_minor: int) -> None:
        waiting = world.waiting(by=amir, pounds=100)

        with refused(Refused, "exceeds_refundable_balance"):
            approve(waiting, vera, amount_minor=amount_minor, rationale=WHY)

    def test_lowered_needs_a_rationale(self, world: World, amir: User, dana: User) -> None:
        waiting = world.waiting(by=amir, pounds=100)

        with refused(Refused, "rationale_required"):
            approve(waiting, dana, amount_minor=60_00)

    def test_with_a_card_number_as_rationale_is_refused(self, world: World, amir: User, dana: User) -> None:
        waiting = world.waiting(by=amir, pounds=100)

        with refused(Refused, "card_number_in_text"):
            approve(waiting, dana, rationale=CARD)

    def test_is_the_least_that_any_of_several_people_signed_for(
        self, world: World, amir: User, mei: User, root: User, dana: User, viktor: User
    ) -> None:
        _two_people_sign(world, root, mei)
        waiting = world.waiting(by=amir, pounds=100)

        approve(waiting, dana, amount_minor=40_00, rationale=WHY)
        done = approve(waiting, viktor)

        assert done.state == State.APPROVED
        assert done.approved_minor == 40_00
        assert payment_of(waiting).reserved_minor == 40_00


class TestSeveralSignatures:
    def test_come_from_several_people(self, world: World, amir: User, mei: User, root: User, dana: User) -> None:
        _two_people_sign(world, root, mei)
        waiting = world.waiting(by=amir)

        assert approve(waiting, dana).state == State.AWAITING_APPROVAL
        with refused(Refused, "refused"):
            approve(waiting, dana)
        assert not Operation.objects.exists()

    def test_end_with_the_first_no(
        self, world: World, amir: User, mei: User, root: User, dana: User, viktor: User
    ) -> None:
        _two_people_sign(world, root, mei)
        waiting = world.waiting(by=amir)
        approve(waiting, dana)

        declined = approve(waiting, viktor, verdict=Verdict.DECLINE, rationale=WHY)

        assert declined.state == State.DECLINED
        assert payment_of(waiting).reserved_minor == 0


class TestTheSecondAnswer:
    def test_hears_who_was_faster(self, world: World, amir: User, dana: User, viktor: User) -> None:
        waiting = world.waiting(by=amir)
        approve(waiting, dana)

        with refused(OutOfDate, "already_decided"):
            approve(waiting, viktor)
        with pytest.raises(OutOfDate, match="Dana approved this already, at 12:00 UTC on 20 November"):
            approve(waiting, viktor)

    def test_of_the_same_person_changes_nothing(self, world: World, amir: User, dana: User) -> None:
        waiting = world.waiting(by=amir)
        approve(waiting, dana)

        with refused(OutOfDate, "already_decided"):
            approve(waiting, dana, verdict=Verdict.DECLINE, rationale=WHY)


class TestARecordedDecision:
    def test_stays_as_it_was_said(self, world: World, amir: User, dana: User) -> None:
        waiting = world.waiting(by=amir)
        approve(waiting, dana)
        decision = ApprovalDecision.objects.get(route__reference=waiting.reference)

        with pytest.raises(ProgrammingError), transaction.atomic():
            ApprovalDecision.objects.filter(pk=decision.pk).update(rationale="Something else.")
        with pytest.raises(ProgrammingError), transaction.atomic():
            decision.delete()

        assert (decision.role_at_time, decision.limit_at_time_minor) == ("approver", 500_00)
        assert as_stored(waiting).approved_by == dana


def _written(route: ApprovalRoute, **columns: object) -> ApprovalDecision:
    """Write a decision as somebody with the database's password would."""
    return ApprovalDecision.objects.create(
        route=route,
        step=route.steps.get(),
        **{
            "verdict": "approve",
            "amount_minor": route.amount_minor,
            "currency": route.currency,
            "role_at_time": "approver",
            "limit_at_time_minor": route.amount_minor,
            "decided_at": NOON,
            **columns,
        },
    )


def _two_people_sign(world: World, author: User, publisher: User) -> None:
    """Put a version in force that wants a team lead and a director for everything."""
    policy = world.policy().policy
    document = json.loads(json.dumps(world.policy().document))
    signature = {"role": "approver", "quorum": 1, "sla_hours": 4}
    document["approval"] = {"tiers": {}, "otherwise": [signature, signature]}
    version = publishing.draft_version(
        policy=policy,
        document=document,
        what="Two people sign.",
        why="One was not enough.",
        impact="Approvers.",
        risk_rationale="It takes longer.",
        actor=author,
        at=NOON,
    )
    publishing.send_to_review(version_id=version.pk, actor=author, at=NOON)
    publishing.publish_version(version_id=version.pk, actor=publisher, at=NOON)
