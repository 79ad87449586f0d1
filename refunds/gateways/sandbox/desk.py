"""The desk: where the books, the keys, the faults and the two threads that act by themselves come together."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from refunds.gateways.sandbox import deeds
from refunds.gateways.sandbox.faults import Faults
from refunds.gateways.sandbox.idempotency import KeyRing
from refunds.gateways.sandbox.problems import Problem
from refunds.gateways.sandbox.records import Event, Refund

if TYPE_CHECKING:
    from refunds.gateways.sandbox.books import Books, Row
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
    keys: KeyRing = field(init=False)
    stopping: threading.Event = field(default_factory=threading.Event)
    _turning: dict[str, float] = field(default_factory=dict)
    _clockwork: threading.Thread | None = None

    def __post_init__(self) -> None:
        """Give the keys the same books."""
        self.keys = KeyRing(self.books)

    def open(self) -> None:
        """Take up what the last process left: refunds that were to turn, events not yet delivered."""
        with self.books.lock:
            self._heed(list(self.books.refunds.values()))
            youngest = time.time() - MISSED_SECONDS
            self._heed([event for event in self.books.events.values() if event.created > youngest])
        self.webhooks.start()
        self._clockwork = threading.Thread(target=self._tick, name="clockwork", daemon=True)
        self._clockwork.start()

    def record(self, *rows: Row) -> None:
        """Write rows down in one change, then let the threads see to what follows from them."""
        self.books.write(*rows)
        self._heed(rows)

    def clear(self) -> None:
        """Forget everything, as on the first day."""
        with self.books.lock:
            self.books.clear()
            self.faults.clear()
            self._turning.clear()
            self.webhooks.clear()

    def close(self) -> None:
        """Stop the threads and bring the books to the disk."""
        self.stopping.set()
        self.webhooks.stop()
        if self._clockwork:
            self._clockwork.join(timeout=1)
        self.books.close()

    def _heed(self, rows: list[Refund] | list[Event] | tuple[Row, ...]) -> None:
        for row in rows:
            if isinstance(row, Refund) and row.turns_at is not None:
                self._turning[row.id] = row.turns_at
            if isinstance(row, Event) and not row.delivered:
                self.webhooks.send(row)

    def _tick(self) -> None:
        settled_at = 0.0
        while not self.stopping.wait(TICK_SECONDS):
            now = time.time()
            self._turn_due(now)
            if now - settled_at >= FSYNC_SECONDS:
                self.books.settle()
                settled_at = now

    def _turn_due(self, now: float) -> None:
        with self.books.lock:
            for refund_id in [one for one, at in self._turning.items() if at <= now]:
                del self._turning[refund_id]
                refund = self.books.refunds.get(refund_id)
                if refund is None or refund.turns is None:
                    continue
                try:
                    self.record(*deeds.turn(self.books, refund, refund.turns, now=now))
                except Problem as late:
                    log.info("%s stays as it is: %s", refund_id, late.message)
