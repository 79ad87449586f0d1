"""When a delivery that failed is tried again: ten tries over three days, none of them in step with others."""

from __future__ import annotations

from datetime import timedelta
from random import SystemRandom

PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""After the first, the second, ... try; after the tenth nothing is tried again by itself."""

JITTER = 0.2
"""Up to a fifth more, so that what failed together does not come back together."""

LONGEST_WISH = timedelta(hours=24)
"""The most a server's `Retry-After` puts us off."""

_chance = SystemRandom()


def pause_after(tries: int, *, wished_seconds: int = 0) -> timedelta | None:
    """Say how long to wait after so many tries, or longer where the server wishes it; None when that was the last."""
    if tries > len(PAUSES):
        return None
    pause = PAUSES[tries - 1] * (1 + JITTER * _chance.random())
    return max(pause, min(timedelta(seconds=wished_seconds), LONGEST_WISH))
