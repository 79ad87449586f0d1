"""The coordinator: replaces the dead, wakes the frozen, plays finance, and sets the clock forward when all wait."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import DatabaseError, InterfaceError, connections
from django.db.models import Max, Min, Q
from django.db.models.functions import Greatest

from config.kernel.outbox import OutboxRow
from refunds.gateways.sandbox.records import UNDONE
from refunds.models import Delivery, GatewayLine, Operation
from refunds.processing.performing import CLAIMABLE
from refunds.vocabulary import DeliveryState, OperationState

from . import hands
from .person import Finance

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.process import BaseProcess
    from wsgiref.simple_server import WSGIServer

    from .floor import Floor
    from .premises import OwnSandbox

LOOK_SECONDS = 0.02
QUANTUM = timedelta(minutes=15)
"""The least the clock is set forward by, so that what is due at nearly the same time is done at once."""

PATIENCE_SECONDS, PATIENCE_SECONDS_EACH = 120.0, 1.5
STOP_SECONDS = 3.0
UNDECIDED = (*CLAIMABLE, OperationState.PENDING)


class Run:
    """Workers and inbox at work until nobody has anything to do any more."""

    def __init__(self, floor: Floor, sandbox: OwnSandbox, inbox: WSGIServer) -> None:
        """Start nobody yet."""
        self.floor = floor
        self.sandbox = sandbox
        self.finance = Finance()
        self.database_losses = 0
        self._inbox_server = inbox
        self._workers: list[BaseProcess | None] = [None] * floor.terms.workers
        self._inbox: BaseProcess | None = None

    def until_all_is_decided(self, tell: Callable[[int, int], None]) -> bool:
        """Run, and tell how many operations there are and how many are undecided; False when patience ran out."""
        patience = PATIENCE_SECONDS + PATIENCE_SECONDS_EACH * self.floor.terms.operations
        until = time.monotonic() + patience
        try:
            while time.monotonic() < until:
                try:
                    if self._is_done(tell):
                        return True
                except (DatabaseError, InterfaceError):
                    self.database_losses += 1
                    connections.close_all()
                time.sleep(LOOK_SECONDS)
            return False
        finally:
            self.stop()

    def stop(self) -> None:
        """Send everybody home, those who stand still too."""
        self.floor.is_over.value = 1
        for place, worker in enumerate(self._workers):
            if worker is not None:
                self._thaw(place, worker)
                worker.join(STOP_SECONDS)
                worker.kill()
                worker.join()
        if self._inbox is not None:
            self._inbox.kill()
            self._inbox.join()

    def _is_done(self, tell: Callable[[int, int], None]) -> bool:
        self._fill_places()
        self._thaw_those_due()
        if self.floor.is_busy:
            return False
        undecided = Operation.objects.filter(state__in=UNDECIDED).count()
        tell(Operation.objects.count(), undecided)
        if self.finance.act(at=self.floor.clock.now()):
            return False
        now, moment = self.floor.clock.now(), self._next_moment() or self._next_watch()
        if moment is None:
            return undecided == 0
        if moment > now:
            self._go_ahead((max(moment, now + QUANTUM) - now).total_seconds())
        return False

    def _go_ahead(self, seconds: float) -> None:
        # The sandbox first: it forgets keys rather a moment too early than too late.
        self.sandbox.ask("POST", "/_sandbox/clock", {"ahead_seconds": seconds})
        self.floor.clock.go_ahead(seconds)

    def _next_moment(self) -> datetime | None:
        """Find when somebody has something to do next: a worker, a sweep, the processor, whoever stands still."""
        thaws = [moment for place in range(self.floor.terms.workers) if (moment := self.floor.thaws_at(place))]
        if len(thaws) == self.floor.terms.workers:
            return min(thaws)  # Whatever is due, nobody is there to do it.
        moments = [
            self._next_try(),
            OutboxRow.objects.filter(task__in=hands.MONEY_TASKS).aggregate(at=Min("due_at"))["at"],
            self._next_sweep(),
            self._next_of_processor(),
            *thaws,
        ]
        return min((moment for moment in moments if moment is not None), default=None)

    def _next_try(self) -> datetime | None:
        """Find when the next operation is due, and the line to the processor open enough to try it."""
        claimable = Operation.objects.filter(state__in=CLAIMABLE)
        due = (
            claimable.aggregate(at=Min(Greatest("next_try_at", "lease_until")))["at"],
            Operation.objects.filter(state=OperationState.PENDING).aggregate(at=Min("next_try_at"))["at"],
        )
        first = min((moment for moment in due if moment is not None), default=None)
        stopped_until = GatewayLine.objects.exclude(stop="").aggregate(at=Max("try_after"))["at"]
        return max(first, stopped_until) if first and stopped_until else first

    def _next_watch(self) -> datetime | None:
        """Find when what succeeded is watched next, if one came back and every message about it was dropped."""
        refunds = self.sandbox.ask("GET", "/_sandbox/books")["refunds"]
        undone = [refund["id"] for refund in refunds if refund["status"] in UNDONE]
        unheard = Operation.objects.filter(state=OperationState.SUCCEEDED, external_id__in=undone)
        first = unheard.aggregate(at=Min("watch_at"))["at"]
        following = datetime.fromtimestamp(self.floor.watched_at.value + hands.WATCH_SECONDS, UTC)
        return max(first, following) if first else None

    def _next_sweep(self) -> datetime | None:
        waits = Q(state__in=(DeliveryState.RECEIVED, DeliveryState.PARKED))
        if not Delivery.objects.filter(waits).exists():
            return None
        return datetime.fromtimestamp(self.floor.swept_at.value + hands.SWEEP_SECONDS, UTC)

    def _next_of_processor(self) -> datetime | None:
        told = self.sandbox.ask("GET", "/_sandbox/clock")
        # The two clocks differ by the moment between two calls.
        return None if told["next_at"] is None else datetime.fromtimestamp(told["next_at"], UTC)

    def _fill_places(self) -> None:
        """Put somebody in the place of each who died."""
        address = self.sandbox.address
        for place, worker in enumerate(self._workers):
            if worker is None or not worker.is_alive():
                self._workers[place] = hands.start(hands.work, self.floor, place, address)
        if self._inbox is None or not self._inbox.is_alive():
            self._inbox = hands.start(hands.hear, self._inbox_server, self.sandbox.gateway())

    def _thaw_those_due(self) -> None:
        for place, worker in enumerate(self._workers):
            moment = self.floor.thaws_at(place)
            if worker is not None and moment is not None and moment <= self.floor.clock.now():
                self._thaw(place, worker)

    def _thaw(self, place: int, worker: BaseProcess) -> None:
        self.floor.frozen_at[place] = 0.0
        with suppress(ProcessLookupError):
            os.kill(worker.pid or 0, signal.SIGCONT)
