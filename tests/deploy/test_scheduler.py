"""Beat and its standby: what is sent, by whom, and from where the next one goes on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from celery import Celery
from django.db import connection
from django.db.models.functions import Now

from config.kernel.scheduling import LastRun, SchedulerLease
from config.scheduler import LOOK_SECONDS, StandingByScheduler

pytestmark = pytest.mark.django_db

EVERY_MINUTE = {"sweep": {"task": "sweep.somewhere", "schedule": 60.0}}


class Sending(StandingByScheduler):
    """Keeps what it would put on the wire."""

    def __init__(self, schedule: dict[str, Any]) -> None:
        self.sent: list[str] = []
        app = Celery(broker="memory://", set_as_current=False)
        app.conf.beat_schedule = schedule
        super().__init__(app)

    def send_task(self, *arguments: Any, **_options: Any) -> None:
        self.sent.append(str(arguments[0]))

    def leave(self) -> None:
        """Stay: the tests' database is gone by then."""

    def tick_all(self) -> None:
        """Tick until there is nothing to do now."""
        for _ in range(20):
            if self.tick():
                return


def last_ran(*, minutes_ago: int) -> None:
    LastRun.objects.update_or_create(
        name="sweep", defaults={"ran_at": datetime.now(tz=UTC) - timedelta(minutes=minutes_ago)}
    )


def refuse(*_words: Any) -> None:
    """Say nothing to the database."""
    pytest.fail("the database was asked")


class TestScheduler:
    def test_sends_what_is_due_and_notes_it(self) -> None:
        last_ran(minutes_ago=5)
        scheduler = Sending(EVERY_MINUTE)

        scheduler.tick_all()

        assert scheduler.sent == ["sweep.somewhere"]
        assert datetime.now(tz=UTC) - LastRun.objects.get().ran_at < timedelta(minutes=1)

    def test_stands_by_while_another_rules(self) -> None:
        last_ran(minutes_ago=5)
        first, second = Sending(EVERY_MINUTE), Sending(EVERY_MINUTE)
        first.tick_all()
        last_ran(minutes_ago=5)

        assert second.tick() == LOOK_SECONDS

        assert second.sent == []
        assert second.is_ruling is False

    def test_goes_on_where_the_other_stopped(self) -> None:
        last_ran(minutes_ago=5)
        first, second = Sending(EVERY_MINUTE), Sending(EVERY_MINUTE)
        first.tick_all()
        first.retire()

        second.tick_all()

        assert second.is_ruling
        assert second.sent == []

    def test_makes_up_for_what_nobody_sent(self) -> None:
        first, second = Sending(EVERY_MINUTE), Sending(EVERY_MINUTE)
        first.tick_all()
        first.retire()
        last_ran(minutes_ago=2)

        second.tick_all()

        assert second.sent == ["sweep.somewhere"]

    def test_that_hung_until_another_took_over_sends_nothing_more(self) -> None:
        last_ran(minutes_ago=5)
        first, second = Sending(EVERY_MINUTE), Sending(EVERY_MINUTE)
        assert first._rules()
        SchedulerLease.objects.update(until=Now() - timedelta(seconds=1))
        second.tick_all()

        first.tick_all()

        assert (first.sent, second.sent) == ([], ["sweep.somewhere"])
        assert first.is_ruling is False

    @pytest.mark.django_db(transaction=True)
    def test_outlives_its_database(self) -> None:
        scheduler = Sending(EVERY_MINUTE)
        scheduler.tick_all()
        scheduler.renewed_at = float("-inf")
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (own,) = cursor.fetchone()
        with connection._nodb_cursor() as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [own])

        assert scheduler.tick() == LOOK_SECONDS

        assert scheduler.is_ruling is False
        scheduler.tick_all()
        assert scheduler.is_ruling

    def test_leaves_the_lease_alone_while_a_signal_is_handled(self) -> None:
        scheduler = Sending(EVERY_MINUTE)
        scheduler.tick_all()

        # Beat's signal handler does this in the middle of whatever is being done.
        with connection.execute_wrapper(refuse):
            scheduler.close()

        assert SchedulerLease.objects.get().holder == scheduler.holder
