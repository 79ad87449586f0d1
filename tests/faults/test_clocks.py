"""A clock that jumps an hour: nothing is paid by it, nobody's work is taken away, and all goes on when it is right."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from celery.schedules import schedule
from django.utils import timezone

from config.celery import app
from config.clocks import MOST_APART, shared_now
from config.kernel.outbox import OutboxRow, sweep_outbox
from config.scheduler import StandingByScheduler
from refunds.models import Operation
from refunds.tasks import sweep_operations
from refunds.vocabulary import OperationState

if TYPE_CHECKING:
    from .conftest import Stage


def outcome_of(task: Any) -> str:
    """Do a task as a worker does, and answer how it ended."""
    return str(task.apply().state)


JUMPS = [timedelta(hours=1), timedelta(hours=-1), MOST_APART + timedelta(seconds=5)]


@pytest.mark.django_db
@pytest.mark.servers
class TestAWorkerWhoseClockJumped:
    @pytest.mark.parametrize("jump", JUMPS)
    def test_sends_no_money_until_it_is_right_again(self, stage: Stage, jump: timedelta) -> None:
        operation = stage.approved()
        Operation.objects.update(next_try_at=timezone.now() - timedelta(hours=2))

        with time_machine.travel(shared_now() + jump):
            assert outcome_of(sweep_operations) == "IGNORED"
        assert stage.refunds_of(operation) == []
        assert Operation.objects.get().state == OperationState.READY

        assert outcome_of(sweep_operations) == "SUCCESS"
        assert len(stage.refunds_of(operation)) == 1

    @pytest.mark.parametrize("jump", JUMPS)
    def test_leaves_news_to_others_and_no_lease_in_the_future(self, jump: timedelta) -> None:
        OutboxRow.objects.create(news="drill", task="builtins.dict", ids={}, due_at=timezone.now() - timedelta(hours=2))

        with time_machine.travel(shared_now() + jump):
            assert outcome_of(sweep_outbox) == "IGNORED"
        row = OutboxRow.objects.get(news="drill")
        assert (row.attempt_count, row.due_at < timezone.now()) == (0, True)

        assert outcome_of(sweep_outbox) == "SUCCESS"
        assert not OutboxRow.objects.filter(news="drill").exists()


class TestASchedulerWhoseClockWasSetBack:
    def test_does_not_wait_until_it_is_as_late_again(self) -> None:
        beat = StandingByScheduler(app=app, lazy=True)
        entry = beat.Entry(name="x", task="kernel.sweep_outbox", schedule=schedule(5.0, app=app), app=app)
        entry.last_run_at = entry.default_now() + timedelta(hours=1)
        beat.schedule = {"x": entry}
        assert entry.is_due()[1] > 3000

        beat._forget_the_future()

        assert entry.is_due()[1] <= 5
