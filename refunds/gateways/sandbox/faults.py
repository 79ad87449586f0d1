"""Faults on request: each armed one befalls the next new refund call, in the order of arming."""

from __future__ import annotations

import threading
from collections import deque
from enum import StrEnum


class Fault(StrEnum):
    """What can go wrong on the way to a refund and back."""

    RESET_BEFORE = "reset_before"
    RESET_AFTER = "reset_after"
    HANG = "hang"
    SERVER_ERROR_DONE = "500_done"
    SERVER_ERROR_NOT_DONE = "500_not_done"
    RATE_LIMIT = "429"
    CONFLICT = "409"
    PENDING = "pending"
    FAIL_LATER = "fail_later"
    DROP_WEBHOOK = "drop_webhook"
    DOUBLE_WEBHOOK = "double_webhook"


class Faults:
    """The armed faults; kept in memory only, a restart disarms them."""

    def __init__(self) -> None:
        """Begin with fair weather."""
        self._armed: deque[Fault] = deque()
        self._lock = threading.Lock()

    def arm(self, fault: Fault, times: int = 1) -> list[str]:
        """Add a fault and list what is armed now."""
        with self._lock:
            self._armed.extend([fault] * times)
            return list(self._armed)

    def take(self) -> Fault | None:
        """Disarm the oldest fault and return it."""
        with self._lock:
            return self._armed.popleft() if self._armed else None

    def clear(self) -> None:
        """Disarm everything."""
        with self._lock:
            self._armed.clear()
