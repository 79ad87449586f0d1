"""Faults on request: each armed one befalls the next call of its kind, in the order of arming."""

from __future__ import annotations

import threading
from collections import deque
from enum import StrEnum


class Fault(StrEnum):
    """What can go wrong on the way to a refund and back.

    `..._after`, `..._done`, `hang` and `cut` befall a refund that is made: the books have it, the caller cannot know.
    """

    RESET_BEFORE = "reset_before"
    RESET_AFTER = "reset_after"
    HANG = "hang"
    CUT = "cut"
    SLOW_AFTER = "slow_after"
    IN_FLIGHT = "in_flight"
    SERVER_ERROR_DONE = "500_done"
    SERVER_ERROR_NOT_DONE = "500_not_done"
    SERVER_ERROR_LATE = "500_late"
    BAD_GATEWAY_DONE = "html_502_done"
    BAD_GATEWAY_NOT_DONE = "html_502_not_done"
    RATE_LIMIT = "429"
    CONFLICT = "409"
    KEY_REFUSED = "401"
    PENDING = "pending"
    PENDING_FAILS = "pending_fails"
    FAIL_LATER = "fail_later"
    DROP_WEBHOOK = "drop_webhook"
    DOUBLE_WEBHOOK = "double_webhook"
    LATE_WEBHOOK = "late_webhook"
    TWIN_WEBHOOK = "twin_webhook"
    FORGED_WEBHOOK = "forged_webhook"
    TAMPERED_WEBHOOK = "tampered_webhook"
    LOOK_UP_500 = "look_up_500"
    LOOK_UP_RESET = "look_up_reset"
    LOOK_UP_HANG = "look_up_hang"


OF_LOOK_UPS = frozenset({Fault.LOOK_UP_500, Fault.LOOK_UP_RESET, Fault.LOOK_UP_HANG})
"""These befall the next GET; all others the next new refund call."""

OF_WEBHOOKS = frozenset(
    {
        *(Fault.DROP_WEBHOOK, Fault.DOUBLE_WEBHOOK, Fault.LATE_WEBHOOK),
        *(Fault.TWIN_WEBHOOK, Fault.FORGED_WEBHOOK, Fault.TAMPERED_WEBHOOK),
    }
)
"""These befall the messages about a refund; the call itself is answered."""


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

    def take(self, *, is_look_up: bool = False) -> Fault | None:
        """Disarm the oldest fault of this kind of call and return it."""
        with self._lock:
            for fault in self._armed:
                if (fault in OF_LOOK_UPS) == is_look_up:
                    self._armed.remove(fault)
                    return fault
        return None

    def clear(self) -> None:
        """Disarm everything."""
        with self._lock:
            self._armed.clear()
