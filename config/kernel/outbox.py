"""The outbox: news written in the same transaction as the fact, delivered after it.

A broker message is only a wake-up. The row is the truth: it goes when its task has done its work, and a sweep
wakes the worker again for every row that is still there. Tasks may therefore run twice; verbs refuse the second time.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol, cast

import structlog
from celery import shared_task
from django.conf import settings
from django.core.cache import cache, caches
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.module_loading import import_string

from .ids import new_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

logger = structlog.get_logger(__name__)

LEASE = timedelta(seconds=90)
"""How long one delivery may take before another worker tries; longer than any gateway time-out."""

LONGEST_WAIT = timedelta(minutes=15)
MOST_ATTEMPTS = 60
"""With the pauses in between more than half a day; what fails as often fails for ever and waits for a person."""

MOST_SILENT = 3
"""So many workers may die over one row, as one does that runs out of memory; the next would die too."""

SWEEP_LIMIT = 500
BROKER_AWAY = "redress.broker_away"
BROKER_AWAY_SECONDS = 2.0
"""So long a process wakes nobody after the broker did not take a message; sooner than a sweep."""

WORKER_SEEN = "redress.worker_seen"
"""Under which name web processes find when a worker was last at work."""


class Subscriber(Protocol):
    """A task that hears news: keyword ids in, one call."""

    def __call__(self, **ids: str) -> object:
        """Do the work; raising means "try again later"."""


class Witness(Protocol):
    """Writes something down in the transaction of the fact, from the database alone."""

    def __call__(self, *, news: str, at: datetime, **ids: str) -> object:
        """Do it; raising undoes the fact too."""


class OutboxRow(models.Model):
    """One piece of news on its way to one task."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    news = models.CharField(max_length=80)
    task = models.CharField(max_length=160)
    ids = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    attempt_count = models.PositiveIntegerField(default=0)
    last_error = models.TextField(blank=True, default="")
    silent_count = models.PositiveSmallIntegerField(default=0, db_default=0)
    parked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        permissions = [
            ("view_status", "Can see whether the portal does its work"),
            ("mend_news", "Can send news again that failed too often, or let it go"),
        ]
        indexes = [models.Index(fields=["due_at", "id"], name="outbox_due")]

    def __str__(self) -> str:
        return f"{self.news} for {self.task}"


def subscriptions() -> Mapping[str, Sequence[str]]:
    """Which tasks hear which news: the one page named by the setting NEWS_SUBSCRIPTIONS."""
    return cast("Mapping[str, Sequence[str]]", import_string(settings.NEWS_SUBSCRIPTIONS))


def witnesses() -> Mapping[str, Sequence[str]]:
    """Which functions write something along with which news: the page named by the setting NEWS_WITNESSES."""
    return cast("Mapping[str, Sequence[str]]", import_string(settings.NEWS_WITNESSES))


def publish(news: str, *, at: datetime | None = None, due_at: datetime | None = None, **ids: str | UUID) -> None:
    """Write one row for each task that hears this news, and wake the worker once the transaction has committed.

    Call it inside the transaction that makes the news true. What has to be written with the fact, `at` which it became
    true, is written at once by its witnesses. News with a `due_at` is delivered by the first sweep after that moment
    and wakes nobody before.
    """
    words = {name: str(value) for name, value in ids.items()}
    for witness in witnesses().get(news, ()):
        cast("Witness", import_string(witness))(news=news, at=at or timezone.now(), **words)
    tasks = subscriptions().get(news, ())
    if not tasks:
        return
    when = {} if due_at is None else {"due_at": due_at}
    rows = OutboxRow.objects.bulk_create(OutboxRow(news=news, task=task, ids=words, **when) for task in tasks)
    if settings.OUTBOX_WAKES_WORKERS and due_at is None:
        for row in rows:
            transaction.on_commit(_waker(row.pk), robust=True)


def _waker(row_id: UUID) -> Callable[[], None]:
    # Django names a hook that failed by its __qualname__, which a partial does not have.
    def wake() -> None:
        _wake(row_id)

    return wake


