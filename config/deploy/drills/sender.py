"""Somebody who sends signed webhooks without pause, and each one again until it is accepted, as processors do."""

from __future__ import annotations

import http.client
import json
import time
from collections import Counter
from threading import Event, Thread
from typing import TYPE_CHECKING, Self
from uuid import uuid4

from config.deploy.portal import HOST
from refunds.gateways.signature import signature_header

if TYPE_CHECKING:
    from types import TracebackType

SECRET = "whsec_demo"  # noqa: S105 - the sandbox's, known to everybody
PAUSE_SECONDS = 0.1
LONGEST_ANSWER_SECONDS = 30.0
ACCEPTED = 200
SILENCE = 0
"""Stands for no answer at all among the statuses."""


class Sender:
    """Sends while it is open; `accepted` maps each message to the moment it was accepted."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.accepted: dict[str, float] = {}
        self.answers: Counter[int] = Counter()
        self.slowest_seconds = 0.0
        self._is_over = Event()
        self._thread = Thread(target=self._send_on, daemon=True)

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Send no more."""
        self._is_over.set()
        self._thread.join(LONGEST_ANSWER_SECONDS + 1)

    def _send_on(self) -> None:
        name = _new_name()
        while not self._is_over.wait(PAUSE_SECONDS):
            began = time.monotonic()
            status = self._send(name)
            self.slowest_seconds = max(self.slowest_seconds, time.monotonic() - began)
            self.answers[status] += 1
            if status == ACCEPTED:
                self.accepted[name] = time.monotonic()
                name = _new_name()

    def _send(self, name: str) -> int:
        about = {"id": f"cus_{name}", "object": "customer"}
        event = {"id": name, "object": "event", "type": "customer.created", "created": int(time.time())}
        raw = json.dumps({**event, "livemode": False, "data": {"object": about}}).encode()
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


def _new_name() -> str:
    return f"evt_drill_{uuid4().hex}"
