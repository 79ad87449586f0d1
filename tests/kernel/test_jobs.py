"""Long work: queued with its news, started once, stopped when asked, ended with words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from config.kernel.ids import new_id
from config.kernel.jobs import Job, JobState, cancel_job, end_job, queue_job, report_progress, start_job
from config.kernel.outbox import OutboxRow
from tests.harness.world import NOON

if TYPE_CHECKING:
    from config.kernel.people import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(lena: User) -> Job:
    """Queue a job of Lena's."""
    return queue_job(kind="import_statement", subject_id=new_id(), actor=lena, at=NOON, total=10)


class TestAJob:
    def test_is_told_of_once_it_is_queued(self, job: Job) -> None:
        assert OutboxRow.objects.get(news="job.queued.import_statement").ids == {"job_id": str(job.pk)}
        assert (job.state, job.is_over) == (JobState.QUEUED, False)

    def test_that_a_killed_worker_left_is_taken_up_again(self, job: Job) -> None:
        first, second = start_job(job_id=job.pk), start_job(job_id=job.pk)

        assert first is not None
        assert second is not None
        assert second.state == JobState.RUNNING

    def test_says_how_far_it_is_and_hears_that_it_should_stop(self, job: Job) -> None:
        running = start_job(job_id=job.pk)
        assert running is not None
        assert report_progress(job=running, done=4)
        cancel_job(job_id=job.pk)

        assert not report_progress(job=running, done=5)
        assert Job.objects.get(pk=job.pk).done == 5

    def test_cancelled_before_it_began_never_begins(self, job: Job) -> None:
        cancel_job(job_id=job.pk)

        assert start_job(job_id=job.pk) is None
        cancelled = Job.objects.get(pk=job.pk)
        assert cancelled.state == JobState.CANCELLED
        assert cancelled.ended_at is not None

    def test_that_is_over_cannot_be_cancelled(self, job: Job) -> None:
        running = start_job(job_id=job.pk)
        assert running is not None
        end_job(job=running, state=JobState.SUCCEEDED, at=NOON)

        cancel_job(job_id=job.pk)

        ended = Job.objects.get(pk=job.pk)
        assert (ended.state, ended.ended_at, ended.is_cancel_wanted) == (JobState.SUCCEEDED, NOON, False)

    def test_that_is_over_does_not_begin_again(self, job: Job) -> None:
        running = start_job(job_id=job.pk)
        assert running is not None
        end_job(job=running, state=JobState.FAILED, at=NOON, error="The totals do not tie.")

        assert start_job(job_id=job.pk) is None
        ended = Job.objects.get(pk=job.pk)
        assert (ended.is_over, ended.error, ended.ended_at) == (True, "The totals do not tie.", NOON)
