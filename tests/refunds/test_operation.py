"""The database lets money be told to move only where it was approved, whoever asks and however."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, transaction

from approvals.models import ApprovalRoute, ApprovalStep
from approvals.vocabulary import Verdict
from config.kernel.ids import new_id
from refunds import workflow
from refunds.models import Operation, RefundRequest
from refunds.vocabulary import State
from tests.harness.people import fresh
from tests.harness.world import NOON, World

if TYPE_CHECKING:
    from config.kernel.people import User

pytestmark = pytest.mark.django_db


def told_to_move(refund_request: RefundRequest, **changes: Any) -> Operation:
    """Write an operation past every command."""
    columns = {
        "refund_request": refund_request,
        "payment": refund_request.payment,
        "gateway": "stripe",
        "amount_minor": refund_request.requested_minor,
        "currency": refund_request.currency,
        "idempotency_key": str(new_id()),
        "next_try_at": NOON,
        "created_at": NOON,
        **changes,
    }
    with transaction.atomic():
        return Operation.objects.create(**columns)


def freed(refund_request: RefundRequest) -> RefundRequest:
    """Take away the operation there is, so that nothing but the approval stands in the way."""
    Operation.objects.filter(refund_request=refund_request).delete()
    return refund_request


class TestAnOperation:
    def test_is_refused_for_what_waits(self, world: World, amir: User) -> None:
        with pytest.raises(IntegrityError, match="Nobody approved that 10000 GBP leave"):
            told_to_move(world.waiting(by=amir))

    def test_is_refused_for_a_state_somebody_forged(self, world: World, amir: User) -> None:
        waiting = world.waiting(by=amir)
        RefundRequest.objects.filter(pk=waiting.pk).update(state=State.APPROVED, approved_minor=100_00)
        ApprovalRoute.objects.filter(reference=waiting.reference).update(state="approved", closed_at=NOON)

        with pytest.raises(IntegrityError, match="Nobody approved"):
            told_to_move(waiting)

    def test_is_refused_while_a_second_signature_is_missing(
        self, world: World, amir: User, dana: User, viktor: User
    ) -> None:
        waiting = world.waiting(by=amir)
        ApprovalStep.objects.filter(route__reference=waiting.reference).update(quorum=2)
        workflow.decide(reference=waiting.reference, verdict=Verdict.APPROVE, rationale="", actor=dana, at=NOON)
        route = ApprovalRoute.objects.filter(reference=waiting.reference)
        route.update(state="approved", closed_at=NOON)

        with pytest.raises(IntegrityError, match="Nobody approved"):
            told_to_move(waiting)
        route.update(state="open", closed_at=None)
        workflow.decide(
            reference=waiting.reference, verdict=Verdict.APPROVE, rationale="", actor=fresh(viktor), at=NOON
        )
        told_to_move(freed(waiting))

    def test_moves_no_more_than_anybody_signed_for(self, world: World, amir: User, dana: User) -> None:
        approved = freed(world.approved(by=amir, approver=dana))
        signed_minor = approved.approved_minor
        assert signed_minor is not None

        with pytest.raises(IntegrityError, match="Nobody approved"):
            told_to_move(approved, amount_minor=signed_minor + 1)
        with pytest.raises(IntegrityError, match="Nobody approved"):
            told_to_move(approved, currency="EUR")
        told_to_move(approved, amount_minor=signed_minor)

    def test_follows_what_the_policy_in_force_let_through(self, world: World, amir: User) -> None:
        automatic = freed(world.filed(world.order(unit_minor=20_00, quantity=1), by=amir))
        assert automatic.state == State.APPROVED

        with pytest.raises(IntegrityError, match="Nobody approved"):
            told_to_move(automatic, amount_minor=automatic.requested_minor + 1)
        told_to_move(automatic)
