"""The line to a gateway: stopped when nobody answers, tried by one call, opened by an answer."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from config.kernel.refusals import NotPermitted, OutOfDate
from evidence.models import LedgerEntry
from refunds.gateways.base import GatewayUnreachable, KeyRefused, Outcome, Rejected, Retry, Unknown
from refunds.models import GatewayLine, Operation, Payment
from refunds.processing import line
from refunds.processing.performing import due_operations, perform_operation
from refunds.processing.sweeping import sweep_operations
from refunds.vocabulary import LineStop, OperationState, State
from tests.harness.known import payment_behind
from tests.harness.people import settle
from tests.harness.world import NOON

from .conftest import Stage, fresh, request_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.servers]

SILENCE = Unknown("APIConnectionError: nobody there")
PAUSE = line.SHORTEST_STOP


@pytest.fixture
def answering(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Callable[[Outcome], None]:
    """Let every call get this answer."""

    def answer(outcome: Outcome) -> None:
        monkeypatch.setattr(stage.gateway, "refund", lambda _instruction: outcome)

    return answer


def go(operations: list[Operation], at: datetime) -> list[bool]:
    """Let a worker take these up."""
    return [perform_operation(operation_id=one.pk, at=at) for one in operations]


def stopped(stage: Stage, answering: Callable[[Outcome], None]) -> list[Operation]:
    """Let the line stop, and answer what waits behind it, never sent."""
    operations = [stage.approved() for _ in range(line.FAILURES_IN_A_ROW + 2)]
    answering(SILENCE)
    assert go(operations[: line.FAILURES_IN_A_ROW], NOON) == [True] * line.FAILURES_IN_A_ROW
    return operations[line.FAILURES_IN_A_ROW :]


class TestSilence:
    def test_stops_the_line_and_leaves_what_waits_untouched(
        self, stage: Stage, answering: Callable[[Outcome], None]
    ) -> None:
        waiting = stopped(stage, answering)

        assert go(waiting, NOON) == [False, False]

        kept = fresh(waiting[0])
        assert (kept.state, kept.attempt_count, request_of(kept).state) == (OperationState.READY, 0, State.APPROVED)
        assert due_operations(NOON + PAUSE - timedelta(seconds=1)) == []
        stop = GatewayLine.objects.get()
        assert (stop.stop, stop.stopped_at, stop.try_after) == (LineStop.NO_ANSWER, NOON, NOON + PAUSE)
        assert LedgerEntry.objects.get(subject_kind="gateway_line").kind == "gateway_line.stopped"

    def test_is_tried_by_one_call_alone(self, stage: Stage, answering: Callable[[Outcome], None]) -> None:
        waiting = stopped(stage, answering)

        assert go(waiting, NOON + PAUSE) == [True, False]

        assert GatewayLine.objects.get().try_after == NOON + PAUSE + 2 * PAUSE

    def test_grows_longer_up_to_a_limit(self, stage: Stage, answering: Callable[[Outcome], None]) -> None:
        stopped(stage, answering)
        for _ in range(9):
            line.note_failure("stripe", at=NOON)

        assert GatewayLine.objects.get().try_after == NOON + line.LONGEST_STOP

    def test_ends_with_the_first_answer_and_everything_is_sent(
        self, stage: Stage, answering: Callable[[Outcome], None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        waiting = stopped(stage, answering)
        monkeypatch.undo()

        assert go(waiting, NOON + PAUSE) == [True, True]

        assert [fresh(one).state for one in waiting] == [OperationState.SUCCEEDED] * 2
        assert GatewayLine.objects.get().stop == ""
        assert LedgerEntry.objects.filter(kind="gateway_line.opened").count() == 1

    @pytest.mark.parametrize(
        "outcome", [Rejected("declined", "No."), Unknown("500", is_replayed=True), Retry(1, "409")]
    )
    def test_is_not_what_says_something_about_one_refund(
        self, stage: Stage, answering: Callable[[Outcome], None], outcome: Outcome
    ) -> None:
        operations = [stage.approved() for _ in range(line.FAILURES_IN_A_ROW + 1)]
        answering(outcome)

        assert all(go(operations, NOON))

    def test_after_a_question_counts_too(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        def nobody(_external_id: str) -> None:
            raise GatewayUnreachable

        for _ in range(line.FAILURES_IN_A_ROW):
            stage.approved()
        Operation.objects.update(state=OperationState.PENDING, next_try_at=NOON)
        monkeypatch.setattr(stage.gateway, "get", nobody)

        sweep_operations(at=NOON)

        assert GatewayLine.objects.get().stop == LineStop.NO_ANSWER


class TestARequestToSlowDown:
    def test_holds_everybody_for_as_long_as_it_says(
        self, stage: Stage, answering: Callable[[Outcome], None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first, second = stage.approved(), stage.approved()
        answering(Retry(7, "Too many requests.", is_for_everybody=True))

        assert go([first, second], NOON) == [True, False]

        monkeypatch.undo()
        assert go([second], NOON + timedelta(seconds=7)) == [True]
        assert fresh(second).state == OperationState.SUCCEEDED
        # A few seconds of patience are no event that somebody should read of.
        assert not LedgerEntry.objects.filter(subject_kind="gateway_line").exists()

    def test_is_what_the_processor_means_by_429(self, stage: Stage) -> None:
        first, second = stage.approved(), stage.approved()
        stage.sandbox.arm("429")

        assert go([first, second], NOON) == [True, False]

        assert GatewayLine.objects.get().stop == LineStop.ASKED_TO_WAIT


class TestARefusedKey:
    def test_stops_the_line_until_a_person_has_it_tried(
        self, stage: Stage, answering: Callable[[Outcome], None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        operation, other = stage.approved(), stage.approved()
        answering(KeyRefused("Invalid API key."))
        assert go([operation, other], NOON) == [True, False]
        later = NOON + timedelta(hours=3)
        assert go([operation, other], later) == [False, False]
        assert (fresh(operation).state, request_of(operation).state) == (OperationState.READY, State.PROCESSING)
        assert Payment.objects.get(pk=payment_behind(operation).pk).reserved_minor == 100_00

        monkeypatch.undo()
        line.try_again(gateway="stripe", actor=settle("lena"), at=later)

        assert go([operation, other], later) == [True, True]
        assert len(stage.refunds_of(operation)) == 1
        kinds = LedgerEntry.objects.filter(subject_kind="gateway_line").order_by("seq").values_list("kind", flat=True)
        assert list(kinds) == ["gateway_line.stopped", "gateway_line.tried", "gateway_line.opened"]

    def test_is_tried_by_nobody_without_the_right(self, stage: Stage, answering: Callable[[Outcome], None]) -> None:
        stopped(stage, answering)

        with pytest.raises(NotPermitted):
            line.try_again(gateway="stripe", actor=settle("dana"), at=NOON)
        line.note_answer("stripe", at=NOON)
        with pytest.raises(OutOfDate):
            line.try_again(gateway="stripe", actor=settle("lena"), at=NOON)


class TestTheBoard:
    def test_says_that_the_line_is_stopped_and_lets_finance_try(
        self, stage: Stage, answering: Callable[[Outcome], None]
    ) -> None:
        stopped(stage, answering)
        client, reader = Client(), Client()
        client.force_login(settle("lena"))
        reader.force_login(settle("ada"))

        assert "has not answered since" in client.get("/processing/").text
        assert "Try now" not in reader.get("/processing/").text
        client.post("/processing/lines/stripe/try/")

        tried = GatewayLine.objects.get()
        assert tried.try_after is not None
        assert tried.try_after > NOON + PAUSE
        line.note_answer("stripe", at=NOON)
        assert "alarm" not in client.get("/processing/").text
