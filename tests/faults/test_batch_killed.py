"""A worker that files many requests is killed in the middle; the next one goes on, and none is filed twice."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.utils import timezone

from config.kernel.jobs import Job, JobState
from refunds.batches import filing
from refunds.batches.taking import Row, take_batch
from refunds.models import Batch, RefundRequest
from tests.harness.people import settle
from tests.refunds.gateways.stage import PROJECT, eventually

from .simulation import surroundings

if TYPE_CHECKING:
    from tests.harness.world import World

ROWS = 200
KILLS = 2
AT_IT = """
    SELECT count(*) FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND pid <> pg_backend_pid()
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def somebody_files() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(AT_IT)
        return bool(cursor.fetchone()[0])


def items_of(job: Job) -> list[dict[str, object]]:
    result = Job.objects.values_list("result", flat=True).get(pk=job.pk) or {}
    return list(result["items"])


def killed_after_some(job: Job) -> None:
    before = Job.objects.get(pk=job.pk).done
    filer = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.batch_filer", connection.settings_dict["NAME"], str(job.pk)],
        cwd=PROJECT,
        env=surroundings(),
    )
    try:
        while Job.objects.get(pk=job.pk).done == before:
            assert filer.poll() is None
            time.sleep(0.02)
    finally:
        filer.send_signal(signal.SIGKILL)
    assert filer.wait(10) == -signal.SIGKILL
    assert eventually(lambda: not somebody_files(), 10)


class TestAFiler:
    def test_that_is_killed_files_nothing_twice_and_another_one_goes_on(self, world: World) -> None:
        orders = [world.order() for _ in range(ROWS)]
        line = {"line": "1", "quantity": 1, "condition": "unopened", "amount_minor": None}
        rows = [
            Row(
                key=order.external_id,
                body={
                    "channel": order.channel,
                    "order": order.external_id,
                    "category": "refund",
                    "reason": "changed_mind",
                    "note": "",
                    "lines": [line],
                    "submit": True,
                },
                problem=None,
            )
            for order in orders
        ]
        job = take_batch(rows=rows, actor=settle("amir"), at=timezone.now())

        for _ in range(KILLS):
            killed_after_some(job)

            standing = Job.objects.get(pk=job.pk)
            assert (standing.state, standing.done) == (JobState.RUNNING, RefundRequest.objects.count())
            assert len(items_of(job)) == standing.done < ROWS

        filing.run_batch(job_id=job.pk)

        over = Job.objects.get(pk=job.pk)
        assert (over.state, over.done) == (JobState.SUCCEEDED, ROWS)
        told = [str(item["reference"]) for item in items_of(job)]
        assert sorted(told) == sorted(RefundRequest.objects.values_list("reference", flat=True))
        assert RefundRequest.objects.values("order").distinct().count() == ROWS
        assert Batch.objects.get().rows == []
