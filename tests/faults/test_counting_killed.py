"""A process that counts is killed in the middle, again and again; nothing is counted twice and nothing is lost."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from django.db import connection

from analytics.models import OutflowCell, OutflowFact, RollupMark
from config.kernel.refusals import Refused
from evidence.models import LedgerEntry
from tests.analytics.rollups.shop import Shop
from tests.analytics.rollups.test_following import Hand
from tests.refunds.gateways.stage import PROJECT, eventually

from .simulation import surroundings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.harness.world import World

INTERRUPTED_COUNT, MOST_TRIES, TURNS = 4, 12, 12
FOLDING = """
    SELECT count(*) FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND pid <> pg_backend_pid()
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
PAUSES_SECONDS = (0.0, 0.004, 0.012, 0.03)
"""How long after the first sight of it a process goes on before it is killed: each time somewhere else."""

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def somebody_folds() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(FOLDING)
        return bool(cursor.fetchone()[0])


def started(*words: str) -> subprocess.Popen[bytes]:
    """Start a process on the database of this test."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.faults.counter", connection.settings_dict["NAME"], *words],
        cwd=PROJECT,
        env=surroundings(),
        stdout=subprocess.DEVNULL,
    )


def counted() -> tuple[Sequence[object], ...]:
    """Read the bookmark, every fact and every sum."""
    marks = RollupMark.objects.values_list("settled_id", "seen_id")
    return tuple(
        list(rows.order_by("pk")) for rows in (marks, OutflowFact.objects.values(), OutflowCell.objects.values())
    )


def is_behind() -> bool:
    """Tell whether the ledger has entries beyond the bookmark."""
    mark = RollupMark.objects.first()
    return LedgerEntry.objects.filter(pk__gt=mark.settled_id if mark else 0).exists()


def killed_while_folding(pause_seconds: float) -> None:
    counter = started()
    try:
        while not somebody_folds():
            assert counter.poll() is None
            time.sleep(0.001)
        time.sleep(pause_seconds)
    finally:
        counter.send_signal(signal.SIGKILL)
    assert counter.wait(10) == -signal.SIGKILL
    assert eventually(lambda: not somebody_folds(), 10)


class TestACounter:
    def test_killed_in_the_middle_leaves_sums_that_a_recount_finds_equal(self, world: World) -> None:
        hand, interrupted = Hand(Shop(world), seed=3), 0
        for place in range(MOST_TRIES):
            for _ in range(TURNS):
                with suppress(Refused):
                    hand.random.choice(hand.moves())()
            before = counted()
            assert is_behind()
            killed_while_folding(PAUSES_SECONDS[place % len(PAUSES_SECONDS)])
            if is_behind():
                # Nothing of a batch whose bookmark was not moved.
                assert counted() == before
                interrupted += 1
            if interrupted >= INTERRUPTED_COUNT:
                break

        assert interrupted >= INTERRUPTED_COUNT
        assert started("recount_rollups").wait(120) == 0
        assert counted() != before
        assert OutflowFact.objects.count() > TURNS
