"""An operation that waits for a person is never a dead end, and never a second payment."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from refunds import workflow
from refunds.gateways.base import KeyRefused
from refunds.models import Operation
from refunds.processing.line import note_answer
from refunds.processing.resolving import confirm_nothing_moved, take_up_again
from refunds.vocabulary import OperationState, State
from tests.harness.people import settle
from tests.harness.world import NOON

from .conftest import Stage, fresh, request_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.servers]

NEXT_DAY = NOON + timedelta(hours=25)


def parked(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Operation:
    """Put an operation into a person's hands that was tried once and never begun."""
    operation = stage.approved()
    with monkeypatch.context() as patch:
        patch.setattr(stage.gateway, "refund", lambda _instruction: KeyRefused("Invalid API key."))
        operation = stage.perform(operation)
    note_answer("stripe", at=NOON)
    Operation.objects.filter(pk=operation.pk).update(state=OperationState.NEEDS_PERSON)
    return fresh(operation)


def absent_for_a_day(stage: Stage) -> Operation:
    """Park an operation whose stored failure is replayed until a look-up finds nothing a day later."""
    operation = stage.approved()
    stage.sandbox.arm("500_not_done")
    moment = NOON
    while fresh(operation).state != OperationState.NEEDS_PERSON and moment < NEXT_DAY:
        moment += timedelta(hours=1)
        stage.perform(operation, moment)
    assert fresh(operation).state == OperationState.NEEDS_PERSON
    return fresh(operation)


class TestTakeUpAgain:
    def test_sends_the_same_key_while_the_processor_knows_it(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        operation = parked(stage, monkeypatch)
        reference = request_of(operation).reference

        take_up_again(reference=reference, actor=settle("lena"), at=NOON)
        operation = stage.perform(operation, NOON + timedelta(minutes=2))

        assert (operation.state, request_of(operation).state) == (OperationState.SUCCEEDED, State.REFUNDED)
        assert stage.gateway.keys_sent == [operation.idempotency_key]
        assert len(stage.refunds_of(operation)) == 1

    def test_only_looks_when_the_processor_may_have_forgotten_the_key(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        operation = parked(stage, monkeypatch)

        take_up_again(reference=request_of(operation).reference, actor=settle("lena"), at=NEXT_DAY)
        operation = stage.perform(operation, NEXT_DAY)

        assert stage.gateway.keys_sent == []
        assert operation.state == OperationState.NEEDS_PERSON

    def test_is_refused_when_nothing_waits_and_to_people_without_the_right(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        paid = stage.approved()
        stage.perform(paid)
        waiting = parked(stage, monkeypatch)

        with pytest.raises(OutOfDate):
            take_up_again(reference=request_of(paid).reference, actor=settle("lena"), at=NOON)
        with pytest.raises(NotPermitted):
            take_up_again(reference=request_of(waiting).reference, actor=settle("dana"), at=NOON)
        assert fresh(waiting).state == OperationState.NEEDS_PERSON


class TestConfirmNothingMoved:
    def test_opens_the_way_to_one_new_operation_with_a_key_of_its_own(self, stage: Stage) -> None:
        first = absent_for_a_day(stage)
        reference = request_of(first).reference

        confirm_nothing_moved(reference=reference, actor=settle("lena"), at=NEXT_DAY)
        assert (fresh(first).state, request_of(first).state) == (OperationState.REJECTED, State.FAILED)
        workflow.retry(reference=reference, actor=settle("lena"), at=NEXT_DAY)
        second = request_of(first).operations.exclude(pk=first.pk).get()
        second = stage.perform(second, NEXT_DAY)

        assert (second.state, request_of(first).state) == (OperationState.SUCCEEDED, State.REFUNDED)
        assert second.idempotency_key != first.idempotency_key
        assert stage.refunds_of(first) == []
        assert len(stage.refunds_of(second)) == 1

    def test_is_refused_before_a_look_up_that_found_nothing(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        operation = parked(stage, monkeypatch)

        with pytest.raises(Refused, match="look at the processor first"):
            confirm_nothing_moved(reference=request_of(operation).reference, actor=settle("lena"), at=NOON)
        assert fresh(operation).state == OperationState.NEEDS_PERSON

    def test_is_spoken_on_the_page_of_the_request(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        reference = request_of(parked(stage, monkeypatch)).reference
        client = Client()
        client.force_login(settle("lena"))

        page = client.get(f"/requests/{reference}/").content.decode()
        answer = client.post(f"/requests/{reference}/take-up-again/", follow=True).content.decode()

        assert "Confirm that nothing moved" in page
        assert f"{reference} is looked at again" in answer
