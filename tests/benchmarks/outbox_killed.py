"""The outbox while all workers are killed with SIGKILL, again and again; and how fast one worker drains it.

Killed: in each round news is published over the real broker, PGMQ in the same database, a worker begins, and its whole
process group is killed in the middle. At the end the clock is turned on for what the dead had in hand, one more worker
sweeps, and every piece of news must have had its effect once. Drained: one process works off news that waits, leased,
called and deleted each by itself. The reference is kombu's own drain of as many bare messages from PGMQ.

Run: `python -m tests.benchmarks.outbox_killed`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402 - Django must be set up first
from django.test import override_settings  # noqa: E402
from django.utils import timezone  # noqa: E402
from kombu import Connection  # noqa: E402

from config.celery import app  # noqa: E402
from config.deploy.broker import install_broker  # noqa: E402
from config.deploy.connection import broker_settings  # noqa: E402
from config.deploy.portal import WORKER_ALONE  # noqa: E402
from config.environment import load  # noqa: E402
from config.kernel.outbox import OutboxRow, publish, sweep_outbox  # noqa: E402
from tests.benchmarks.measure import ROUNDS, own_database, report, sized  # noqa: E402
from tests.benchmarks.outbox_hands import NEWS, TABLES  # noqa: E402
from tests.benchmarks.serving import address_of_database  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KILLS = sized(small=4, full=20)
PIECES = sized(small=120, full=500)
DRAINED = sized(small=200, full=2000)
LONGEST_SECONDS = 180
LEASED_AGO = timedelta(minutes=5)
WORKER = (sys.executable, "-m", "celery", "-A", "config", "worker", "--loglevel", "ERROR", *WORKER_ALONE)


def main() -> int:
    """Measure and report."""
    with own_database():
        where = address_of_database()
        install_broker(where)
        address, options = broker_settings(load().model_copy(update={"database_url": where, "celery_broker_url": ""}))
        app.conf.update(broker_url=address, broker_transport_options=options)
        with connection.cursor() as cursor:
            cursor.execute(TABLES)
        hears = "tests.benchmarks.outbox_hands.SUBSCRIPTIONS"
        with override_settings(OUTBOX_WAKES_WORKERS=True, NEWS_SUBSCRIPTIONS=hears):
            ours, reference = [], []
            for _ in range(ROUNDS):
                ours.append(_drain(where))
                reference.append(_drain_bare(address, options))
            in_hand = _kill_again_and_again(where)
        lost = _number("SELECT count(*) FROM bench_subject WHERE state = 'waiting'")
        doubled = "SELECT FROM bench_effect GROUP BY number HAVING count(*) > 1"
        twice = _number(f"SELECT count(*) FROM ({doubled}) AS doubled")  # noqa: S608 - our own words
        told = f"{KILLS} kills over {KILLS * PIECES} pieces of news: lost {lost}, effects twice {twice}"
        note = f"({told}, {in_hand} in hand of the dead)"
        stands = report("outbox_killed", ours=ours, reference=reference, unit="news/s", floor=1, target=1, note=note)
        _end_the_others()
    return 0 if stands and not lost and not twice else 1


def _kill_again_and_again(where: str) -> int:
    """Kill every worker in the middle of each round, then let one finish; answer how much the dead had in hand."""
    for _ in range(KILLS):
        before = _effects()
        _publish(PIECES)
        with _worker(where, "--concurrency", "2"):
            _wait_until(lambda seen=before: _effects() >= seen + PIECES // 3)  # type: ignore[misc]
    in_hand = OutboxRow.objects.filter(attempt_count__gt=0).count()
    OutboxRow.objects.update(due_at=timezone.now() - LEASED_AGO)
    with _worker(where, "--concurrency", "2"):
        while left := OutboxRow.objects.count():
            sweep_outbox.delay()
            _wait_until(lambda seen=left: OutboxRow.objects.count() < seen)  # type: ignore[misc]
    return in_hand


def _drain(where: str) -> float:
    before = _effects()
    _publish(DRAINED)
    with _worker(where, "--pool", "solo"):
        _wait_until(lambda: _effects() == before + DRAINED)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM max(at) - min(at))::float8 FROM "
            "(SELECT at FROM bench_effect ORDER BY at DESC LIMIT %s) AS these",
            [DRAINED],
        )
        return (DRAINED - 1) / float(cursor.fetchone()[0])


def _drain_bare(address: str, options: dict[str, Any]) -> float:
    with Connection(address, transport_options=options) as broker:
        queue = broker.SimpleQueue("bench_bare")
        for number in range(DRAINED):
            queue.put({"row": number})
        queue.get(timeout=LONGEST_SECONDS).ack()
        began = time.perf_counter()
        for _ in range(DRAINED - 1):
            queue.get(timeout=LONGEST_SECONDS).ack()
        took = time.perf_counter() - began
        queue.close()
    return (DRAINED - 1) / took


def _publish(count: int) -> None:
    first = _number("SELECT coalesce(max(number), 0) + 1 FROM bench_subject")
    for number in range(first, first + count):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("INSERT INTO bench_subject (number) VALUES (%s)", [number])
            publish(NEWS, number=str(number))


@contextmanager
def _worker(where: str, *words: str) -> Iterator[None]:
    """Have a worker of our own, which ends with SIGKILL to it and all its children."""
    surroundings = {**os.environ, "DATABASE_URL": where}
    process = subprocess.Popen(
        [*WORKER, *words],
        env=surroundings,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONGEST_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            message = f"nothing more happened within {LONGEST_SECONDS} s"
            raise RuntimeError(message)
        time.sleep(0.05)


def _end_the_others() -> None:
    """End what the dead and our own publishers left open in the database, or it cannot be taken away."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def _effects() -> int:
    return _number("SELECT count(*) FROM bench_effect")


def _number(question: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return int(cursor.fetchone()[0])


if __name__ == "__main__":
    sys.exit(main())
