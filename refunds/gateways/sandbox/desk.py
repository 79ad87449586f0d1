"""The desk: where the books, the keys, the faults and the two threads that act by themselves come together."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from refunds.gateways.sandbox import deeds
from refunds.gateways.sandbox.clock import Clock
from refunds.gateways.sandbox.faults import Faults
from refunds.gateways.sandbox.idempotency import KeyRing
from refunds.gateways.sandbox.problems import Problem
from refunds.gateways.sandbox.records import Event, Refund
from refunds.gateways.sandbox.weather import Weather

if TYPE_CHECKING:
    from collections.abc import Sequence

    from refunds.gateways.sandbox.books import Books, Row
    from refunds.gateways.sandbox.once import Make
    from refunds.gateways.sandbox.webhooks import WebhookSender

log = logging.getLogger(__name__)

TICK_SECONDS = 0.1
FSYNC_SECONDS = 1.0
MISSED_SECONDS = 3 * 24 * 3600
"""As long as Stripe tries to deliver an event; after a restart the younger ones are sent again."""


@dataclass(slots=True)
class Desk:
    """Everything one sandbox works with; `turns_after_seconds` is how long "later" takes."""

    books: Books
    webhooks: WebhookSender
    turns_after_seconds: float = 3.0
    faults: Faults = field(default_factory=Faults)
    weather: Weather = field(default_factory=Weather)
    clock: Clock = field(default_factory=Clock)
    keys: KeyRing = field(init=False)
    stopping: threading.Event = field(default_factory=threading.Event)
    _turning: dict[str, float] = field(default_factory=dict)
    _late: list[tuple[float, Make]] = field(default_factory=list)
    _clockwork: threading.Thread | None = None

    def __post_init__(self) -> None:
        """Give the keys the same books, and everybody the same clock."""
        self.keys = KeyRing(self.books, self.clock)
        self.webhooks.clock = self.clock

    def open(self) -> None:
        """Take up what the last process left: refunds that were to turn, events not yet delivered."""
        with self.books.lock:
            self._heed(list(self.books.refunds.values()))
            youngest = self.clock.now() - MISSED_SECONDS
            self._heed([event for event in self.books.events.values() if event.created > youngest])
        self.webhooks.start()
        self._clockwork = threading.Thread(target=self._tick, name="clockwork", daemon=True)
        self._clockwork.start()

    def record(self, *rows: Row) -> None:
        """Write rows down in one change, then let the threads see to what follows from them."""
        self.books.write(*rows)
        self._heed(rows)

    def do_later(self, make: Make, about: str) -> None:
        """Let what was asked happen although the answer was a failure; forgotten when this process ends."""
        with self.books.lock:
            self._late.append((self.clock.now() + self._late_seconds(about), make))

    def go_ahead(self, seconds: float) -> None:
        """Set the clock forward, and let happen what is due by then."""
        self.clock.go_ahead(seconds)
        self._let_happen()
        self.webhooks.wake()

    def next_at(self) -> float | None:
        """Tell when something happens here by itself next (Unix seconds); None for never."""
        with self.books.lock:
            moments = [*self._turning.values(), *(at for at, _ in self._late), *self.webhooks.moments()]
        return min(moments, default=None)

    def clear(self) -> None:
        """Forget everything, as on the first day."""
        with self.books.lock:
            self.books.clear()
            self.faults.clear()
            self.weather.clear()
            self.clock.reset()
            self._turning.clear()
            self._late.clear()
            self.webhooks.clear()

    def close(self) -> None:
        """Stop the threads and bring the books to the disk."""
        self.stopping.set()
        self.webhooks.stop()
        if self._clockwork:
            self._clockwork.join(timeout=1)
        self.books.close()

    def _heed(self, rows: Sequence[Row]) -> None:
        for row in rows:
            if isinstance(row, Refund) and row.turns_at is not None:
                # In weather "later" is hours, and another moment for each.
                is_late = row.turns == "failed" and not self.weather.is_fair
                self._turning[row.id] = self.clock.now() + self._late_seconds(row.id) if is_late else row.turns_at
            if isinstance(row, Event) and not row.delivered and self.webhooks.is_on:
                guise = row.guise or self.weather.of_message(f"{row.type} {row.object_id}") or ""
                self.webhooks.send(row, guise, late_seconds=self._late_seconds(row.id))

    def _late_seconds(self, about: str) -> float:
        return self.turns_after_seconds if self.weather.is_fair else self.weather.late_seconds(about)

    def _tick(self) -> None:
        settled_at = 0.0
        while not self.stopping.wait(TICK_SECONDS):
            self._let_happen()
            if time.monotonic() - settled_at >= FSYNC_SECONDS:
                self.books.settle()
                settled_at = time.monotonic()

    def _let_happen(self) -> None:
        now = self.clock.now()
        with self.books.lock:
            due = [make for at, make in self._late if at <= now]
            self._late = [(at, make) for at, make in self._late if at > now]
            for make in due:
                self._make_late(make)
            for refund_id in [one for one, at in self._turning.items() if at <= now]:
                del self._turning[refund_id]
                self._turn(refund_id, now)

    def _make_late(self, make: Make) -> None:
        try:
            self.record(*make(None)[1])
        except Problem as gone:
            log.info("What was to happen late cannot any more: %s", gone.message)

    def _turn(self, refund_id: str, now: float) -> None:
        refund = self.books.refunds.get(refund_id)
        if refund is None or refund.turns is None:
            return
        try:
            self.record(*deeds.turn(self.books, refund, refund.turns, now=now))
        except Problem as late:
            log.info("%s stays as it is: %s", refund_id, late.message)
