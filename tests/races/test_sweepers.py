"""Time and people in the same instant: two sweepers do nothing twice, and a decision and a lapse end in one state."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

import pytest

from approvals.models import ApprovalDecision
from approvals.services.escalating import escalate_step
from approvals.services.sweeping import sweep_routes
from approvals.vocabulary import RouteState, Verdict
from config.kernel.outbox import OutboxRow, subscriptions
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from evidence.models import LedgerEntry
from refunds import lapsing, workflow
from refunds.models import Operation
from refunds.vocabulary import State
from tests.approvals.timely import DUE, LAPSES, REMIND, route_of, step_of, waiting_until_four
from tests.harness.people import fresh
from tests.harness.races import in_the_same_instant, losers, winners
from tests.harness.world import World, as_stored, payment_of

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.people import User
    from refunds.models import RefundRequest

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ROUNDS = 8


def approve(reference: str, who: User, at: datetime) -> RefundRequest:
    return workflow.decide(reference=reference, verdict=Verdict.APPROVE, rationale="", actor=fresh(who), at=at)


class TestTwoSweepers:
    def test_do_nothing_twice(self, world: World, amir: User, dana: User, viktor: User) -> None:
        waiting = [waiting_until_four(world, amir, escalates_to="manager") for _ in range(ROUNDS)]

        for moment in (REMIND, DUE, LAPSES):
            results = in_the_same_instant(*(partial(sweep_routes, at=moment) for _ in range(3)))
            assert losers(results) == []

        for each in waiting:
            assert LedgerEntry.objects.filter(subject_id=each.pk, kind="approval.escalated").count() == 1
            assert step_of(each).role == "manager"
        for news in ("approval.lapsed", "approval.due_soon", "approval.escalated"):
            told = Counter(OutboxRow.objects.filter(news=news).values_list("task", flat=True))
            assert told == dict.fromkeys(subscriptions()[news], ROUNDS)

    def test_expire_once(self, world: World, amir: User) -> None:
        for _ in range(ROUNDS):
            waiting = waiting_until_four(world, amir)
            route = route_of(waiting)

            results = in_the_same_instant(*(partial(lapsing.expire, route_id=route.pk, at=LAPSES) for _ in range(3)))

            assert sorted(map(bool, winners(results))) == [False, False, True]
            assert payment_of(waiting).reserved_minor == 0


class TestADecision:
    def test_and_a_lapse_end_in_one_state(self, world: World, amir: User, dana: User) -> None:
        for _ in range(ROUNDS):
            waiting = waiting_until_four(world, amir)
            route = route_of(waiting)

            in_the_same_instant(
                partial(lapsing.expire, route_id=route.pk, at=LAPSES), partial(approve, waiting.reference, dana, LAPSES)
            )

            stored, ended = as_stored(waiting), route_of(waiting)
            signed = ApprovalDecision.objects.filter(route=route).count()
            expected = {
                State.APPROVED: (RouteState.APPROVED, 1, 1, 100_00),
                State.EXPIRED: (RouteState.LAPSED, 0, 0, 0),
            }[State(stored.state)]
            moves = Operation.objects.filter(refund_request=stored).count()
            assert (ended.state, signed, moves, payment_of(stored).reserved_minor) == expected

    def test_and_an_escalation_end_in_one_state(self, world: World, amir: User, dana: User, viktor: User) -> None:
        for _ in range(ROUNDS):
            waiting = waiting_until_four(world, amir, escalates_to="manager")

            _, decided = in_the_same_instant(
                partial(sweep_routes, at=DUE), partial(approve, waiting.reference, dana, DUE)
            )

            went_up = LedgerEntry.objects.filter(subject_id=waiting.pk, kind="approval.escalated").exists()
            if isinstance(decided, Exception):
                assert isinstance(decided, NotPermitted), decided
                assert went_up
                assert (as_stored(waiting).state, step_of(waiting).role) == (State.AWAITING_APPROVAL, "manager")
            else:
                assert not went_up
                assert (as_stored(waiting).state, route_of(waiting).state) == (State.APPROVED, RouteState.APPROVED)


class TestTwoPeople:
    def test_send_it_up_once(self, world: World, amir: User, dana: User, viktor: User) -> None:
        for _ in range(ROUNDS):
            waiting = waiting_until_four(world, amir, escalates_to="manager")
            route = route_of(waiting)

            results = in_the_same_instant(
                *(partial(escalate_step, route=route, actor=fresh(who), note="", at=DUE) for who in (dana, viktor)),
                partial(sweep_routes, at=DUE),
            )

            assert {type(error) for error in losers(results)} <= {Refused, OutOfDate}
            assert LedgerEntry.objects.filter(subject_id=waiting.pk, kind="approval.escalated").count() == 1
