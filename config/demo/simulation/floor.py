"""What the processes of a simulation share: the terms, the clock, and a slate for each worker.

Plain shared memory without locks: a process killed while it holds a lock would stop all others.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.sharedctypes import RawArray, RawValue
from typing import TYPE_CHECKING, Any

from .clock import SharedClock
from .mortal import Phase

if TYPE_CHECKING:
    from .terms import Terms

THAWS_AFTER = timedelta(minutes=2)
"""Longer than a lease: whoever was stopped goes on with an operation that somebody else has in hand."""


@dataclass
class Floor:
    """The shared slate."""

    terms: Terms
    clock: SharedClock = field(default_factory=SharedClock)
    is_over: Any = field(default_factory=lambda: RawValue("b", 0))
    swept_at: Any = field(default_factory=lambda: RawValue("d", 0.0))
    watched_at: Any = field(default_factory=lambda: RawValue("d", 0.0))

    def __post_init__(self) -> None:
        """Lay out a place for each worker."""
        self.busy = RawArray("b", self.terms.workers)
        self.frozen_at = RawArray("d", self.terms.workers)
        self._deaths = RawArray("i", self.terms.workers * len(Phase))
        self._freezes = RawArray("i", self.terms.workers)

    def bench(self, place: int) -> Bench:
        """Seat a worker."""
        self.busy[place] = 0
        self.frozen_at[place] = 0.0
        return Bench(self, place)

    def deaths(self) -> dict[Phase, int]:
        """Count the killed workers by where it hit them."""
        return {phase: sum(self._deaths[phase :: len(Phase)]) for phase in Phase}

    @property
    def freezes(self) -> int:
        """Count the workers that stood still for longer than their lease."""
        return sum(self._freezes)

    def thaws_at(self, place: int) -> datetime | None:
        """Tell when a worker that stands still is to go on."""
        since = self.frozen_at[place]
        return datetime.fromtimestamp(since, UTC) + THAWS_AFTER if since else None

    @property
    def is_busy(self) -> bool:
        """Whether somebody works, not counting those who stand still."""
        return any(busy and not frozen for busy, frozen in zip(self.busy, self.frozen_at, strict=True))


@dataclass(frozen=True)
class Bench:
    """One worker's place."""

    floor: Floor
    place: int

    @property
    def terms(self) -> Terms:
        """The terms of the simulation."""
        return self.floor.terms

    def note_death(self, phase: Phase) -> None:
        """Count a worker who is about to be killed."""
        self.floor._deaths[self.place * len(Phase) + phase] += 1  # noqa: SLF001 - the other half of the slate

    def note_freeze(self) -> None:
        """Count a worker who is about to stand still, and since when."""
        self.floor._freezes[self.place] += 1  # noqa: SLF001 - the other half of the slate
        self.floor.frozen_at[self.place] = self.floor.clock.now().timestamp()

    def set_busy(self, *, is_busy: bool) -> None:
        """Say whether there is work in hand."""
        self.floor.busy[self.place] = is_busy
