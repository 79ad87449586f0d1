"""Sixty refunds in bad weather with two workers, and one worker killed in mid-call: nobody is paid twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from evidence.verification import verify
from refunds.models import Delivery, Operation, Payment
from refunds.processing.performing import LEASE, due_operations, perform_operation
from refunds.vocabulary import OperationState, State
from refunds.webhooks import inbox
from tests.harness.world import NOON
from tests.refunds.gateways.stage import eventually

from .conftest import Stage, event_of, fresh, post_webhook, request_of

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.servers, pytest.mark.slow]

PROJECT = Path(__file__).parents[2]
OPERATIONS = 60
FAULTY_IN_A_HUNDRED = 35
WEATHER = ("reset_before", "reset_after", "500_done", "500_not_done", "429", "409", "pending", "drop_webhook", "hang")
OVER = (OperationState.SUCCEEDED, OperationState.FAILED, OperationState.REJECTED, OperationState.NEEDS_PERSON)


class TestBadWeather:
    @pytest.mark.parametrize("seed", [20261121])
    def test_pays_nobody_twice_and_loses_nothing(self, stage: Stage, seed: int) -> None:
        dice = Random(seed)  # noqa: S311 - weather, not a secret
        operations = [stage.approved(pounds=dice.randint(51, 200)) for _ in range(OPERATIONS)]
        moment = NOON

        # The weather lasts two hours; then the rounds are rarer: retries, the 23 hours and the 24 all come to pass.
        heard: set[tuple[str, str]] = set()
        while Operation.objects.exclude(state__in=OVER).exists() and moment < NOON + timedelta(days=3):
            is_stormy = moment < NOON + timedelta(hours=2)
            for _ in operations:
                if is_stormy and dice.randrange(100) < FAULTY_IN_A_HUNDRED:
                    stage.sandbox.arm(dice.choice(WEATHER))
            _two_workers(due_operations(moment), moment)
            _hear_the_news(stage, heard)
            moment += timedelta(minutes=30) if is_stormy else timedelta(hours=4)

        _books_tie(stage, seed)


class TestAKilledWorker:
    def test_in_the_middle_of_a_call_pays_once(self, stage: Stage) -> None:
        operation = stage.approved()
        Operation.objects.filter(pk=operation.pk).update(next_try_at=timezone.now())
        stage.sandbox.arm("hang")
        database = connection.settings_dict["NAME"]
        worker = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.worker", database, stage.sandbox.address, str(operation.pk)],
            cwd=PROJECT,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        )
        assert eventually(lambda: bool(stage.refunds_of(operation)), 60)
        worker.send_signal(signal.SIGKILL)
        assert worker.wait(10) == -signal.SIGKILL
        assert fresh(operation).state == OperationState.SENDING
        assert not perform_operation(operation_id=operation.pk, at=timezone.now())

        operation = stage.perform(operation, timezone.now() + LEASE)

        assert (operation.state, request_of(operation).state) == (OperationState.SUCCEEDED, State.REFUNDED)
        assert [one["amount"] for one in stage.refunds_of(operation)] == [operation.amount_minor]
        assert [attempt.ended_at is None for attempt in operation.attempts.all()] == [True, False]


def _two_workers(due: list[UUID], at: datetime) -> None:
    """Let two workers go for the same list from both ends."""

    def work(operations: list[UUID]) -> None:
        try:
            for operation_id in operations:
                perform_operation(operation_id=operation_id, at=at)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(work, (due, due[::-1])))


def _hear_the_news(stage: Stage, heard: set[tuple[str, str]]) -> None:
    """Bring a message for each refund that is new or has turned, and apply what came."""
    for refund in stage.sandbox.books()["refunds"]:
        news = (refund["id"], refund["status"])
        if news not in heard:
            heard.add(news)
            assert post_webhook(event_of("refund.updated", refund["id"], f"evt_{'_'.join(news)}")) == 200
    for delivery in Delivery.objects.filter(state__in=("received", "parked")).values_list("pk", flat=True):
        inbox.apply_delivery(delivery_id=delivery)


def _books_tie(stage: Stage, seed: int) -> None:
    theirs: dict[str, list[int]] = {}
    for refund in stage.sandbox.books()["refunds"]:
        theirs.setdefault(refund["metadata"]["operation_id"], []).append(refund["amount"])
    doubles = {operation: amounts for operation, amounts in theirs.items() if len(amounts) > 1}
    ours = {str(one.pk): [one.amount_minor] for one in Operation.objects.filter(state=OperationState.SUCCEEDED)}
    undecided = Operation.objects.exclude(state__in=OVER).count()
    refunded = Payment.objects.aggregate(total=Sum("refunded_minor"))["total"]
    assert doubles == {}, f"seed {seed}"
    assert undecided == 0, f"seed {seed}"
    assert ours == theirs, f"seed {seed}"
    assert refunded == sum(map(sum, theirs.values())), f"seed {seed}"
    # What nobody could tell waits for a person, and none of it was paid.
    assert Operation.objects.filter(state=OperationState.NEEDS_PERSON).count() == OPERATIONS - len(ours)
    assert not Operation.objects.filter(lease_until__isnull=False).exists()
    assert verify().is_sound
