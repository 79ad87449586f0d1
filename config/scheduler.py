"""Beat with a standby: start two or more; one sends, the others wait until it is gone."""

from __future__ import annotations

import atexit
import time
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import structlog
from celery import beat
from django.db import Error, connection

from config.kernel.ids import new_id
from config.kernel.scheduling import claim_run, give_lease_up, hold_lease, last_runs

if TYPE_CHECKING:
    from collections.abc import Callable

log = structlog.get_logger(__name__)

RENEW_SECONDS: Final = 3.0
MOST_AHEAD: Final = timedelta(seconds=30)
"""How far clocks of a machine and its database may be apart."""

LOOK_SECONDS: Final = 2


class StandingByScheduler(beat.Scheduler):
    """Sends regular work while it holds the lease, going on where the one before stopped.

    Each run is noted in the database before it is sent, so no two schedulers send the same one. One that is killed
    between the note and the sending leaves that run out; every regular work makes up for the last one.
    """

    max_interval = LOOK_SECONDS

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.holder = new_id()
        self.is_ruling = False
        self.renewed_at = float("-inf")
        super().__init__(*arguments, **options)

    def tick(self, *arguments: Any, **options: Any) -> float:
        """Send what is due, or only look whether it is our turn. Returns the seconds to wait."""
        if not (self._or_stand_by(self._rules)):
            return LOOK_SECONDS
        self._forget_the_future()
        return float(super().tick(*arguments, **options))

    def apply_entry(self, entry: beat.ScheduleEntry, producer: Any = None) -> None:
        """Send one work, unless somebody else has come to rule."""
        if self._or_stand_by(lambda: claim_run(holder=self.holder, name=str(entry.name))):
            super().apply_entry(entry, producer=producer)

    def retire(self) -> None:
        """Let the standby begin at once.

        Not part of `close`, which beat calls from its signal handler: in the middle of a query, whose connection is
        locked, it would wait for itself for ever.
        """
        if self.is_ruling:
            self.is_ruling = False
            # Else it lapses by itself.
            with suppress(Error):
                give_lease_up(holder=self.holder)

    def leave(self) -> None:
        """Retire at the end of the process, over a new connection: the old one may have been left in mid-sentence."""
        with suppress(Error):
            connection.close()
        self.retire()

    def _rules(self) -> bool:
        if self.is_ruling and time.monotonic() - self.renewed_at < RENEW_SECONDS:
            return True
        asked_at = time.monotonic()
        if not hold_lease(holder=self.holder):
            return False
        if not self.is_ruling:
            self._go_on()
        self.renewed_at = asked_at
        return True

    def _forget_the_future(self) -> None:
        """Begin anew after a clock was set back: else everything waits until it is as late once more."""
        for entry in self.schedule.values():
            now = entry.default_now()
            if entry.last_run_at is not None and entry.last_run_at > now + MOST_AHEAD:
                entry.last_run_at = now
                self._heap = None

    def _go_on(self) -> None:
        """Begin where whoever ruled before stopped."""
        atexit.unregister(self.leave)
        atexit.register(self.leave)
        for name, ran_at in last_runs().items():
            if name in self.schedule:
                self.schedule[name].last_run_at = ran_at
        self._heap = None
        self.is_ruling = True
        log.info("scheduler rules", holder=str(self.holder))

    def _or_stand_by(self, ask: Callable[[], bool]) -> bool:
        """Ask the database; a no, or none at all, ends the rule."""
        try:
            if ask():
                return True
        except Error as error:
            log.warning("scheduler cannot reach the database", error=str(error))
            connection.close()
        if self.is_ruling:
            self._stand_by()
        return False

    def _stand_by(self) -> None:
        self.is_ruling = False
        self.renewed_at = float("-inf")
        log.info("scheduler stands by", holder=str(self.holder))
