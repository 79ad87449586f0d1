"""Signed webhooks from a thread of their own: at least once, in no promised order, retried with growing pauses."""

from __future__ import annotations

import heapq
import http.client
import itertools
import json
import logging
import threading
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

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
_OK = range(200, 300)


class WebhookSender:
    """Sends events to one address; without an address it only keeps quiet."""

    def __init__(self, url: str, secret: str, show: Callable[[Event], dict[str, Any]]) -> None:
        """Take the address, the secret to sign with and what turns an event into its JSON."""
        self._target = urlsplit(url)
        self._secret = secret
        self._show = show
        self._waiting: list[tuple[float, int, int, Event]] = []
        self._order = itertools.count()
        self._news = threading.Condition()
        self._is_stopping = False
        self._threads: list[threading.Thread] = []
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

    def send(self, event: Event) -> None:
        """Queue an event, as often as it is to arrive."""
        if self.is_on:
            for _ in range(event.copies):
                self._queue(time.monotonic(), 1, event)

    def clear(self) -> None:
        """Forget what waits."""
        with self._news:
            self._waiting.clear()

    def _queue(self, due: float, attempt: int, event: Event) -> None:
        with self._news:
            heapq.heappush(self._waiting, (due, next(self._order), attempt, event))
            self._news.notify()

    def _work(self) -> None:
        while (todo := self._next()) is not None:
            attempt, event = todo
            try:
                raw = json.dumps(self._show(event), separators=(",", ":")).encode()
            except LookupError:
                # The books were reset while this one waited.
                continue
            if self._deliver(raw):
                self.on_delivered(event)
            elif attempt < MOST_TRIES:
                pause = min(FIRST_PAUSE_SECONDS * 2 ** (attempt - 1), LONGEST_PAUSE_SECONDS)
                self._queue(time.monotonic() + pause, attempt + 1, event)
            else:
                log.warning("Nobody took %s (%s); giving up.", event.id, event.type)

    def _next(self) -> tuple[int, Event] | None:
        with self._news:
            while not self._is_stopping:
                pause = self._waiting[0][0] - time.monotonic() if self._waiting else None
                if pause is not None and pause <= 0:
                    _, _, attempt, event = heapq.heappop(self._waiting)
                    return attempt, event
                self._news.wait(pause)
        return None

    def _deliver(self, raw: bytes) -> bool:
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks) sandbox",
            "Stripe-Signature": signature_header(raw, self._secret, int(time.time())),
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
