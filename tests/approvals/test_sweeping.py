"""What time does by itself: remind once, send up, tell managers, lapse; and nothing twice."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import time_machine

from approvals.models import ApprovalRoute, Notice, TeamCalendar
from approvals.services.freezes import Target, lift_freeze, set_freeze
from approvals.services.sweeping import sweep_routes
from approvals.vocabulary import NoticeKind, RouteState, Verdict
from config.kernel import outbox
from config.kernel.people import assign_to_teams
from evidence.models import CustomerMessage, LedgerEntry
from evidence.verification import verify
from refunds import lapsing, workflow
from refunds.vocabulary import State
from tests.harness.people import fresh
from tests.harness.world import NOON, World, as_stored, payment_of

from .timely import DUE, LAPSES, REMIND, route_of, step_of, waiting_until_four

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.people import User

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
INCIDENT = "A card scheme has an incident."


def pass_until(at: datetime) -> int:
    """Sweep at a moment and let everything that follows happen at it."""
    with time_machine.travel(at, tick=False):
        swept = sweep_routes(at=at)
        outbox.drain(at=at)
    return swept


def told(kind: NoticeKind) -> list[str]:
    """Name everybody who was told this."""
    return sorted(Notice.objects.filter(kind=kind).values_list("user__username", flat=True))


class TestAReminder:
    def test_goes_once_to_those_who_may_sign(
        self, world: World, amir: User, dana: User, viktor: User, zeus: User
    ) -> None:
        waiting = waiting_until_four(world, amir)

        assert pass_until(REMIND - MINUTE) == 0
        assert pass_until(REMIND) == 1
        assert pass_until(REMIND + MINUTE) == 0

        assert told(NoticeKind.REMINDER) == ["dana", "viktor", "zeus"]
        assert step_of(waiting).reminded_at == REMIND

    def test_does_not_go_once_it_is_decided(self, world: World, amir: User, dana: User) -> None:
        waiting = waiting_until_four(world, amir)
        workflow.decide(reference=waiting.reference, verdict=Verdict.APPROVE, rationale="", actor=dana, at=NOON)

        assert pass_until(REMIND) == 0


class TestAnOverdueStep:
    def test_goes_up_and_tells_the_level_above(self, world: World, amir: User, dana: User, viktor: User) -> None:
        waiting = waiting_until_four(world, amir, escalates_to="manager")

        assert pass_until(DUE) == 1

        step = step_of(waiting)
        assert (step.role, step.escalated_at, step.due_at) == ("manager", DUE, DUE + timedelta(hours=4))
        assert told(NoticeKind.ESCALATED) == ["viktor"]
        entry = LedgerEntry.objects.get(subject_id=waiting.pk, kind="approval.escalated")
        assert (entry.actor, entry.machine) == (None, "clock")
        assert verify(waiting.subject).is_sound

    def test_is_reminded_about_anew_after_it_went_up(self, world: World, amir: User, viktor: User) -> None:
        waiting_until_four(world, amir, escalates_to="manager")
        pass_until(REMIND)
        pass_until(DUE)

        assert pass_until(DUE + timedelta(hours=3)) == 1

        assert "viktor" in told(NoticeKind.REMINDER)

    def test_without_a_level_above_stays_and_tells_the_managers_once(
        self, world: World, amir: User, dana: User, viktor: User, vera: User
    ) -> None:
        waiting = waiting_until_four(world, amir)

        assert [pass_until(DUE), pass_until(DUE + MINUTE)] == [1, 0]

        assert told(NoticeKind.OVERDUE) == ["vera", "viktor"]
        assert (step_of(waiting).role, step_of(waiting).due_at, route_of(waiting).due_at) == ("approver", DUE, DUE)

    def test_that_was_reminded_about_still_tells_the_managers(self, world: World, amir: User, viktor: User) -> None:
        waiting_until_four(world, amir)
        pass_until(REMIND)

        assert pass_until(DUE) == 1

        assert told(NoticeKind.OVERDUE) == ["viktor"]

    def test_is_due_again_in_working_time(self, world: World, amir: User, viktor: User) -> None:
        waiting = waiting_until_four(world, amir, escalates_to="manager")
        TeamCalendar.objects.create(team=world.team(), opens_at="09:00", closes_at="17:00")

        pass_until(DUE)

        # An hour of Friday and three of Monday.
        assert step_of(waiting).due_at == NOON + timedelta(days=3)

    def test_does_not_keep_others_waiting_when_one_cannot_be_swept(
        self, world: World, amir: User, viktor: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        broken, whole = (waiting_until_four(world, amir, escalates_to="manager") for _ in range(2))
        route = route_of(broken)
        ApprovalRoute.objects.filter(pk=route.pk).update(team=world.team("eu-saas"))
        TeamCalendar.objects.create(team=world.team("eu-saas"), opens_at="09:00", closes_at="09:00:01", weekdays=[1])

        assert pass_until(DUE) == 1

        assert [step_of(each).role for each in (broken, whole)] == ["approver", "manager"]


class TestALapse:
    def test_expires_the_request_and_gives_the_reserve_back(self, world: World, amir: User, dana: User) -> None:
        waiting = waiting_until_four(world, amir)
        letters = CustomerMessage.objects.count()

        pass_until(LAPSES - MINUTE)
        assert as_stored(waiting).state == State.AWAITING_APPROVAL
        pass_until(LAPSES)

        assert (as_stored(waiting).state, route_of(waiting).state) == (State.EXPIRED, RouteState.LAPSED)
        assert payment_of(waiting).reserved_minor == 0
        entry = LedgerEntry.objects.get(subject_id=waiting.pk, kind="refund_request.expired")
        assert (entry.machine, entry.at) == ("clock", LAPSES)
        assert "The customer was not told" in entry.sentence
        assert CustomerMessage.objects.count() == letters
        assert "amir" in told(NoticeKind.LAPSED)

    def test_happens_once(self, world: World, amir: User) -> None:
        waiting = waiting_until_four(world, amir)
        route = route_of(waiting)

        assert [lapsing.expire(route_id=route.pk, at=LAPSES) for _ in range(3)] == [True, False, False]

        assert LedgerEntry.objects.filter(subject_id=waiting.pk, kind="refund_request.expired").count() == 1

    def test_is_told_once_while_its_task_waits(self, world: World, amir: User) -> None:
        waiting_until_four(world, amir)
        sweep_routes(at=LAPSES)
        sweep_routes(at=LAPSES + MINUTE)

        told = outbox.OutboxRow.objects.filter(news="approval.lapsed").values_list("task", flat=True)
        assert sorted(told) == ["policies.tasks.lapse_action", "refunds.tasks.expire_request"]

    def test_comes_too_late_once_it_is_decided(self, world: World, amir: User, dana: User) -> None:
        waiting = waiting_until_four(world, amir)
        sweep_routes(at=LAPSES)
        workflow.decide(
            reference=waiting.reference, verdict=Verdict.APPROVE, rationale="", actor=fresh(dana), at=LAPSES
        )

        outbox.drain(at=LAPSES + MINUTE)

        assert as_stored(waiting).state == State.APPROVED
        assert payment_of(waiting).reserved_minor == 100_00

    def test_does_not_come_under_a_freeze_and_later_by_as_long_as_it_stood(
        self, world: World, amir: User, lena: User
    ) -> None:
        waiting = waiting_until_four(world, amir)
        switch = set_freeze(target=Target(scope="everything"), why=INCIDENT, actor=lena, at=LAPSES - 3 * DAY)
        pass_until(LAPSES + DAY)
        assert as_stored(waiting).state == State.AWAITING_APPROVAL

        lift_freeze(switch_id=switch.pk, why=INCIDENT, actor=fresh(lena), at=LAPSES + DAY)

        assert route_of(waiting).lapses_at == LAPSES + 4 * DAY
        pass_until(LAPSES + 3 * DAY)
        assert as_stored(waiting).state == State.AWAITING_APPROVAL
        pass_until(LAPSES + 4 * DAY)
        assert as_stored(waiting).state == State.EXPIRED

    @pytest.mark.parametrize("scope", ["agent", "team", "category"])
    def test_comes_beside_the_freeze_of_something_else(
        self, world: World, amir: User, luis: User, lena: User, scope: str
    ) -> None:
        waiting = waiting_until_four(world, amir)
        team = world.team("us-dtc")
        elsewhere: dict[str, Any] = {"agent": luis, "team": team, "category": "payout"}
        assign_to_teams(user=lena, teams=[world.team(), team])
        set_freeze(target=Target(scope=scope, **{scope: elsewhere[scope]}), why=INCIDENT, actor=fresh(lena), at=NOON)

        pass_until(LAPSES)

        assert as_stored(waiting).state == State.EXPIRED

    @pytest.mark.parametrize("scope", ["agent", "team", "category"])
    def test_does_not_come_under_a_freeze_of(self, world: World, amir: User, lena: User, scope: str) -> None:
        waiting = waiting_until_four(world, amir)
        here: dict[str, Any] = {"agent": amir, "team": world.team(), "category": "refund"}
        set_freeze(target=Target(scope=scope, **{scope: here[scope]}), why=INCIDENT, actor=lena, at=NOON)

        pass_until(LAPSES)

        assert as_stored(waiting).state == State.AWAITING_APPROVAL

    def test_that_was_told_before_a_freeze_waits_for_its_end(self, world: World, amir: User, lena: User) -> None:
        waiting = waiting_until_four(world, amir)
        sweep_routes(at=LAPSES)
        switch = set_freeze(target=Target(scope="everything"), why=INCIDENT, actor=lena, at=LAPSES)
        outbox.drain(at=LAPSES)
        assert as_stored(waiting).state == State.AWAITING_APPROVAL
        lift_freeze(switch_id=switch.pk, why=INCIDENT, actor=fresh(lena), at=LAPSES + DAY)

        pass_until(LAPSES + DAY)

        assert as_stored(waiting).state == State.EXPIRED

    def test_does_not_come_before_its_time(self, world: World, amir: User) -> None:
        waiting = waiting_until_four(world, amir)

        assert not lapsing.expire(route_id=route_of(waiting).pk, at=LAPSES - MINUTE)
        assert as_stored(waiting).state == State.AWAITING_APPROVAL

    def test_lets_the_customer_ask_again(self, world: World, amir: User) -> None:
        order = world.order(unit_minor=100_00)
        first = world.filed(order, by=amir)
        ApprovalRoute.objects.filter(reference=first.reference).update(lapses_at=LAPSES)
        lapsing.expire(route_id=route_of(first).pk, at=LAPSES)

        assert world.filed(order, by=amir).state == State.AWAITING_APPROVAL
