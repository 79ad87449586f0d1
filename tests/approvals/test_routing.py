"""A plan of levels, parallel steps and votes, from the policy to the last signature."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from approvals.models import ApprovalRoute
from approvals.queue_view import QueueView
from approvals.roles import APPROVER, DIRECTOR, MANAGER
from approvals.selectors import waiting_routes
from approvals.services.escalating import escalate_step
from approvals.services.leasing import claim_next, lease_step, release_step
from approvals.vocabulary import RouteState, StepState, Verdict
from config.kernel.people import give_roles
from config.kernel.refusals import NotPermitted, Refused
from policies import judging
from policies.engine.document import parse_document
from refunds import workflow
from refunds.vocabulary import State
from tests.harness.people import fresh
from tests.harness.world import NOON, as_stored

if TYPE_CHECKING:
    from config.kernel.people import User
    from refunds.models import RefundRequest
    from tests.harness.world import World

pytestmark = pytest.mark.django_db

WHY = "The parcel came back complete."
LATER = NOON + timedelta(minutes=10)
APPROVES, DECLINES = Verdict.APPROVE, Verdict.DECLINE


def step(role: str, **changes: Any) -> dict[str, Any]:
    return {"role": role, "sla_hours": 4, **changes}


def together(role: str, **changes: Any) -> dict[str, Any]:
    return step(role, is_parallel=True, **changes)


class Desk:
    """A team whose policy asks for these signatures, and people who sign."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world = world
        self._patch = monkeypatch

    def asks_for(self, *steps: dict[str, Any], also: list[dict[str, Any]] | None = None) -> None:
        """Ask for these signatures, whatever the amount."""
        version = self.world.policy()
        raw = version.document | {"approval": {"tiers": {}, "otherwise": list(steps), "also": also or []}}
        document = parse_document(raw)
        self._patch.setattr(judging, "document_of", lambda _version: document)

    def waiting(self, *, by: User, pounds: int = 100) -> RefundRequest:
        """File a request that waits for the first level."""
        return self.world.waiting(by=by, pounds=pounds)


