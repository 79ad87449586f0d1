"""Two people in the same instant: one wins, the other hears what happened, the money moves once."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from approvals.models import ApprovalDecision, AuthorityLimit
from approvals.vocabulary import Verdict
from config.kernel.refusals import OutOfDate, Refused
from refunds import workflow
from refunds.models import Operation, Payment, RefundRequest
from refunds.vocabulary import State
from tests.harness.people import by_decree, fresh
from tests.harness.races import in_the_same_instant, losers, winners
from tests.harness.world import NOON, World

if TYPE_CHECKING:
    from config.kernel.people import User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def decided(reference: str, who: User, verdict: Verdict, rationale: str = "") -> RefundRequest:
    return workflow.decide(reference=reference, verdict=verdict, rationale=rationale, actor=fresh(who), at=NOON)


class TestTwoApprovers:
    def test_cannot_both_win(self, world: World, amir: User, viktor: User, vera: User) -> None:
        for _ in range(5):
            reference = world.waiting(by=amir, pounds=100).reference

            results = in_the_same_instant(
                *(partial(decided, reference, who, Verdict.APPROVE) for who in (viktor, vera))
            )

            assert len(winners(results)) == 1
            (loser,) = losers(results)
            assert isinstance(loser, OutOfDate)
            assert loser.code == "already_decided"
            assert "approved this already" in loser.detail
            assert ApprovalDecision.objects.filter(route__reference=reference).count() == 1
            assert Operation.objects.filter(refund_request__reference=reference).count() == 1

    def test_approve_and_decline_end_in_one_state(self, world: World, amir: User, viktor: User, vera: User) -> None:
        for _ in range(5):
            reference = world.waiting(by=amir, pounds=100).reference

            results = in_the_same_instant(
                partial(decided, reference, viktor, Verdict.APPROVE),
                partial(decided, reference, vera, Verdict.DECLINE, "Not the customer's own order."),
            )

            assert len(winners(results)) == 1
            stored = RefundRequest.objects.get(reference=reference)
            moves = Operation.objects.filter(refund_request__reference=reference).count()
            assert moves == (stored.state == State.APPROVED)


class TestTwoAgents:
    def test_filing_the_same_lines_leave_one_open_request(self, world: World, amir: User, zeus: User) -> None:
        order = world.order(unit_minor=100_00, quantity=4)

        results = in_the_same_instant(
            *(lambda who=who: world.filed(order, by=fresh(who)) for who in (amir, zeus, amir, zeus))
        )

        assert len(winners(results)) == 1
        assert {error.code for error in losers(results) if isinstance(error, Refused)} == {"duplicate_request"}
        assert len(losers(results)) == 3
        assert RefundRequest.objects.filter(order=order).count() == 1

    def test_filing_for_more_than_was_paid_never_break_the_balance(self, world: World, amir: User) -> None:
        order = world.order(unit_minor=100_00, quantity=1, line_count=4)
        payment = Payment.objects.get(order=order)
        Payment.objects.filter(pk=payment.pk).update(captured_minor=250_00)

        results = in_the_same_instant(
            *(
                lambda line=line: workflow.file_request(
                    draft=world.draft_of(order, line=str(line)), actor=fresh(amir), at=NOON
                )
                for line in range(1, 5)
            )
        )

        assert len(winners(results)) == 2
        assert all(
            isinstance(error, Refused) and error.code == "exceeds_refundable_balance" for error in losers(results)
        )
        payment.refresh_from_db()
        assert payment.reserved_minor == 200_00


class TestOneApproverWithTwoWindows:
    def test_never_signs_for_more_than_her_day(self, world: World, amir: User, dana: User) -> None:
        with by_decree():
            AuthorityLimit.objects.filter(user=dana).update(daily_minor=500_00)
        for day in range(4):
            moment = NOON + timedelta(days=day)
            waiting = [world.waiting(by=amir, pounds=300, at=moment).reference for _ in range(3)]

            # The clocks of the windows differ, as clocks do: who came later may carry the earlier time.
            results = in_the_same_instant(
                *(
                    lambda reference=reference, at=moment - timedelta(seconds=place): workflow.decide(
                        reference=reference, verdict=Verdict.APPROVE, rationale="", actor=fresh(dana), at=at
                    )
                    for place, reference in enumerate(waiting)
                )
            )

            assert len(winners(results)) == 1
            assert {getattr(error, "code", error) for error in losers(results)} == {"over_authority"}
