"""Comparing each person with all: the funnel behind several patterns."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

from analytics.statistics.case_mix import Tally, tallies
from analytics.statistics.distributions import normal_at_most
from analytics.statistics.funnel import FEWEST, chance_of_as_far, chance_of_more, score
from analytics.statistics.overdispersion import middle_of, spread_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from analytics.statistics.case_mix import Case

FEWEST_PEOPLE = 5
"""Among fewer people one outlier cannot be told from people who differ."""


@dataclass(frozen=True, slots=True)
class Peer:
    """One person among her peers: her tally, and the chance of being this far above, or as far out on any side."""

    tally: Tally
    middle: float
    spread: float
    chance_above: float
    chance_out: float

    @property
    def who(self) -> int:
        """The person's id."""
        assert isinstance(self.tally.who, int)  # noqa: S101 - the cases below are made with ids
        return self.tally.who


def peers(cases: Iterable[Case]) -> list[Peer]:
    """Compare everybody who has enough cases; limits are widened by how much people differ anyway."""
    judged = [tally for tally in tallies(cases) if tally.of >= FEWEST]
    return compared(judged)


def compared(judged: Sequence[Tally]) -> list[Peer]:
    """Say how far out each tally lies."""
    scores = [score(tally.count, tally.of, tally.expected_share) for tally in judged]
    middle, spread = standing(scores)
    return [_peer(tally, one, middle, spread) for tally, one in zip(judged, scores, strict=True)]


def standing(scores: Sequence[float]) -> tuple[float, float]:
    """Say where the usual person stands, and by how much people differ about that beyond chance."""
    middle = middle_of(scores)
    return middle, spread_of([one - middle for one in scores]) if len(scores) >= FEWEST_PEOPLE else 1.0


def _peer(tally: Tally, z: float, middle: float, spread: float) -> Peer:
    if middle:
        above = normal_at_most((middle - z) / spread)
        return Peer(tally, middle, spread, above, 2 * min(above, 1 - above))
    of_tally = tally.count, tally.of, tally.expected_share, spread
    return Peer(tally, middle, spread, chance_of_more(*of_tally), chance_of_as_far(*of_tally))


def against_others(count: int, of: int, others_count: int, others_of: int) -> tuple[float, float]:
    """Compare a count with the share among all others: the share expected and the chance of so many or more.

    The others are a sample too, so the limits widen by the square root of 1 + n / N; half an imagined case keeps what
    nobody else has from being expected never.
    """
    expected = (others_count + 0.5) / (others_of + 1)
    return expected, chance_of_more(count, of, expected, sqrt(1 + of / max(others_of, 1)))
