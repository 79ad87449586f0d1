"""Counting everything anew, as a job: with progress, stopped when somebody asks to, taken up again after a kill."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import transaction

from config.kernel.jobs import Job, JobState, alone_at, cancel_job, end_job, queue_job, report_progress, start_job
from config.kernel.refusals import NotPermitted, OutOfDate
from config.kernel.subjects import Subject
from evidence import ledger

from . import cells
from .captures import count_all_captures
from .following import count_again
from .marking import wait_to_be_alone
from .recounting import batches

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from config.kernel.people import User

KIND: Final = "recount_insight"
RECOUNTS: Final = "analytics.recount_insight"


@transaction.atomic(durable=True)
def ask_recount(*, actor: User, at: datetime) -> Job:
    """Queue a count of everything; one that is under way already is answered instead.

    :raises NotPermitted: without the right
    """
    _check_may(actor)
    running = latest_recount()
    if running is not None and not running.is_over:
        return running
    job = queue_job(kind=KIND, actor=actor, at=at)
    ledger.record(
        subject=Subject("insight_recount", job.pk),
        kind="insight.recount_asked",
        actor=actor,
        at=at,
        sentence="had the figures of the dashboards counted anew.",
    )
    return job


def latest_recount() -> Job | None:
    """The newest recount, whatever became of it."""
    return Job.objects.filter(kind=KIND).order_by("-created_at", "-pk").first()


def cancel_recount(*, job: Job, actor: User) -> None:
    """Ask it to stop; it does after the batch it is at, and every figure stays as right as it was.

    :raises NotPermitted: without the right
    :raises OutOfDate: when it is over
    """
    _check_may(actor)
    if job.is_over:
        raise OutOfDate("over", "The recount is over.")
    cancel_job(job_id=job.pk)


def run_recount(*, job_id: UUID | str, at: datetime) -> None:
    """Count all orders and actions anew, some in each transaction, and fold the cells from nothing at the end.

    :raises StillRunning: while another worker is at it
    """
    job = start_job(job_id=job_id)
    if job is None:
        return
    with alone_at(job):
        todo = list(batches())
        total, done = sum(len(orders) + len(subjects) for orders, subjects in todo), 0
        for orders, subjects in todo:
            if not report_progress(job=job, done=done, total=total):
                end_job(job=job, state=JobState.CANCELLED, at=at)
                return
            with transaction.atomic(durable=True):
                wait_to_be_alone()
                count_again(orders, subjects)
            done += len(orders) + len(subjects)
        with transaction.atomic(durable=True):
            wait_to_be_alone()
            cells.fold_all()
            count_all_captures()
            report_progress(job=job, done=done, total=total)
            end_job(job=job, state=JobState.SUCCEEDED, at=at, result={"counted": done})


def _check_may(actor: User) -> None:
    if not actor.has_perm(RECOUNTS):
        raise NotPermitted("not_permitted", f"Counting anew needs the right “{RECOUNTS}”.")