@pytest.fixture
def desk(world: World, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(world, monkeypatch)


@pytest.fixture
def manager(viktor: User) -> User:
    """Viktor, who signs as a manager alone."""
    give_roles(user=viktor, roles=[MANAGER])
    return fresh(viktor)


def signs(person: User, request: RefundRequest, verdict: Verdict = APPROVES) -> RefundRequest:
    return workflow.decide(reference=request.reference, verdict=verdict, rationale=WHY, actor=fresh(person), at=LATER)


def route_of(request: RefundRequest) -> ApprovalRoute:
    return ApprovalRoute.objects.get(reference=request.reference, state=RouteState.OPEN)


def states(route: ApprovalRoute) -> list[tuple[int, str, str]]:
    return [(step.level, step.role, step.state) for step in route.steps.all()]


class TestParallelSteps:
    def test_are_open_at_once(self, desk: Desk, amir: User) -> None:
        desk.asks_for(step(APPROVER), together(MANAGER, sla_hours=2), step(DIRECTOR))

        route = route_of(desk.waiting(by=amir))

        assert states(route) == [
            (1, APPROVER, StepState.OPEN),
            (1, MANAGER, StepState.OPEN),
            (2, DIRECTOR, StepState.WAITING),
        ]
        assert (route.open_roles, route.current_role) == ([APPROVER, MANAGER], MANAGER)
        assert route.due_at == NOON + timedelta(hours=2)

    @pytest.mark.parametrize("order", [("dana", "viktor"), ("viktor", "dana")])
    def test_need_both_in_any_order(
        self, desk: Desk, amir: User, dana: User, manager: User, order: tuple[str, str]
    ) -> None:
        desk.asks_for(step(APPROVER), together(MANAGER))
        request, people = desk.waiting(by=amir), {"dana": dana, "viktor": manager}

        signs(people[order[0]], request)
        assert as_stored(request).state == State.AWAITING_APPROVAL
        assert route_of(request).open_roles == [MANAGER if order[0] == "dana" else APPROVER]
        signs(people[order[1]], request)

        assert as_stored(request).state == State.APPROVED

    def test_take_one_signature_of_whoever_holds_both_roles(self, desk: Desk, amir: User, vera: User) -> None:
        give_roles(user=vera, roles=[APPROVER, MANAGER])
        desk.asks_for(step(APPROVER), together(MANAGER))
        request = desk.waiting(by=amir)
        signs(vera, request)

        with pytest.raises(Refused, match="decided on this request before"):
            signs(vera, request)

        assert states(route_of(request)) == [(1, APPROVER, StepState.APPROVED), (1, MANAGER, StepState.OPEN)]
        assert as_stored(request).state == State.AWAITING_APPROVAL

    def test_end_together_with_one_no(self, desk: Desk, amir: User, manager: User) -> None:
        desk.asks_for(step(APPROVER), together(MANAGER))
        request = desk.waiting(by=amir)

        signs(manager, request, DECLINES)

        assert as_stored(request).state == State.DECLINED
        route = ApprovalRoute.objects.get(reference=request.reference)
        assert states(route) == [(1, APPROVER, StepState.CLOSED), (1, MANAGER, StepState.DECLINED)]

    def test_are_shown_to_whoever_still_may_sign(self, desk: Desk, amir: User, dana: User, manager: User) -> None:
        desk.asks_for(step(APPROVER), together(MANAGER))
        request = desk.waiting(by=amir)
        signs(dana, request)

        waits = {
            person.username: [row.reference for row in waiting_routes(fresh(person), QueueView(), at=LATER)]
            for person in (dana, manager)
        }

        assert waits == {"dana": [], "viktor": [request.reference]}


class TestLevels:
    def test_open_after_the_last_signature_of_the_one_before(
        self, desk: Desk, amir: User, dana: User, manager: User, vera: User
    ) -> None:
        give_roles(user=vera, roles=[DIRECTOR])
        desk.asks_for(step(APPROVER), together(MANAGER), step(DIRECTOR, sla_hours=8))
        request = desk.waiting(by=amir)
        signs(dana, request)
        with pytest.raises(NotPermitted, match="waits for somebody with the role"):
            signs(vera, request)
        signs(manager, request)

        route = route_of(request)
        assert (route.current_level, route.open_roles, route.due_at) == (2, [DIRECTOR], LATER + timedelta(hours=8))
        signs(vera, request)

        assert as_stored(request).state == State.APPROVED

    def test_never_count_one_person_twice(self, desk: Desk, amir: User, viktor: User, vera: User) -> None:
        desk.asks_for(step(APPROVER), step(APPROVER))
        request = desk.waiting(by=amir)
        signs(viktor, request)

        with pytest.raises(Refused, match="decided on this request before"):
            signs(viktor, request)
        assert as_stored(request).state == State.AWAITING_APPROVAL
        signs(vera, request)

        assert as_stored(request).state == State.APPROVED

    def test_of_an_extra_signature_want_a_further_person_of_the_same_role(
        self, desk: Desk, amir: User, viktor: User, vera: User
    ) -> None:
        desk.asks_for(step(APPROVER), also=[step(APPROVER, when={"reasons": ["changed_mind"]})])
        request = desk.waiting(by=amir)
        signs(viktor, request)

        with pytest.raises(Refused):
            signs(viktor, request)
        signs(vera, request)

        assert as_stored(request).state == State.APPROVED


class TestVotes:
    @pytest.fixture
    def voted(self, desk: Desk, amir: User, dana: User, viktor: User, vera: User) -> RefundRequest:
        desk.asks_for(step(APPROVER, quorum=2, out_of=3))
        return desk.waiting(by=amir)

    def test_survive_one_no_of_three(self, voted: RefundRequest, dana: User, viktor: User, vera: User) -> None:
        signs(dana, voted, DECLINES)
        assert as_stored(voted).state == State.AWAITING_APPROVAL
        signs(viktor, voted)
        signs(vera, voted)

        assert as_stored(voted).state == State.APPROVED

    def test_end_with_the_second_no(self, voted: RefundRequest, dana: User, viktor: User, vera: User) -> None:
        signs(viktor, voted)
        signs(dana, voted, DECLINES)
        signs(vera, voted, DECLINES)

        assert as_stored(voted).state == State.DECLINED

    def test_of_two_people_end_with_the_first_no(self, desk: Desk, amir: User, dana: User, viktor: User) -> None:
        desk.asks_for(step(APPROVER, quorum=2))
        request = desk.waiting(by=amir)
        signs(viktor, request)
        assert as_stored(request).state == State.AWAITING_APPROVAL

        signs(dana, request, DECLINES)

        assert as_stored(request).state == State.DECLINED

    def test_are_two_different_people(self, desk: Desk, amir: User, viktor: User, vera: User) -> None:
        desk.asks_for(step(APPROVER, quorum=2))
        request = desk.waiting(by=amir)
        signs(viktor, request)
        with pytest.raises(Refused):
            signs(viktor, request)

        signs(vera, request)

        assert as_stored(request).state == State.APPROVED


class TestAPlanThatIsInterrupted:
    def test_begins_anew_after_a_question(self, desk: Desk, amir: User, dana: User, manager: User) -> None:
        desk.asks_for(step(APPROVER), together(MANAGER))
        request = desk.waiting(by=amir)
        signs(dana, request)
        workflow.ask(reference=request.reference, question="Which of the two lamps is it?", actor=manager, at=LATER)

        workflow.submit(reference=request.reference, actor=amir, at=LATER, answer="The green one.")

        assert states(route_of(request)) == [(1, APPROVER, StepState.OPEN), (1, MANAGER, StepState.OPEN)]
        signs(dana, request)
        signs(manager, request)
        assert as_stored(request).state == State.APPROVED

    def test_closes_every_step_when_it_is_withdrawn(self, desk: Desk, amir: User, dana: User) -> None:
        desk.asks_for(step(APPROVER), together(MANAGER), step(DIRECTOR))
        request = desk.waiting(by=amir)
        signs(dana, request)

        workflow.withdraw(reference=request.reference, note="Not wanted any more.", actor=amir, at=LATER)

        route = ApprovalRoute.objects.get(reference=request.reference)
        assert [state for *_, state in states(route)] == [StepState.APPROVED, StepState.CLOSED, StepState.CLOSED]

    def test_goes_on_with_a_fresh_route_after_a_hold(self, desk: Desk, amir: User, dana: User, viktor: User) -> None:
        desk.asks_for(step(APPROVER), step(APPROVER))
        request = desk.waiting(by=amir)
        signs(dana, request)
        workflow.hold(reference=request.reference, note="", actor=fresh(viktor), at=LATER)

        workflow.release(reference=request.reference, actor=fresh(viktor), at=LATER)

        assert states(route_of(request)) == [(1, APPROVER, StepState.OPEN), (2, APPROVER, StepState.WAITING)]


class TestAPersonWithTwoRoles:
    def test_leaves_the_place_somebody_else_can_fill_to_her(
        self, desk: Desk, amir: User, dana: User, viktor: User
    ) -> None:
        give_roles(user=viktor, roles=[APPROVER, MANAGER])
        desk.asks_for(step(APPROVER), together(MANAGER))
        waiting = desk.waiting(by=amir)

        signs(fresh(viktor), waiting)

        assert signs(dana, waiting).state == State.APPROVED

    def test_fills_the_place_she_holds_when_others_can_fill_the_other(
        self, desk: Desk, amir: User, dana: User, viktor: User, vera: User
    ) -> None:
        give_roles(user=viktor, roles=[APPROVER, MANAGER])
        give_roles(user=vera, roles=[MANAGER])
        desk.asks_for(step(APPROVER), together(MANAGER))
        route = desk.waiting(by=amir).route
        assert route is not None
        approvers = route.steps.get(role=APPROVER)
        for role in (MANAGER, APPROVER):
            held = lease_step(route=route, actor=fresh(viktor), at=NOON, step_id=route.steps.get(role=role).pk)
            assert held.role == role
        release_step(route=route, actor=viktor, step_id=route.steps.get(role=MANAGER).pk)

        workflow.decide(reference=route.reference, verdict=Verdict.APPROVE, rationale="", actor=fresh(viktor), at=LATER)

        assert approvers.decisions.get().decided_by == viktor

    def test_claims_the_place_she_would_sign(self, desk: Desk, amir: User, dana: User, viktor: User) -> None:
        give_roles(user=viktor, roles=[APPROVER, MANAGER])
        desk.asks_for(step(APPROVER), together(MANAGER))
        route = desk.waiting(by=amir).route

        assert claim_next(wanted=QueueView(), actor=fresh(viktor), at=NOON) == route
        assert route is not None
        assert route.steps.get(leased_by=viktor).role == MANAGER


class TestARequestThatWentUp:
    def test_comes_back_to_the_level_above_after_a_question(
        self, desk: Desk, amir: User, dana: User, manager: User
    ) -> None:
        desk.asks_for(step(APPROVER, escalates_to=MANAGER))
        waiting = desk.waiting(by=amir)
        assert waiting.route is not None
        escalate_step(route=waiting.route, actor=dana, note="", at=LATER)
        workflow.ask(reference=waiting.reference, question=WHY, actor=manager, at=LATER)

        answered = workflow.submit(reference=waiting.reference, actor=amir, answer="The blue one.", at=LATER)

        assert answered.route is not None
        assert answered.route.open_roles == [MANAGER]
        assert answered.route.due_at == LATER + timedelta(hours=4)
        with pytest.raises(Refused, match="names no level above"):
            escalate_step(route=answered.route, actor=manager, note="", at=LATER)
