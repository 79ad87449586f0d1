"""A recall and the worker in the same instant: taken back and never sent, or sent exactly once."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from config.kernel.refusals import OutOfDate
from evidence.models import CustomerMessage
from refunds import recalling
from refunds.models import Attempt, RefundRequest
from refunds.processing.performing import perform_operation
from refunds.vocabulary import OperationState, State
from tests.harness.people import fresh
from tests.harness.races import in_the_same_instant, losers
from tests.harness.world import NOON, World, payment_of

if TYPE_CHECKING:
    from pytest_django import Settings

    from config.kernel.people import User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ROUNDS = 50
OVER = NOON + timedelta(seconds=300)


class TestRecallAndWorker:
    def test_never_both_win(self, world: World, amir: User, dana: User, settings: Settings) -> None:
        settings.RECALL_SECONDS = 300
        recalled_count = 0
        for _ in range(ROUNDS):
            approved = world.approved(by=amir, approver=dana)
            operation = approved.operations.get()

            recalled, performed, again = in_the_same_instant(
                partial(recalling.recall, reference=approved.reference, note="", actor=fresh(dana), at=OVER),
                partial(perform_operation, operation_id=operation.pk, at=OVER),
                partial(perform_operation, operation_id=operation.pk, at=OVER),
            )

            operation.refresh_from_db()
            stored = RefundRequest.objects.get(pk=approved.pk)
            tries = Attempt.objects.filter(operation=operation).count()
            told = CustomerMessage.objects.filter(subject_id=stored.pk).count()
            if isinstance(recalled, Exception):
                assert isinstance(recalled, OutOfDate)
                assert (stored.state, tries, told) == (State.PROCESSING, 1, 1)
                assert [performed, again].count(True) == 1
            else:
                recalled_count += 1
                assert (stored.state, tries, told) == (State.AWAITING_APPROVAL, 0, 0)
                assert operation.state == OperationState.CANCELLED
                assert [performed, again] == [False, False]
            assert losers([performed, again]) == []
            assert payment_of(stored).reserved_minor == 100_00
        assert 0 <= recalled_count <= ROUNDS
