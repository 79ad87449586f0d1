"""One look at the patterns, as a page needs it: the rows, what is worth telling of them, and words for the people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .finding import signals_in
from .naming import Names
from .reading import observe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analytics.slices import Slice
    from config.kernel.people import User

    from .kinds import Kind
    from .rows import Observed
    from .signals import Signal

BILLIONTH = 1e-9


@dataclass(frozen=True, slots=True)
class Look:
    """What was read, the signals in it, and the names."""

    observed: Observed
    signals: Sequence[Signal]
    names: Names

    def of(self, kind: Kind) -> list[Signal]:
        """The signals of one kind."""
        return [signal for signal in self.signals if signal.kind == kind]


def look_at(viewer: User, wanted: Slice) -> Look:
    """Read the rows a viewer may see and find what is worth telling."""
    observed = observe(viewer, wanted)
    signals = signals_in(observed)
    people = [person for signal in signals for person in signal.people]
    others = sorted({one.approver_id for one in observed.decisions} | {one.agent_id for one in observed.requests})
    return Look(observed, signals, Names(viewer, [*people, *others]))


def odds(p_value: float | None) -> str:
    """Say how often chance alone would do as much."""
    if p_value is None:
        return "no chance is involved"
    if p_value < BILLIONTH:
        return "less than 1 in a billion"
    return f"1 in {_rounded(1 / p_value):,}"


def _rounded(value: float) -> int:
    """Keep two digits: the rest would promise too much."""
    places = max(len(str(int(value))) - 2, 0)
    return int(round(value, -places))
