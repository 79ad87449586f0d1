"""Long work with progress: queued, running, and an end somebody can read."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import connection, models
from django.utils import timezone

from .ids import new_id
from .outbox import publish
from .people import Machine, Team, User
from .wording import said

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from uuid import UUID

    from .people import Actor


class StillRunning(Exception):
    """Another worker is at this job; should that one be killed, the job is taken up the next time it is looked at."""


class JobState(models.TextChoices):
    """The life of a job."""

    QUEUED = "queued", said("Queued")
    RUNNING = "running", said("Running")
    SUCCEEDED = "succeeded", said("Succeeded")
    FAILED = "failed", said("Failed")
    CANCELLED = "cancelled", said("Cancelled")


class Job(models.Model):
    """One piece of long work: what it is, how far it is, what came of it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=40)
    state = models.CharField(max_length=12, choices=JobState, default=JobState.QUEUED)
    subject_id = models.UUIDField(null=True, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True, blank=True)
    result = models.JSONField(null=True, blank=True)
    error = models.TextField(blank=True, default="")
    is_cancel_wanted = models.BooleanField(default=False)
    requested_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="Empty where a machine did."
    )
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in {JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED}


def queue_job(
    *, kind: str, actor: Actor, at: datetime, subject_id: UUID | None = None, total: int | None = None
) -> Job:
    """Write a job down and publish `job.queued.<kind>`; call it inside the transaction that prepares its work."""
    person = None if isinstance(actor, Machine) else actor
    job = Job.objects.create(kind=kind, subject_id=subject_id, requested_by=person, created_at=at, total=total)
    publish(f"job.queued.{kind}", job_id=job.pk)
    return job


def start_job(*, job_id: UUID | str) -> Job | None:
    """Mark a queued job as running; None when somebody else has it, it is over or it was cancelled meanwhile.

    A job that a killed worker left running is taken up again: its work is written in one transaction or not at all.
    """
    _cancel_unbegun(Job.objects.filter(pk=job_id, is_cancel_wanted=True))
    Job.objects.filter(pk=job_id, state=JobState.QUEUED).update(state=JobState.RUNNING)
    return Job.objects.filter(pk=job_id, state=JobState.RUNNING).first()


@contextmanager
def alone_at(job: Job) -> Iterator[None]:
    """Keep other workers out of a job as long as this connection lives: a killed worker keeps nobody out.

    :raises StillRunning: when another worker is in
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [f"job:{job.pk}"])
        if not cursor.fetchone()[0]:
            raise StillRunning
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [f"job:{job.pk}"])


def report_progress(*, job: Job, done: int, total: int | None = None, result: dict[str, object] | None = None) -> bool:
    """Write how far the job is, and what came of it so far; answers False when somebody asked to stop it."""
    told = {} if result is None else {"result": result}
    Job.objects.filter(pk=job.pk).update(done=done, total=total if total is not None else job.total, **told)
    return not Job.objects.filter(pk=job.pk, is_cancel_wanted=True).exists()


def end_job(
    *, job: Job, state: JobState, at: datetime, result: dict[str, object] | None = None, error: str = ""
) -> None:
    """Write how the job ended."""
    Job.objects.filter(pk=job.pk).update(state=state, ended_at=at, result=result, error=error)


def cancel_job(*, job_id: UUID | str) -> None:
    """Ask a job to stop: it stops at its next step, one not begun never begins, one that is over stays as it is."""
    Job.objects.filter(pk=job_id, state__in=[JobState.QUEUED, JobState.RUNNING]).update(is_cancel_wanted=True)
    _cancel_unbegun(Job.objects.filter(pk=job_id))


def _cancel_unbegun(jobs: models.QuerySet[Job]) -> None:
    jobs.filter(state=JobState.QUEUED).update(state=JobState.CANCELLED, ended_at=timezone.now())
