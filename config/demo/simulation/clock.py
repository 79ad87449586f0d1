"""One clock for all processes of a simulation: the machine's, set forward whenever nobody has anything to do.

While work goes on it runs as fast as any clock, so leases, time-outs and calls keep their proportions. When everybody
waits for a retry, a lease or a look-up, the coordinator sets it forward to that moment, the sandbox's first. The
product takes its time as a parameter or from `django.utils.timezone.now`, which is this clock's while it is installed.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing.sharedctypes import RawValue
from typing import TYPE_CHECKING

from django.utils import timezone

if TYPE_CHECKING:
    from collections.abc import Iterator


class SharedClock:
    """A time that every forked process reads the same; only the coordinator sets it forward."""

    def __init__(self) -> None:
        """Begin now."""
        # Without a lock: a process killed while it holds one would stop all others.
        self._ahead = RawValue("d", 0.0)

    def now(self) -> datetime:
        """Tell the time."""
        return datetime.now(UTC) + timedelta(seconds=self._ahead.value)

    def go_ahead(self, seconds: float) -> None:
        """Set it forward."""
        self._ahead.value += seconds

    @property
    def ahead(self) -> timedelta:
        """How much was skipped."""
        return timedelta(seconds=self._ahead.value)

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Let the product's own `timezone.now` read this clock, here and in every process forked meanwhile."""
        machines = timezone.now
        timezone.now = self.now
        try:
            yield
        finally:
            timezone.now = machines
