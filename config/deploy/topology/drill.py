"""The drill: everything is restarted under load, the ruling scheduler is killed, and both sides' books are compared."""

from __future__ import annotations

import json
import statistics
import time
from typing import TYPE_CHECKING
from uuid import UUID

import psycopg

from . import audit, load, peopling, portal
from .plan import SITE
from .programs import CannotStandError
from .stores import superuser_address

if TYPE_CHECKING:
    from collections.abc import Callable

    from .plan import Plan

BEATS = ("beat1", "beat2")
TAKE_OVER_SECONDS = 60.0
RULING = "SELECT holder FROM kernel_schedulerlease WHERE until > now()"


def drill(plan: Plan, act: Callable[[], object], say: Callable[[str], None]) -> bool:
    """Do `act` while people work; say what they heard and what became of the money; True when all is well."""
    people = peopling.settle(plan)
    began = time.monotonic()
    with load.at_work(plan, people) as work:
        act()
    took = time.monotonic() - began
    tally, books = work.tally, audit.compare(plan, work.filed)
    say(
        f"{SITE}: {sum(tally.answers.values())} answers in {took:.0f} s ({sum(tally.answers.values()) / took:.1f}/s), "
        f"{len(tally.failures)} failed, p50 {statistics.median(tally.seconds) * 1000:.0f} ms, "
        f"p99 {statistics.quantiles(tally.seconds, n=100)[98] * 1000:.0f} ms, "
        f"{tally.renewed} kept connections renewed; by status {dict(sorted(tally.answers.items()))}."
    )
    say(
        f"{books.asked} refunds asked for ({books.asked / took:.1f}/s), {books.paid} paid once, "
        f"{len(books.lost)} lost, {len(books.doubled)} doubled."
    )
    for failure in tally.failures[:5]:
        say(failure)
    return not tally.failures and books.is_well and books.asked > 0


def kill_ruling_scheduler(plan: Plan) -> tuple[str, float]:
    """Kill the scheduler that sends; return who took over and after how many seconds it sent something.

    :raises CannotStandError: when nobody did
    """
    with psycopg.connect(superuser_address(plan, "redress"), autocommit=True) as connection:
        holder = _holder(connection)
        ruling = next((name for name in BEATS if holder in ruled_by(plan, name)), None)
        if ruling is None:
            raise CannotStandError("No scheduler rules.")
        beats = portal.portal(plan)
        if process := beats[ruling].process():
            process.kill()
        killed_at = time.monotonic()
        while time.monotonic() - killed_at < TAKE_OVER_SECONDS:
            follower = _holder(connection)
            if follower not in (None, holder):
                return next(name for name in BEATS if follower in ruled_by(plan, name)), time.monotonic() - killed_at
            time.sleep(0.2)
    raise CannotStandError(f"Nobody took over from {ruling}.")


def ruled_by(plan: Plan, name: str) -> set[UUID]:
    """Every name under which a scheduler has ruled, by its own log."""
    lines = portal.portal(plan)[name].log.read_text(errors="replace").splitlines()
    return {UUID(json.loads(line)["holder"]) for line in lines if '"scheduler rules"' in line}


def _holder(connection: psycopg.Connection[tuple[UUID]]) -> UUID | None:
    row = connection.execute(RULING).fetchone()
    return row[0] if row else None
