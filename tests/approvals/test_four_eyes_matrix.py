"""Every relation of a person to a request, at every door: nobody signs for what she has a part in."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from approvals.models import ApprovalDecision, ApprovalRoute, ApprovalStep, Delegation
from approvals.services.routing import involve
from approvals.vocabulary import DelegationState, Part, Verdict
from config.kernel.people import User, give_roles
from config.kernel.refusals import NotPermitted, Refused
from refunds import drafting, workflow
from tests.harness.people import fresh, settle
from tests.harness.stillness import nothing_moves
from tests.harness.world import NOON, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from refunds.models import RefundRequest

pytestmark = pytest.mark.django_db

WHY = "The parcel came back complete."


def entered(world: World, person: User) -> RefundRequest:
    return world.waiting(by=fresh(person))


def handed_in(world: World, person: User) -> RefundRequest:
    amir = settle("amir")
    draft = drafting.save_draft(draft=world.draft_of(world.order(unit_minor=100_00)), reference="", actor=amir, at=NOON)
    return workflow.submit(reference=draft.reference, actor=fresh(person), at=NOON)


def answered_the_question(world: World, person: User) -> RefundRequest:
    waiting = world.waiting(by=settle("amir"))
    workflow.ask(reference=waiting.reference, question=WHY, actor=settle("dana"), at=NOON)
    return workflow.submit(reference=waiting.reference, actor=fresh(person), at=NOON, answer=WHY)


def judged_the_exception(world: World, person: User) -> RefundRequest:
    give_roles(user=person, roles=[*person.role_names, "reviewer"])
    late = world.filed(world.order(unit_minor=10_00, days_ago=40), by=settle("amir"))
    return workflow.grant_exception(
        reference=late.reference, code="WINDOW_EXPIRED", rationale=WHY, actor=fresh(person), at=NOON
    )


def judged_it_before(world: World, person: User) -> RefundRequest:
    waiting = world.waiting(by=settle("amir"))
    involve(subject=waiting.subject, person=person, part=Part.REVIEWER, at=NOON)
    return waiting


def sent_its_money(world: World, person: User) -> RefundRequest:
    waiting = world.waiting(by=settle("amir"))
    involve(subject=waiting.subject, person=person, part=Part.PAYER, at=NOON)
    return waiting


def signed_another_level(world: World, person: User) -> RefundRequest:
    waiting = world.waiting(by=settle("amir"))
    ApprovalStep.objects.filter(route__reference=waiting.reference).update(quorum=2)
    return workflow.decide(
        reference=waiting.reference, verdict=Verdict.APPROVE, rationale=WHY, actor=fresh(person), at=NOON
    )


def stands_in_for_whoever_entered_it(world: World, person: User) -> RefundRequest:
    lend(settle("viktor"), person)
    return world.waiting(by=settle("viktor"))


def acts_for_whoever_signed_another_level(world: World, person: User) -> RefundRequest:
    """Alone she has no authority for the role; the authority she borrows has signed already."""
    waiting = signed_another_level(world, settle("viktor"))
    ApprovalStep.objects.filter(route__reference=waiting.reference).update(role="manager")
    ApprovalRoute.objects.filter(reference=waiting.reference).update(open_roles=["manager"])
    lend(settle("viktor"), person)
    return waiting


def acts_for_whoever_judged_it(world: World, person: User) -> RefundRequest:
    waiting = judged_it_before(world, settle("viktor"))
    ApprovalStep.objects.filter(route__reference=waiting.reference).update(role="manager")
    ApprovalRoute.objects.filter(reference=waiting.reference).update(open_roles=["manager"])
    lend(settle("viktor"), person)
    return waiting


def lend(lender: User, holder: User) -> None:
    Delegation.objects.create(
        lent_by=lender,
        lent_to=holder,
        state=DelegationState.ACCEPTED,
        from_at=NOON - timedelta(days=1),
        until_at=NOON + timedelta(days=365 * 50),
        offered_at=NOON,
        answered_at=NOON,
    )


RELATIONS = (
    entered,
    handed_in,
    answered_the_question,
    judged_the_exception,
    judged_it_before,
    sent_its_money,
    signed_another_level,
    stands_in_for_whoever_entered_it,
    acts_for_whoever_signed_another_level,
    acts_for_whoever_judged_it,
)


def by_command(waiting: RefundRequest, person: User, verdict: str) -> None:
    with nothing_moves(), pytest.raises((NotPermitted, Refused)):
        workflow.decide(
            reference=waiting.reference, verdict=Verdict(verdict), rationale=WHY, actor=fresh(person), at=NOON
        )


def by_the_page(waiting: RefundRequest, person: User, verdict: str) -> None:
    with nothing_moves():
        answer = logged_in(person).post(f"/requests/{waiting.reference}/{verdict}/", {"rationale": WHY})
    assert answer.status_code in {403, 422}


def by_the_panel(waiting: RefundRequest, person: User, verdict: str) -> None:
    address = f"/requests/{waiting.reference}/{verdict}/"
    with nothing_moves():
        answer = logged_in(person).post(address, {"rationale": WHY}, headers={"HX-Request": "true"})
    assert answer.status_code == 422


def by_bulk(waiting: RefundRequest, person: User, verdict: str) -> None:
    route = ApprovalRoute.objects.get(reference=waiting.reference, state="open")
    words = {"route": [str(route.pk)], "confirm": "1", "reason": "in_policy", "note": WHY, "verdict": verdict}
    with nothing_moves():
        answer = logged_in(person).post(reverse("refunds:bulk"), words)
    assert answer.status_code in {200, 422}
    assert "0 of 1 done" in answer.content.decode() or answer.status_code == 422


def by_the_api(waiting: RefundRequest, person: User, verdict: str) -> None:
    address = f"/api/v1/refund-requests/{waiting.reference}/{verdict}"
    with nothing_moves():
        answer = logged_in(person).post(address, json.dumps({"rationale": WHY}), content_type="application/json")
    assert answer.status_code in {403, 422}


def by_the_database(waiting: RefundRequest, person: User, verdict: str) -> None:
    route = ApprovalRoute.objects.get(reference=waiting.reference, state="open")
    step = route.steps.get(state="open")
    lender = Delegation.objects.filter(lent_to=person).first()
    acts_for = None if lender is None or lender.lent_by_id == route.requested_by_id else lender.lent_by
    with pytest.raises(DatabaseError), transaction.atomic():
        ApprovalDecision.objects.create(
            route=route,
            step=step,
            decided_by=person,
            acting_for=acts_for,
            requested_by_id=route.requested_by_id,
            reviewed_by_id=route.reviewed_by_id,
            verdict=verdict,
            amount_minor=route.amount_minor,
            currency=route.currency,
            role_at_time=step.role,
            limit_at_time_minor=route.amount_minor,
            decided_at=NOON,
        )


def by_the_admin(waiting: RefundRequest, person: User, verdict: str) -> None:
    route = ApprovalRoute.objects.get(reference=waiting.reference, state="open")
    User.objects.filter(pk=person.pk).update(is_staff=True)
    client = logged_in(person)
    with nothing_moves():
        answers = {
            client.post(address, {"decided_by": person.pk, "verdict": verdict, "state": "approved"}).status_code
            for address in (
                "/admin/approvals/approvaldecision/add/",
                f"/admin/approvals/approvalroute/{route.pk}/change/",
                f"/admin/approvals/approvalstep/{route.steps.first().pk}/change/",  # type: ignore[union-attr]
                f"/admin/refunds/refundrequest/{waiting.pk}/change/",
            )
        }
    assert answers <= {403, 404}


def logged_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


DOORS = (by_command, by_the_page, by_the_panel, by_bulk, by_the_api, by_the_database, by_the_admin)


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
@pytest.mark.parametrize("relation", RELATIONS, ids=lambda relation: relation.__name__)
class TestWhoeverHasAPartInIt:
    """Vera is a director whose limit is no obstacle; Zeus is a superuser besides: constraints bind him too."""

    @pytest.mark.parametrize("username", ["vera", "zeus"])
    def test_signs_by_no_door(
        self,
        world: World,
        relation: Callable[[World, User], RefundRequest],
        door: Callable[[RefundRequest, User, str], None],
        username: str,
    ) -> None:
        settle("dana"), settle("viktor")
        person = settle(username)
        waiting = relation(world, person)
        assert waiting.state == "awaiting_approval"

        for verdict in ("approve", "decline"):
            door(waiting, person, verdict)


class TestAStranger:
    """The same doors let through whoever has no part in it, or the matrix above would prove nothing."""

    @pytest.mark.parametrize("username", ["vera", "zeus"])
    def test_signs_by_command(self, world: World, amir: User, username: str) -> None:
        waiting = world.waiting(by=amir)

        done = workflow.decide(
            reference=waiting.reference, verdict=Verdict.APPROVE, rationale=WHY, actor=settle(username), at=NOON
        )

        assert done.state == "approved"

    @pytest.mark.parametrize("username", ["vera", "zeus"])
    def test_signs_by_bulk(self, world: World, amir: User, username: str) -> None:
        waiting = world.waiting(by=amir)
        route = ApprovalRoute.objects.get(reference=waiting.reference)
        words = {"route": [str(route.pk)], "confirm": "1", "reason": "in_policy", "note": ""}

        answer = logged_in(settle(username)).post(reverse("refunds:bulk"), words)

        assert "1 of 1 done" in answer.content.decode()

    @pytest.mark.parametrize("username", ["vera", "zeus"])
    def test_signs_by_page_and_api(self, world: World, amir: User, username: str) -> None:
        first, second = world.waiting(by=amir), world.waiting(by=amir)
        client = logged_in(settle(username))

        page = client.post(f"/requests/{first.reference}/approve/", {"rationale": WHY})
        api = client.post(
            f"/api/v1/refund-requests/{second.reference}/approve",
            json.dumps({"rationale": WHY}),
            content_type="application/json",
        )

        assert (page.status_code, api.status_code) == (302, 200)
