"""News: written with the fact, delivered after it, never lost, and harmless when it comes twice."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import caches
from django.db import transaction

from config.kernel import outbox
from config.kernel.outbox import (
    LEASE,
    LONGEST_WAIT,
    MOST_ATTEMPTS,
    MOST_SILENT,
    OutboxRow,
    deliver_row,
    drain,
    due_rows,
    parked_rows,
    publish,
)
from tests.harness.races import in_the_same_instant
from tests.harness.world import NOON

if TYPE_CHECKING:
    from datetime import datetime

HEARD: list[dict[str, str]] = []
SUBSCRIPTIONS = {
    "lamp.broke": ("tests.kernel.test_outbox.hear",),
    "lamp.fell": ("tests.kernel.test_outbox.hear", "tests.kernel.test_outbox.stumble"),
    "lamp.burst": ("tests.kernel.test_outbox.die",),
}


def hear(**ids: str) -> None:
    """Remember what was heard."""
    HEARD.append(ids)


def write_along(*, news: str, at: datetime, **ids: str) -> None:
    """Write something down in the transaction of the fact."""
    OutboxRow.objects.create(news=f"{news} was seen", task="none", ids=ids, created_at=at)


WITNESSES = {
    "lamp.glowed": ("tests.kernel.test_outbox.write_along",),
    "lamp.smoked": ("tests.kernel.test_outbox.stumble",),
}


def stumble(**_ids: str) -> None:
    """Fail as a task with a bug does."""
    message = "not today"
    raise RuntimeError(message)


def die(**_ids: str) -> None:
    """End as a killed worker does."""
    raise SystemExit(9)


@pytest.fixture(autouse=True)
def own_news(settings: Any) -> None:
    settings.NEWS_SUBSCRIPTIONS = "tests.kernel.test_outbox.SUBSCRIPTIONS"
    settings.NEWS_WITNESSES = "tests.kernel.test_outbox.WITNESSES"
    HEARD.clear()
    caches["process"].delete(outbox.BROKER_AWAY)


def only_row() -> OutboxRow:
    """Read the only row."""
    return OutboxRow.objects.get()


def published(news: str) -> OutboxRow:
    """Publish, due at noon."""
    publish(news, lamp_id="7")
    OutboxRow.objects.update(due_at=NOON)
    return OutboxRow.objects.earliest("pk")


@pytest.mark.django_db
class TestNews:
    def test_goes_with_the_fact_or_not_at_all(self) -> None:
        with transaction.atomic():
            publish("lamp.broke", lamp_id="7")
            transaction.set_rollback(True)

        assert not OutboxRow.objects.exists()

    def test_that_nobody_hears_is_not_kept(self) -> None:
        publish("lamp.glows", lamp_id="7")

        assert not OutboxRow.objects.exists()

    def test_is_heard_by_everybody_who_listens(self) -> None:
        published("lamp.fell")

        drain(at=NOON)

        assert HEARD == [{"lamp_id": "7"}]
        assert only_row().task.endswith("stumble")

    def test_whose_wake_up_was_lost_is_found_by_the_sweep(self) -> None:
        published("lamp.broke")

        outbox.sweep_outbox()

        assert HEARD == [{"lamp_id": "7"}]
        assert not OutboxRow.objects.exists()

    def test_delivered_is_not_delivered_again(self) -> None:
        row = published("lamp.broke")

        assert [deliver_row(row.pk, at=NOON) for _ in range(3)] == [True, False, False]
        assert len(HEARD) == 1

    def test_of_a_failing_task_waits_longer_each_time_and_names_the_error(self) -> None:
        publish("lamp.fell", lamp_id="7")
        OutboxRow.objects.filter(task__endswith="hear").delete()
        OutboxRow.objects.update(due_at=NOON)
        pauses, at = [], NOON
        for _ in range(14):
            assert not deliver_row(only_row().pk, at=at)
            pauses.append(only_row().due_at - at)
            at = only_row().due_at

        assert pauses[:4] == [timedelta(seconds=seconds) for seconds in (1, 2, 4, 8)]
        assert pauses[-1] == LONGEST_WAIT
        assert pauses == sorted(pauses)
        assert (only_row().attempt_count, only_row().last_error) == (14, "RuntimeError: not today")

    def test_in_the_hands_of_a_killed_worker_is_taken_up_when_its_lease_is_over(self) -> None:
        row = published("lamp.burst")
        with pytest.raises(SystemExit):
            deliver_row(row.pk, at=NOON)
        OutboxRow.objects.update(task="tests.kernel.test_outbox.hear")

        assert not deliver_row(row.pk, at=NOON + LEASE - timedelta(seconds=1))
        assert deliver_row(row.pk, at=NOON + LEASE)
        assert len(HEARD) == 1

    def test_that_always_fails_ends_with_a_person_and_keeps_nobody_waiting(self) -> None:
        published("lamp.fell")
        at = NOON
        for _ in range(MOST_ATTEMPTS):
            drain(at=at, rounds=1)
            at += LONGEST_WAIT

        parked = parked_rows().get()
        assert (parked.attempt_count, parked.last_error) == (MOST_ATTEMPTS, "RuntimeError: not today")
        assert HEARD == [{"lamp_id": "7"}]
        assert not deliver_row(parked.pk, at=at + timedelta(days=30))
        assert not due_rows(at + timedelta(days=30)).exists()

    def test_that_kills_whoever_takes_it_is_put_aside_after_a_few(self) -> None:
        row, at = published("lamp.burst"), NOON
        for _ in range(MOST_SILENT):
            with pytest.raises(SystemExit):
                deliver_row(row.pk, at=at)
            at += LEASE

        assert not deliver_row(row.pk, at=at)

        parked = parked_rows().get()
        assert (parked.attempt_count, parked.last_error) == (MOST_SILENT, "3 workers died over it without a word.")

    def test_that_fails_between_deaths_is_counted_anew(self) -> None:
        row, at = published("lamp.burst"), NOON
        for task in ("die", "die", "stumble", "die", "die"):
            OutboxRow.objects.update(task=f"tests.kernel.test_outbox.{task}")
            with suppress(SystemExit):
                deliver_row(row.pk, at=at)
            at += LEASE

        assert not parked_rows().exists()

    def test_of_a_down_broker_does_not_fail_the_fact_nor_hold_it_up_for_each_piece(
        self, settings: Any, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
    ) -> None:
        settings.OUTBOX_WAKES_WORKERS = True
        tried: list[str] = []

        def away(*, row_id: str) -> None:
            tried.append(row_id)
            raise outbox.deliver.OperationalError("no broker")

        monkeypatch.setattr(outbox.deliver, "delay", away)
        with django_capture_on_commit_callbacks(execute=True):
            publish("lamp.broke", lamp_id="7")
            publish("lamp.fell", lamp_id="8")

        assert len(tried) == 1
        assert OutboxRow.objects.count() == 3

    def test_wakes_again_once_the_broker_had_time_to_come_back(
        self, settings: Any, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
    ) -> None:
        settings.OUTBOX_WAKES_WORKERS = True
        tried: list[str] = []
        monkeypatch.setattr(outbox.deliver, "delay", lambda *, row_id: tried.append(row_id))
        caches["process"].set(outbox.BROKER_AWAY, value=True, timeout=0.01)
        time.sleep(0.02)

        with django_capture_on_commit_callbacks(execute=True):
            publish("lamp.broke", lamp_id="7")

        assert tried == [str(only_row().pk)]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
class TestTwoWakeUps:
    def test_in_the_same_instant_deliver_once(self) -> None:
        for _ in range(5):
            row = published("lamp.broke")
            results = in_the_same_instant(*(lambda pk=row.pk: deliver_row(pk, at=NOON) for _ in range(4)))
            assert sorted(results) == [False, False, False, True]  # type: ignore[type-var]

        assert len(HEARD) == 5


@pytest.mark.django_db
class TestAWitness:
    def test_writes_in_the_transaction_of_the_fact(self) -> None:
        publish("lamp.glowed", at=NOON, lamp_id="7")

        seen = OutboxRow.objects.get(news="lamp.glowed was seen")
        assert (seen.created_at, seen.ids) == (NOON, {"lamp_id": "7"})

    def test_that_fails_fails_the_fact(self) -> None:
        with pytest.raises(RuntimeError):
            publish("lamp.smoked", lamp_id="7")

        assert not OutboxRow.objects.exists()
