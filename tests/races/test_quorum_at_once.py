"""Three votes in the same instant: one final state, no vote lost, the money moves once."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from approvals.models import ApprovalDecision, ApprovalRoute, ApprovalStep
from approvals.vocabulary import RouteState, StepState, Verdict
from config.kernel.refusals import OutOfDate
from refunds import workflow
from refunds.models import Operation, RefundRequest
from refunds.vocabulary import State
from tests.harness.people import fresh
from tests.harness.races import in_the_same_instant, losers, winners
from tests.harness.world import NOON, World, payment_of

if TYPE_CHECKING:
    from config.kernel.people import User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ROUNDS = 50
WHY = "The parcel came back empty."


def vote(reference: str, who: User, verdict: Verdict) -> RefundRequest:
    return workflow.decide(reference=reference, verdict=verdict, rationale=WHY, actor=fresh(who), at=NOON)


def three_votes(
    world: World, amir: User, people: tuple[User, User, User], out_of: int | None
) -> tuple[RefundRequest, list[RefundRequest | Exception]]:
    """Let two agree and one refuse in the same instant on a step that wants two."""
    waiting = world.waiting(by=amir, pounds=100)
    ApprovalStep.objects.filter(route__reference=waiting.reference).update(quorum=2, out_of=out_of)
    first, second, third = people
    results = in_the_same_instant(
        partial(vote, waiting.reference, first, Verdict.APPROVE),
        partial(vote, waiting.reference, second, Verdict.APPROVE),
        partial(vote, waiting.reference, third, Verdict.DECLINE),
    )
    return RefundRequest.objects.get(pk=waiting.pk), results


def check_is_one_story(stored: RefundRequest, results: list[RefundRequest | Exception]) -> list[str]:
    """Check that state, route, votes and money tell the same; answer the votes."""
    route = ApprovalRoute.objects.get(reference=stored.reference)
    votes = list(ApprovalDecision.objects.filter(route=route).values_list("verdict", flat=True))
    assert len(votes) == len(winners(results))
    assert {(type(error), getattr(error, "code", "")) for error in losers(results)} <= {(OutOfDate, "already_decided")}
    assert not route.steps.filter(state__in=[StepState.OPEN, StepState.WAITING]).exists()
    operations = Operation.objects.filter(refund_request=stored)
    assert operations.count() == (stored.state == State.APPROVED)
    assert (
        route.state == {State.APPROVED: RouteState.APPROVED, State.DECLINED: RouteState.DECLINED}[State(stored.state)]
    )
    assert payment_of(stored).reserved_minor == (100_00 if stored.state == State.APPROVED else 0)
    return votes


class TestTwoOfThree:
    def test_agree_whatever_the_third_says_in_the_same_instant(
        self, world: World, amir: User, dana: User, viktor: User, vera: User
    ) -> None:
        seen = set()
        for _ in range(ROUNDS):
            stored, results = three_votes(world, amir, (dana, viktor, vera), out_of=3)

            votes = check_is_one_story(stored, results)
            assert stored.state == State.APPROVED
            assert votes.count("approve") == 2
            seen.add(len(votes))
        assert seen <= {2, 3}


class TestTwoWithoutAVoteOnIt:
    def test_are_stopped_by_a_no_that_comes_first(
        self, world: World, amir: User, dana: User, viktor: User, vera: User
    ) -> None:
        for _ in range(ROUNDS):
            stored, results = three_votes(world, amir, (dana, viktor, vera), out_of=None)

            votes = check_is_one_story(stored, results)
            assert ("decline" in votes) == (stored.state == State.DECLINED)
