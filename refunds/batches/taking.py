"""Keep many wishes of one call, and stop filing them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypedDict

from django.db import transaction

from config.kernel.jobs import Job, JobState, cancel_job, queue_job
from config.kernel.problems import told_of
from config.kernel.refusals import Refused
from evidence.text import refuse_card_number
from refunds import lifecycle
from refunds.models import Batch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from config.kernel.people import User

KIND: Final = "file_requests"
MOST_ROWS: Final = 1_000
MOST_AT_A_TIME: Final = 3


class Row(TypedDict):
    """One wish: the caller's own key for it, and its checked body, or the problem that stands in its place."""

    key: str
    body: Mapping[str, Any] | None
    problem: Mapping[str, Any] | None


def check_count(count: int) -> None:
    """Refuse none and too many, before anything of them is read.

    :raises Refused: `too_large` or `refused`
    """
    if count > MOST_ROWS:
        raise Refused(
            "too_large",
            f"Send at most {MOST_ROWS:,} requests in one call; these are {count:,}.",
            "requests",
        )
    if not count:
        raise Refused("refused", "Send at least one request.", "requests")


def take_batch(*, rows: Sequence[Row], actor: User, at: datetime) -> Job:
    """Keep the rows and queue the job that files them. What may not be kept is answered now and dropped.

    :raises NotPermitted: for whoever may not file
    :raises Refused: for none, for too many, and while three others of the same caller are under way
    """
    lifecycle.check_may_speak(actor, "submit")
    check_count(len(rows))
    kept = _without_doubles([_without_card_numbers(row) for row in rows])
    with transaction.atomic(durable=True):
        under_way = Job.objects.filter(kind=KIND, requested_by=actor, state__in=[JobState.QUEUED, JobState.RUNNING])
        if under_way.count() >= MOST_AT_A_TIME:
            sentence = f"{MOST_AT_A_TIME} calls of yours are still being filed. Wait for one of them."
            raise Refused("refused", sentence, "requests")
        job = queue_job(kind=KIND, actor=actor, at=at, total=len(kept))
        Batch.objects.create(job=job, rows=kept)
    return job


def cancel_batch(*, job: Job) -> None:
    """Ask it to stop: what was filed stays filed, the rest is not begun."""
    cancel_job(job_id=job.pk)
    forget_unbegun(job_id=job.pk)


def forget_unbegun(*, job_id: UUID | str) -> None:
    """Drop the rows of a job that was cancelled before it began."""
    Batch.objects.filter(job_id=job_id, job__state=JobState.CANCELLED).update(rows=[])


def _without_card_numbers(row: Row) -> Row:
    try:
        refuse_card_number(row["key"], field="key")
        if row["body"] is not None:
            refuse_card_number(row["body"]["note"], field="note")
    except Refused as no:
        return Row(key="" if no.reasons[0].field == "key" else row["key"], body=None, problem=told_of(no))
    return row


def _without_doubles(rows: Sequence[Row]) -> list[Row]:
    first: dict[str, int] = {}
    kept = []
    for number, row in enumerate(rows, start=1):
        before = first.setdefault(row["key"], number) if row["key"] else number
        if before != number:
            no = Refused("invalid", f"Request {before} of this call has the same key.", "key")
            kept.append(Row(key=row["key"], body=None, problem=told_of(no)))
            continue
        kept.append(row)
    return kept
