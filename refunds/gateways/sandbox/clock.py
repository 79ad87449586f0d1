"""The sandbox's clock: the machine's, set forward on request, so that a day of waiting takes no day."""

from __future__ import annotations

import threading
import time


class Clock:
    """Unix seconds that go back only when everything is forgotten."""

    def __init__(self) -> None:
        """Begin at the machine's time."""
        self._ahead_seconds = 0.0
        self._lock = threading.Lock()

    def now(self) -> float:
        """Tell the time here."""
        return time.time() + self._ahead_seconds

    def go_ahead(self, seconds: float) -> None:
        """Set it forward."""
        with self._lock:
            self._ahead_seconds += seconds

    def reset(self) -> None:
        """Go by the machine again."""
        with self._lock:
            self._ahead_seconds = 0.0
