"""Signed webhooks from a thread of their own: at least once, in no promised order, retried with growing pauses."""

from __future__ import annotations

import heapq
import http.client
import itertools
import json
import logging
import threading
import time
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from refunds.gateways.sandbox.clock import Clock
from refunds.gateways.sandbox.faults import Fault
from refunds.gateways.signature import signature_header

if TYPE_CHECKING:
    from collections.abc import Callable

    from refunds.gateways.sandbox.records import Event

log = logging.getLogger(__name__)

ANSWER_SECONDS = 5
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
MOST_TRIES = 60
SENDERS = 2
WRONG_SECRET = "whsec_of_somebody_else"  # noqa: S105 - it is wrong on purpose
_OK = range(200, 300)
_FALSE = frozenset({Fault.FORGED_WEBHOOK, Fault.TAMPERED_WEBHOOK})


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message on its way: the event, what is odd about it, and how often it was tried."""

    event: Event
    guise: str = ""
    attempt: int = 1


class WebhookSender:
    """Sends events to one address; without an address it only keeps quiet."""

    def __init__(self, url: str, secret: str, show: Callable[[Event], dict[str, Any]]) -> None:
        """Take the address, the secret to sign with and what turns an event into its JSON."""
        self._target = urlsplit(url)
        self._secret = secret
        self._show = show
        self._waiting: list[tuple[float, int, Parcel]] = []
        self._order = itertools.count()
        self._news = threading.Condition()
        self._is_stopping = False
        self._threads: list[threading.Thread] = []
        self._tally: Counter[str] = Counter()
        self.clock = Clock()
        self.on_delivered: Callable[[Event], None] = lambda _event: None

    @property
    def is_on(self) -> bool:
        """Tell whether there is anybody to send to."""
        return bool(self._target.hostname)

    def start(self) -> None:
        """Begin to send."""
        for number in range(SENDERS if self.is_on else 0):
            thread = threading.Thread(target=self._work, name=f"webhooks-{number}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Stop after the delivery under way; what waits is sent after the next start."""
        with self._news:
            self._is_stopping = True
            self._news.notify_all()
        for thread in self._threads:
            thread.join(timeout=0.3)

    def send(self, event: Event, guise: str = "", *, late_seconds: float = 0.0) -> None:
        """Queue an event, as often as it is to arrive, with the false ones beside it."""
        if not self.is_on or guise == Fault.DROP_WEBHOOK:
            return
        due = self.clock.now() + (late_seconds if guise == Fault.LATE_WEBHOOK else 0)
        for _ in range(max(event.copies, 2 if guise == Fault.DOUBLE_WEBHOOK else event.copies)):
            self._queue(due, Parcel(event))
        if guise in _FALSE or guise == Fault.TWIN_WEBHOOK:
            self._queue(due, Parcel(event, guise))

    def clear(self) -> None:
        """Forget what waits."""
        with self._news:
            self._waiting.clear()

    def wake(self) -> None:
        """Look at the clock again."""
        with self._news:
            self._news.notify_all()

    def moments(self) -> list[float]:
        """List when the waiting ones are due, in Unix seconds."""
        with self._news:
            return [due for due, _, _ in self._waiting]

    def tallied(self) -> dict[str, int]:
        """Count messages that were taken and not, false ones apart."""
        with self._news:
            return dict(self._tally)

    def _queue(self, due: float, parcel: Parcel) -> None:
        with self._news:
            heapq.heappush(self._waiting, (due, next(self._order), parcel))
            self._news.notify()

    def _work(self) -> None:
        while (parcel := self._next()) is not None:
            try:
                shown = self._show(parcel.event)
            except LookupError:
                # The books were reset while this one waited.
                continue
            is_taken = self._deliver(*self._sealed(parcel, shown))
            self._count("false " if parcel.guise in _FALSE else "", is_taken=is_taken)
            if parcel.guise in _FALSE:
                continue
            if is_taken:
                self.on_delivered(parcel.event)
            elif parcel.attempt < MOST_TRIES:
                pause = min(FIRST_PAUSE_SECONDS * 2 ** (parcel.attempt - 1), LONGEST_PAUSE_SECONDS)
                self._queue(self.clock.now() + pause, replace(parcel, attempt=parcel.attempt + 1))
            else:
                log.warning("Nobody took %s (%s); giving up.", parcel.event.id, parcel.event.type)

    def _count(self, kind: str, *, is_taken: bool) -> None:
        with self._news:
            self._tally[f"{kind}{'taken' if is_taken else 'not taken'}"] += 1

    def _next(self) -> Parcel | None:
        with self._news:
            while not self._is_stopping:
                pause = self._waiting[0][0] - self.clock.now() if self._waiting else None
                if pause is not None and pause <= 0:
                    return heapq.heappop(self._waiting)[2]
                self._news.wait(pause)
        return None

    def _sealed(self, parcel: Parcel, shown: dict[str, Any]) -> tuple[bytes, str]:
        """Write and sign the message, or forge it: with another's secret, or with one byte changed afterwards."""
        if parcel.guise in {Fault.TWIN_WEBHOOK, *_FALSE}:
            shown = {**shown, "id": f"{shown['id']}_{parcel.guise}"}
        raw = json.dumps(shown, separators=(",", ":")).encode()
        secret = WRONG_SECRET if parcel.guise == Fault.FORGED_WEBHOOK else self._secret
        # Signed by the machine's clock, whatever the sandbox's own says: whoever verifies has no other.
        header = signature_header(raw, secret, int(time.time()))
        if parcel.guise == Fault.TAMPERED_WEBHOOK:
            place = raw.index(b'"amount":') + len(b'"amount":') if b'"amount":' in raw else len(raw) // 2
            raw = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        return raw, header

    def _deliver(self, raw: bytes, signature: str) -> bool:
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks) sandbox",
            "Stripe-Signature": signature,
        }
        secure = self._target.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = kind(self._target.hostname or "", self._target.port, timeout=ANSWER_SECONDS)
        try:
            connection.request("POST", self._target.path or "/", raw, headers)
            return connection.getresponse().status in _OK
        except (OSError, http.client.HTTPException) as unheard:
            log.debug("A delivery was not heard: %s", unheard)
            return False
        finally:
            connection.close()
