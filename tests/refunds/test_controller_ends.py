"""Nothing is kept without an end: no note without a length, no job that runs for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from config.kernel.jobs import Job, JobState
from config.kernel.refusals import Refused
from refunds import workflow
from refunds.intake import LONGEST_NOTE
from refunds.models import Statement
from refunds.reconciliation.importing import queue_matching, run_import, upload_statement
from tests.harness.stillness import refused
from tests.harness.world import NOON, World
from tests.refunds.books import csv_file
from tests.refunds.reconciliation.reports import report, row

if TYPE_CHECKING:
    from config.kernel.people import User

pytestmark = pytest.mark.django_db

TOO_LONG = "a " * LONGEST_NOTE


class TestWhatIsSaidBesideAVerb:
    def test_has_an_end(self, world: World, amir: User, dana: User) -> None:
        reference = world.waiting(by=amir).reference

        with refused(Refused, "invalid"):
            workflow.ask(reference=reference, question=TOO_LONG, actor=dana, at=NOON)
        with refused(Refused, "invalid"):
            workflow.hold(reference=reference, note=TOO_LONG, actor=dana, at=NOON)
        with refused(Refused, "invalid"):
            workflow.withdraw(reference=reference, note=TOO_LONG, actor=amir, at=NOON)


class TestAnImport:
    def test_that_can_never_succeed_ends_with_its_reason(self, lena: User) -> None:
        file = csv_file(report([row("txn_1", "5.00", category="charge")]))
        statement, job = upload_statement(account="stripe", file=file, actor=lena, at=NOON)
        assert job is not None
        Statement.objects.filter(pk=statement.pk).update(content=b"an older release read this")

        run_import(job_id=job.pk, at=NOON)

        ended = Job.objects.get(pk=job.pk)
        assert (ended.state, ended.is_over) == (JobState.FAILED, True)
        assert ended.error
        assert queue_matching(statement=statement, actor=lena, at=NOON).state == JobState.QUEUED
