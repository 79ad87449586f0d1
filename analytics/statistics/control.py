"""Control charts: whether a process is what it was, week by week.

Sources: Shewhart 1931 for the p-chart; Wheeler and Chambers, *Understanding Statistical Process Control*, for XmR, with
2.66 = 3 / 1.128; the Western Electric handbook (1956) for the four run rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from statistics import fmean
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

SIGMAS = 3
PER_RANGE = 1.128
"""The mean of the range of two normal values, in standard deviations."""


@dataclass(frozen=True, slots=True)
class Point:
    """One week: its value, the middle, one standard deviation there, and the limits."""

    value: float
    centre: float
    sigma: float
    low: float
    high: float

    @property
    def score(self) -> float:
        """How many standard deviations it lies from the middle."""
        return (self.value - self.centre) / self.sigma if self.sigma else 0.0


def p_chart(counts: Sequence[int], sizes: Sequence[int]) -> list[Point]:
    """Chart shares whose limits follow the size of each week; an empty week is its own middle."""
    whole = sum(sizes)
    centre = sum(counts) / whole if whole else 0.0
    points = []
    for count, size in zip(counts, sizes, strict=True):
        sigma = sqrt(centre * (1 - centre) / size) if size else 0.0
        value = count / size if size else centre
        points.append(Point(value, centre, sigma, max(0.0, centre - SIGMAS * sigma), min(1.0, centre + SIGMAS * sigma)))
    return points


def xmr_chart(values: Sequence[float]) -> list[Point]:
    """Chart single values; the limits come from how far neighbours differ, which a slow shift does not widen."""
    if not values:
        return []
    centre = fmean(values)
    ranges = [abs(later - earlier) for earlier, later in pairwise(values)]
    sigma = fmean(ranges) / PER_RANGE if ranges else 0.0
    return [Point(value, centre, sigma, centre - SIGMAS * sigma, centre + SIGMAS * sigma) for value in values]


RULES = {
    1: "one beyond three standard deviations",
    2: "two of three beyond two, on the same side",
    3: "four of five beyond one, on the same side",
    4: "eight in a row on the same side",
}
_OF = {1: (1, 1, 3.0), 2: (2, 3, 2.0), 3: (4, 5, 1.0), 4: (8, 8, 0.0)}
"""By rule: so many of so many beyond so many standard deviations."""


def broken_rules(points: Sequence[Point]) -> dict[int, list[int]]:
    """Find by rule the places at which it is broken: those of the last point of each such run."""
    scores = [point.score for point in points]
    found: dict[int, list[int]] = {}
    for rule, (wanted, window, beyond) in _OF.items():
        for end in range(window, len(scores) + 1):
            seen = scores[end - window : end]
            if any(_is_out(side * seen[-1], beyond) and _out(seen, side, beyond) >= wanted for side in (1, -1)):
                found.setdefault(rule, []).append(end - 1)
    return found


def longest_run(points: Sequence[Point]) -> tuple[int, int]:
    """Find the longest run on one side of the middle: where it begins and how long it is; the first of equals."""
    best, begun = (0, 0), 0
    for place, point in enumerate(points):
        if place and not (point.score * points[place - 1].score > 0):
            begun = place
        if point.score and place - begun + 1 > best[1]:
            best = (begun, place - begun + 1)
    return best


def chance_of_run(length: int, weeks: int) -> float:
    """Bound the chance that a fair coin shows a run this long among so many throws, over every place to begin."""
    if length < 1 or length > weeks:
        return 1.0
    # It begins with the first throw, or with a change: each later beginning costs one more throw that fits.
    return min(1.0, 2.0 ** (1 - length) + (weeks - length) * 2.0**-length)


def _out(scores: Sequence[float], side: int, beyond: float) -> int:
    return sum(_is_out(side * score, beyond) for score in scores)


def _is_out(score: float, beyond: float) -> bool:
    return score > beyond
