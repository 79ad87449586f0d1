"""How many statements the commands of one refund send: what is asked twice, or asked for nothing, shows here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from approvals.models import ApprovalRoute
from approvals.vocabulary import Verdict
from refunds import bulk, workflow
from refunds.gateways.base import Accepted, RefundStatus
from refunds.gateways.registry import standing_in
from refunds.gateways.stripe import StripeGateway
from refunds.models import Operation
from refunds.processing.performing import perform_operation
from refunds.vocabulary import BulkReason, OperationState, State
from tests.harness.people import fresh
from tests.harness.world import NOON, World, as_stored

if TYPE_CHECKING:
    from collections.abc import Callable

    from config.kernel.people import User
    from refunds.gateways.base import RefundInstruction

    AtMost = Callable[[int], Any]

pytestmark = pytest.mark.django_db


class PaysAtOnce(StripeGateway):
    """A processor in this process, which says yes."""

    def refund(self, instruction: RefundInstruction) -> Accepted:
        """Say yes."""
        return Accepted(f"re_{instruction.operation_id[-12:]}", RefundStatus.SUCCEEDED)


class TestFiling:
    def test_sends_a_request_to_people_with_at_most_38_statements(
        self, world: World, amir: User, django_assert_max_num_queries: AtMost
    ) -> None:
        orders = [world.order(unit_minor=100_00) for _ in range(2)]
        world.filed(orders[0], by=amir)

        with django_assert_max_num_queries(38):
            filed = world.filed(orders[1], by=amir)

        assert as_stored(filed).state == State.AWAITING_APPROVAL


class TestDeciding:
    def test_takes_a_last_signature_with_at_most_47_statements(
        self, world: World, amir: User, dana: User, django_assert_max_num_queries: AtMost
    ) -> None:
        waiting = world.waiting(by=amir)

        with django_assert_max_num_queries(47):
            workflow.decide(
                reference=waiting.reference, verdict=Verdict.APPROVE, rationale="", actor=fresh(dana), at=NOON
            )

        assert as_stored(waiting).state == State.APPROVED


class TestMoneyOut:
    def test_is_claimed_sent_and_recorded_with_at_most_43_statements(
        self, world: World, amir: User, dana: User, django_assert_max_num_queries: AtMost
    ) -> None:
        operation = Operation.objects.get(refund_request=world.approved(by=amir, approver=dana))

        with standing_in("stripe", PaysAtOnce("sk_test_none", [])), django_assert_max_num_queries(43):
            perform_operation(operation_id=operation.pk, at=NOON)

        operation.refresh_from_db()
        assert operation.state == OperationState.SUCCEEDED


class TestBulk:
    def test_adds_at_most_46_statements_for_each_request(
        self, world: World, amir: User, dana: User, django_assert_max_num_queries: AtMost
    ) -> None:
        routes = [world.waiting(by=amir).route_id for _ in range(5)]
        counts = []
        for some in (routes[:1], routes[1:]):
            with django_assert_max_num_queries(300) as sent:
                done = bulk.approve_all(
                    route_ids=[pk for pk in some if pk is not None],
                    reason=BulkReason.IN_POLICY,
                    note="",
                    actor=fresh(dana),
                    at=NOON,
                )
            assert all(one.is_done for one in done)
            counts.append(len(sent))

        assert (counts[1] - counts[0]) / 3 <= 46
        assert ApprovalRoute.objects.filter(state="approved").count() == 5
