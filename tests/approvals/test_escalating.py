"""A signature that goes up a level: who may sign then, by when, and who may ask for it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from approvals.models import ApprovalRoute, ApprovalStep
from approvals.services.escalating import escalate_step
from approvals.services.leasing import lease_step
from approvals.vocabulary import Verdict
from config.kernel.people import assign_to_teams
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from evidence.models import LedgerEntry
from refunds import workflow
from refunds.vocabulary import State
from tests.harness.people import fresh
from tests.harness.stillness import refused
from tests.harness.world import NOON, World, as_stored

from .timely import DUE, route_of, step_of, waiting_until_four

if TYPE_CHECKING:
    from config.kernel.people import User
    from refunds.models import RefundRequest

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(hours=1)


def approved(refund_request: RefundRequest, by: User) -> RefundRequest:
    """Sign as somebody loaded anew."""
    return workflow.decide(
        reference=refund_request.reference, verdict=Verdict.APPROVE, rationale="", actor=fresh(by), at=LATER
    )


class TestEscalateStep:
    def test_lets_the_role_above_sign_within_a_fresh_promise(self, world: World, amir: User, dana: User) -> None:
        waiting = waiting_until_four(world, amir, escalates_to="manager")

        escalate_step(route=route_of(waiting), actor=dana, note="Above me.", at=LATER)

        step, route = step_of(waiting), route_of(waiting)
        assert (step.role, step.escalates_to, step.escalated_at) == ("manager", "", LATER)
        assert step.due_at == route.due_at == LATER + timedelta(hours=4)
        assert (route.open_roles, route.current_role) == (["manager"], "manager")
        assert (step.remind_at, step.reminded_at) == (LATER + timedelta(hours=3), None)

    def test_keeps_whoever_has_only_the_old_role_from_signing(
        self, world: World, amir: User, dana: User, viktor: User
    ) -> None:
        waiting = waiting_until_four(world, amir, escalates_to="manager")
        escalate_step(route=route_of(waiting), actor=dana, note="", at=LATER)

        with refused(NotPermitted, "not_permitted"):
            approved(waiting, dana)
        assert approved(waiting, viktor).state == State.APPROVED

    def test_counts_what_was_signed_before(self, world: World, amir: User, dana: User, viktor: User) -> None:
        waiting = waiting_until_four(world, amir, escalates_to="manager")
        ApprovalStep.objects.filter(route=route_of(waiting)).update(quorum=2)
        approved(waiting, dana)

        escalate_step(route=route_of(waiting), actor=dana, note="", at=LATER)

        assert approved(waiting, viktor).state == State.APPROVED

    def test_frees_it_from_whoever_held_it(self, world: World, amir: User, dana: User) -> None:
        waiting = waiting_until_four(world, amir, escalates_to="manager")
        lease_step(route=route_of(waiting), actor=dana, at=NOON)

        escalate_step(route=route_of(waiting), actor=dana, note="", at=LATER)

        assert (step_of(waiting).leased_by, step_of(waiting).leased_until) == (None, None)

    def test_is_on_record_with_the_hash_of_the_note_only(self, world: World, amir: User, dana: User) -> None:
        waiting = waiting_until_four(world, amir, escalates_to="manager")

        escalate_step(route=route_of(waiting), actor=dana, note="Ada called twice.", at=LATER)

        entry = LedgerEntry.objects.get(subject_id=waiting.pk, kind="approval.escalated")
        assert (entry.actor, entry.at) == (dana, LATER)
        assert "from approver to manager" in entry.sentence
        assert "Ada called twice" not in entry.payload

    def test_leaves_parallel_steps_that_have_nobody_above(self, world: World, amir: User, dana: User) -> None:
        waiting = waiting_until_four(world, amir, escalates_to="director")
        route = route_of(waiting)
        ApprovalStep.objects.create(
            route=route, level=1, place=1, role="manager", sla_hours=2, state="open", opened_at=NOON, due_at=DUE
        )

        escalate_step(route=route, actor=dana, note="", at=LATER)

        assert route_of(waiting).open_roles == ["director", "manager"]
        assert route_of(waiting).due_at == DUE

    def test_goes_up_once(self, world: World, amir: User, dana: User) -> None:
        waiting = waiting_until_four(world, amir, escalates_to="manager")
        escalate_step(route=route_of(waiting), actor=dana, note="", at=LATER)

        with refused(Refused, "refused"):
            escalate_step(route=route_of(waiting), actor=dana, note="", at=LATER)

    def test_is_refused_where_the_plan_names_nobody_above(self, world: World, amir: User, dana: User) -> None:
        waiting = waiting_until_four(world, amir)

        with refused(Refused, "refused"):
            escalate_step(route=route_of(waiting), actor=dana, note="", at=LATER)

    def test_comes_too_late_once_it_was_decided(self, world: World, amir: User, dana: User) -> None:
        waiting = waiting_until_four(world, amir, escalates_to="manager")
        approved(waiting, dana)

        with refused(OutOfDate, "already_decided"):
            escalate_step(route=route_of(waiting), actor=dana, note="", at=LATER)

    def test_needs_the_right_and_the_team(self, world: World, amir: User, viktor: User) -> None:
        waiting = waiting_until_four(world, amir, escalates_to="manager")
        assign_to_teams(user=viktor, teams=[world.team("us-dtc")])

        for stranger in (amir, fresh(viktor)):
            with refused(NotPermitted, "not_permitted"):
                escalate_step(route=route_of(waiting), actor=stranger, note="", at=LATER)

    @pytest.mark.parametrize(
        ("note", "code"), [("x" * 401, "invalid"), ("Card 4242 4242 4242 4242", "card_number_in_text")]
    )
    def test_takes_a_short_note_without_a_card_number(
        self, world: World, amir: User, dana: User, note: str, code: str
    ) -> None:
        waiting = waiting_until_four(world, amir, escalates_to="manager")

        with refused(Refused, code):
            escalate_step(route=route_of(waiting), actor=dana, note=note, at=LATER)
        assert ApprovalRoute.objects.get(pk=route_of(waiting).pk).open_roles == ["approver"]
        assert as_stored(waiting).state == State.AWAITING_APPROVAL
