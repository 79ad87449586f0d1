"""Somebody who sends signed webhooks without pause, and each one again until it is accepted, as processors do."""

from __future__ import annotations

import http.client
import json
import time
from collections import Counter
from dataclasses import dataclass
from itertools import repeat
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Self
from uuid import uuid4

from config.deploy.portal import HOST
from refunds.gateways.signature import signature_header

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

SECRET = "whsec_demo"  # noqa: S105 - the sandbox's, known to everybody
PAUSE_SECONDS = 0.1
LONGEST_ANSWER_SECONDS = 30.0
ACCEPTED = 200
SILENCE = 0
"""Stands for no answer at all among the statuses."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its name, and what happened to which object of the processor's."""

    name: str
    kind: str
    about: dict[str, str]


def of_no_money() -> Message:
    """Make a message that is stored and read, and changes nothing."""
    name = new_name()
    return Message(name, "customer.created", {"id": f"cus_{name}", "object": "customer"})


def new_name() -> str:
    """Name a message."""
    return f"evt_drill_{uuid4().hex}"


class Sender:
    """Sends while it is open and has messages; `accepted` maps each to the moment it was accepted."""

    def __init__(self, port: int, messages: Iterator[Message] | None = None, *, hands: int = 1) -> None:
        self.port = port
        self.accepted: dict[str, float] = {}
        self.answers: Counter[int] = Counter()
        self.slowest_seconds = 0.0
        self._messages = messages or (of_no_money() for _ in repeat(None))
        self._is_over = Event()
        self._lock = Lock()
        self._threads = [Thread(target=self._send_on, daemon=True) for _ in range(hands)]

    def __enter__(self) -> Self:
        """Begin."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Send no more."""
        self._is_over.set()
        for thread in self._threads:
            thread.join(LONGEST_ANSWER_SECONDS + 1)

    def _send_on(self) -> None:
        message = self._next()
        while message is not None and not self._is_over.wait(PAUSE_SECONDS):
            began = time.monotonic()
            status = self._send(message)
            with self._lock:
                self.slowest_seconds = max(self.slowest_seconds, time.monotonic() - began)
                self.answers[status] += 1
            if status == ACCEPTED:
                self.accepted[message.name] = time.monotonic()
                message = self._next()

    def _next(self) -> Message | None:
        with self._lock:
            return next(self._messages, None)

    def _send(self, message: Message) -> int:
        event = {"id": message.name, "object": "event", "type": message.kind, "created": int(time.time())}
        raw = json.dumps({**event, "livemode": False, "data": {"object": message.about}}).encode()
        headers = {
            "Content-Type": "application/json",
            "Stripe-Signature": signature_header(raw, SECRET, int(time.time())),
        }
        asking = http.client.HTTPConnection(HOST, self.port, timeout=LONGEST_ANSWER_SECONDS)
        try:
            asking.request("POST", "/webhooks/stripe/", raw, headers)
            return asking.getresponse().status
        except (OSError, http.client.HTTPException):
            return SILENCE
        finally:
            asking.close()
