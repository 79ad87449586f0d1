"""A process that reads the patterns is killed in the middle, again and again; what stood before stands."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection

from analytics.models import PatternReading, PatternSignal
from analytics.patterns.keeping import ask_reading, read_and_keep, run_reading
from config.kernel.jobs import Job, JobState
from tests.analytics.patterns.written import write
from tests.analytics.patterns.year import TO_AT, planted_year
from tests.harness.people import settle
from tests.refunds.gateways.stage import PROJECT, eventually

from .simulation import surroundings

if TYPE_CHECKING:
    from uuid import UUID

LATER = TO_AT + timedelta(seconds=1)
"""So soon that another look at the same year finds the same."""

PAUSES_SECONDS = (0.0, 0.1, 0.3)
"""How long after it began a process goes on before it is killed: each time somewhere else, and never to the end."""

READING = """
    SELECT count(*) FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND pid <> pg_backend_pid()
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def somebody_reads() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(READING)
        return bool(cursor.fetchone()[0])


def killed_while_reading(job: Job, pause_seconds: float) -> None:
    reader = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.faults.pattern_reader",
            connection.settings_dict["NAME"],
            str(job.pk),
            LATER.isoformat(),
        ],
        cwd=PROJECT,
        env=surroundings(),
    )
    try:
        while not somebody_reads():
            assert reader.poll() is None
            time.sleep(0.001)
        time.sleep(pause_seconds)
    finally:
        reader.send_signal(signal.SIGKILL)
    assert reader.wait(10) == -signal.SIGKILL
    assert eventually(lambda: not somebody_reads(), 10)


def standing() -> dict[tuple[str, str], tuple[UUID, int]]:
    found = PatternSignal.objects.filter(reading__is_standing=True)
    return {(one.pattern, one.key): (one.standing_id, len(one.request_ids)) for one in found}


class TestAReader:
    def test_that_is_killed_leaves_what_stood_and_another_one_goes_on(self) -> None:
        team = write(planted_year(1))
        read_and_keep(team, at=TO_AT)
        before = standing()
        assert before
        job = ask_reading(actor=settle("sam"), at=LATER)

        for pause_seconds in PAUSES_SECONDS:
            killed_while_reading(job, pause_seconds)

            assert standing() == before
            assert PatternReading.objects.filter(team=team, is_standing=True).count() == 1
            assert Job.objects.get(pk=job.pk).state == JobState.RUNNING

        run_reading(job_id=job.pk, at=LATER)

        assert Job.objects.get(pk=job.pk).state == JobState.SUCCEEDED
        assert standing() == before
        assert PatternReading.objects.get(team=team, is_standing=True).read_at == LATER
