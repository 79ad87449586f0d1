"""Read the orders of a shop again from a day on: a job that a person starts, watches and stops.

1. The person's wish is a job, and the day a mark on the connection.
2. A task lists what changed since the mark, a page at a time, and moves the mark; where the shop does not answer, the
   next round goes on from there. Each order listed is a message that waits as if the shop had told of it, behind all
   that it really tells.
3. The asker takes the messages up one by one; what cannot be true waits for a person.
4. Once none of them waits any more, the job is over. Stopped, it drops those that wait; what was read stays.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import structlog
from django.db import transaction
from django.db.models import Q

from config.kernel.jobs import Job, JobState, end_job, queue_job, report_progress, start_job
from config.kernel.refusals import OutOfDate, Refused
from config.kernel.wording import said
from evidence import ledger
from refunds.connectors.base import Hint, OddAnswer, ShopUnreachable
from refunds.connectors.health import note_failure, note_success
from refunds.connectors.keeping import shop_behind
from refunds.models import Delivery, ShopConnection
from refunds.outgoing.entitlement import check_may
from refunds.outgoing.signing import UnreadableSecret
from refunds.permissions import shops_visible_to
from refunds.vocabulary import DeliveryState

from .shops import kept_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from django.db.models import QuerySet

    from config.kernel.people import User

logger = structlog.get_logger(__name__)

KIND: Final = "resync_orders"
RIGHT: Final = "refunds.change_shopconnection"
PAGE: Final = 250
LONGEST: Final = timedelta(days=3660)
TO_DO: Final = (DeliveryState.RECEIVED, DeliveryState.PARKED)


@transaction.atomic(durable=True)
def ask_to_resync(*, connection_id: UUID, since: date, actor: User, at: datetime) -> Job:
    """Queue a reading of every order that changed since a day, begun in the team's zone; one at a time.

    :raises NotPermitted: without the right
    :raises OutOfDate: when there is no such shop, or one is under way
    :raises Refused: for a shop whose orders we do not take, and for a day that is not past or too long ago
    """
    connection = _held(connection_id, actor)
    if not (connection.is_active and connection.takes_orders):
        raise Refused("refused", said("Only a shop that is on, and whose orders are taken in, is read again."))
    zone = ZoneInfo(connection.team.time_zone)
    if not at.astimezone(zone).date() - LONGEST <= since <= at.astimezone(zone).date():
        raise Refused("refused", said("Name a day of the last ten years, today at the latest."), "since")
    under_way = latest_resync(connection)
    if under_way is not None and not under_way.is_over:
        raise OutOfDate("out_of_date", said("Its orders are being read again already."))
    connection.resync_mark = datetime.combine(since, time.min, zone).astimezone(UTC)
    connection.save(update_fields=["resync_mark"])
    job = queue_job(kind=KIND, actor=actor, at=at, subject_id=connection.pk)
    sentence = f"asked for the orders of {connection.domain} that changed since {since:%-d %B %Y} to be read again."
    _record(connection, "resync_asked", sentence, actor=actor, at=at)
    return job


@transaction.atomic(durable=True)
def stop_resync(*, connection_id: UUID, actor: User, at: datetime) -> None:
    """Stop reading; what was read stays, what waits is dropped.

    :raises NotPermitted: without the right
    :raises OutOfDate: when nothing is under way
    """
    connection = _held(connection_id, actor)
    job = latest_resync(connection)
    if job is None or job.is_over:
        raise OutOfDate("out_of_date", said("Nothing is under way."))
    connection.resync_mark = None
    connection.save(update_fields=["resync_mark"])
    told = messages_of(job, connection)
    told.filter(state__in=TO_DO).update(state=DeliveryState.IGNORED, note="The reading was stopped.", handled_at=at)
    end_job(job=job, state=JobState.CANCELLED, at=at, result=_result(told))
    sentence = f"stopped reading the orders of {connection.domain} again."
    _record(connection, "resync_stopped", sentence, actor=actor, at=at)


def latest_resync(connection: ShopConnection) -> Job | None:
    """Find the newest of these jobs for a shop."""
    return Job.objects.filter(kind=KIND, subject_id=connection.pk).order_by("-id").first()


def messages_of(job: Job, connection: ShopConnection) -> QuerySet[Delivery]:
    """Find what a job listed: one runs at a time, so the moment tells them apart."""
    listed = connection.deliveries.filter(event_type=f"{connection.kind}.resync", received_at__gte=job.created_at)
    return listed if job.ended_at is None else listed.filter(received_at__lte=job.ended_at)


def resync_orders(*, at: datetime) -> int:
    """List what the jobs under way are to read, and end those that are done; answers how many were looked at."""
    jobs = Job.objects.filter(kind=KIND, state__in=[JobState.QUEUED, JobState.RUNNING]).order_by("id")
    for pk in list(jobs.values_list("pk", flat=True)):
        job = start_job(job_id=pk)
        if job is not None:
            _go_on(job, at)
    return len(jobs)


def _go_on(job: Job, at: datetime) -> None:
    rested = Q(next_read_at__isnull=True) | Q(next_read_at__lte=at)
    connection = ShopConnection.objects.get(pk=str(job.subject_id))
    may_ask = connection.is_active and ShopConnection.objects.filter(rested, pk=connection.pk).exists()
    if connection.resync_mark is not None and may_ask:
        try:
            _list(job, connection, connection.resync_mark, at)
        except (ShopUnreachable, UnreadableSecret, OddAnswer) as no:
            note_failure(connection, why=str(no), at=at)
    _end_if_done(job, connection, at)


def _list(job: Job, connection: ShopConnection, since: datetime, at: datetime) -> None:
    changed = shop_behind(connection).orders_changed_since(since)
    while page := list(islice(changed, PAGE)):
        if not _keep(job, connection, page, at):
            return
    note_success(connection, at=at)
    ShopConnection.objects.filter(pk=connection.pk, resync_mark__isnull=False).update(resync_mark=None)


@transaction.atomic(durable=True)
def _keep(job: Job, connection: ShopConnection, page: Sequence[tuple[str, datetime]], at: datetime) -> bool:
    """Write a page down and move the mark; answers False once somebody stopped the job."""
    held = ShopConnection.objects.select_for_update(no_key=True).get(pk=connection.pk)
    if held.resync_mark is None:
        return False
    Delivery.objects.bulk_create(
        [
            Delivery(
                source=str(connection.kind),
                event_id=f"{connection.pk.hex}:{job.pk.hex}:{order}",
                event_type=f"{connection.kind}.resync",
                object_id=order,
                raw=kept_of(Hint(order=order)),
                connection=connection,
                received_at=at,
            )
            for order, _ in page
        ],
        ignore_conflicts=True,
    )
    # A list that is not in order must not move the mark back.
    held.resync_mark = max(held.resync_mark, min(page[-1][1], at))
    held.save(update_fields=["resync_mark"])
    return True


@transaction.atomic(durable=True)
def _end_if_done(job: Job, connection: ShopConnection, at: datetime) -> None:
    held = ShopConnection.objects.select_for_update(no_key=True).get(pk=connection.pk)
    told = messages_of(job, connection)
    total, waiting = told.count(), told.filter(state__in=TO_DO).count()
    report_progress(job=job, done=total - waiting, total=total)
    is_over = Job.objects.filter(pk=job.pk).exclude(state=JobState.RUNNING).exists()
    if held.resync_mark is None and not waiting and not is_over:
        end_job(job=job, state=JobState.SUCCEEDED, at=at, result=_result(told))


def _result(told: QuerySet[Delivery]) -> dict[str, object]:
    return {
        "orders": told.count(),
        "taken": told.filter(state=DeliveryState.APPLIED).count(),
        "for_a_person": told.filter(state=DeliveryState.NEEDS_PERSON).count(),
    }


def _held(connection_id: UUID, actor: User) -> ShopConnection:
    check_may(actor, RIGHT)
    found = shops_visible_to(actor).select_related("team").select_for_update(no_key=True, of=("self",))
    connection = found.filter(pk=connection_id).first()
    if connection is None:
        raise OutOfDate("out_of_date", said("There is no such shop."))
    return connection


def _record(connection: ShopConnection, word: str, sentence: str, *, actor: User, at: datetime) -> None:
    ledger.record(
        subject=connection.subject,
        kind=f"shop_connection.{word}",
        actor=actor,
        at=at,
        sentence=sentence,
        data={"domain": connection.domain, "channel": connection.channel},
    )