def _wake(row_id: UUID) -> None:
    # A broker that is down must not fail the request whose facts are already committed; the sweep will find the row.
    # Nor may it hold it up: one that stands still would for each piece of news, in each thread.
    if caches["process"].get(BROKER_AWAY):
        return
    try:
        deliver.delay(row_id=str(row_id))
    except deliver.OperationalError as error:
        caches["process"].set(BROKER_AWAY, value=True, timeout=BROKER_AWAY_SECONDS)
        logger.warning("outbox.broker_unreachable", row=str(row_id), error=str(error))


def deliver_row(row_id: UUID | str, *, at: datetime) -> bool:
    """Deliver one row if it is due and nobody else is at it. Answers whether its task did its work.

    1. Lease the row, so that a second wake-up passes by. One over which workers died is put aside for a person.
    2. Call the task outside any transaction.
    3. Delete the row; or, when the task raised, put it back with a growing pause, or aside after so many.
    """
    row = due_rows(at).filter(pk=row_id).first()
    if row is None or _is_put_aside(row, at) or not _is_leased(row, at):
        return False
    try:
        subscriber = cast("Subscriber", import_string(row.task))
        subscriber(**row.ids)
    except Exception as error:
        # A row is never lost: whatever its task raised, it is tried again later and kept for a person at last.
        logger.exception("outbox.task_failed", row=str(row.pk), task=row.task, attempt=row.attempt_count + 1)
        pause = min(timedelta(seconds=2 ** min(row.attempt_count, 10)), LONGEST_WAIT)
        said = f"{type(error).__name__}: {error}".replace("\x00", "")[:1000]
        parked_at = at if row.attempt_count + 1 >= MOST_ATTEMPTS else None
        OutboxRow.objects.filter(pk=row.pk).update(
            due_at=at + pause, last_error=said, silent_count=0, parked_at=parked_at
        )
        return False
    row.delete()
    return True


def due_rows(at: datetime) -> models.QuerySet[OutboxRow]:
    """The rows somebody should deliver now, oldest first."""
    return OutboxRow.objects.filter(due_at__lte=at, parked_at__isnull=True).order_by("created_at", "pk")


def parked_rows() -> models.QuerySet[OutboxRow]:
    """The rows that failed too often and wait for a person, longest first."""
    return OutboxRow.objects.filter(parked_at__isnull=False).order_by("parked_at", "pk")


def _is_leased(row: OutboxRow, at: datetime) -> bool:
    # Of two who found it due one changes it. The other waits for that one and then finds it due no longer.
    return bool(
        due_rows(at)
        .filter(pk=row.pk)
        .update(due_at=at + LEASE, attempt_count=F("attempt_count") + 1, silent_count=F("silent_count") + 1)
    )


def _is_put_aside(row: OutboxRow, at: datetime) -> bool:
    if row.silent_count < MOST_SILENT:
        return False
    logger.error("outbox.workers_died", row=str(row.pk), task=row.task, attempt=row.attempt_count)
    OutboxRow.objects.filter(pk=row.pk).update(
        parked_at=at, last_error=f"{MOST_SILENT} workers died over it without a word."
    )
    return True


def drain(*, at: datetime | None = None, rounds: int = 50) -> int:
    """Deliver everything due in this process, with the news that follows from it. Answers how many tasks were done."""
    done = 0
    for _ in range(rounds):
        now = at or timezone.now()
        delivered = sum(deliver_row(pk, at=now) for pk in due_rows(now).values_list("pk", flat=True))
        if not delivered:
            break
        done += delivered
    return done


@shared_task(name="kernel.deliver")
def deliver(*, row_id: str, **_later: Any) -> None:
    """Deliver one outbox row."""
    deliver_row(row_id, at=timezone.now())


@shared_task(name="kernel.sweep_outbox")
def sweep_outbox(**_later: Any) -> None:
    """Deliver what a lost message or a killed worker left behind, and show that there is a worker."""
    at = timezone.now()
    cache.set(WORKER_SEEN, at.isoformat(), timeout=None)
    for row_id in list(due_rows(at - timedelta(seconds=5)).values_list("pk", flat=True)[:SWEEP_LIMIT]):
        deliver_row(row_id, at=timezone.now())
