"""Whether the mix of something moved, and whether chance alone would have moved it as much.

PSI = sum of (p - q) ln(p / q) over the bins. The usual reading (under 0.1 stable, over 0.25 investigate) forgets that
small samples drift by themselves: from chance alone about (B - 1)(1/n + 1/m) is expected. Source: Yurdakul 2018,
"Statistical properties of the population stability index": PSI / (1/n + 1/m) is about chi-square with B - 1 degrees of
freedom, which gives the limit and the p-value here.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING

from .distributions import chi_square_beyond, chi_square_quantile

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

SMOOTHING = 0.5
"""Added to every bin, so that an empty one does not say that the mix moved infinitely far."""

FEWEST_IN_BIN = 5
FEWEST_BINS = 2


@dataclass(frozen=True, slots=True)
class Drift:
    """How far a mix moved, how far chance moves it, and each bin's part."""

    index: float
    by_chance: float
    limit: float
    p_value: float
    parts: tuple[float, ...]
    before: int
    after: int


def stability(before: Sequence[int], after: Sequence[int], confidence: float = 0.95) -> Drift:
    """Compare two counts of the same bins; `limit` is what chance alone stays under with this confidence."""
    n, m, bins = sum(before), sum(after), len(before)
    if bins < FEWEST_BINS or not n or not m:
        return Drift(0.0, 0.0, 0.0, 1.0, (0.0,) * bins, n, m)
    parts = tuple(_part(one / n, other / m) for one, other in _smoothed(before, after, n, m))
    size, freedom = 1 / n + 1 / m, bins - 1
    index = sum(parts)
    return Drift(
        index=index,
        by_chance=freedom * size,
        limit=chi_square_quantile(confidence, freedom) * size,
        p_value=chi_square_beyond(index / size, freedom),
        parts=parts,
        before=n,
        after=m,
    )


def merged(
    before: Mapping[Hashable, int], after: Mapping[Hashable, int], rest: Hashable
) -> tuple[list[Hashable], list[int], list[int]]:
    """Put bins too small to say anything together under `rest`: those where chance expects fewer than five."""
    n, m = sum(before.values()), sum(after.values())
    names: list[Hashable] = []
    low: list[Hashable] = []
    for name in sorted({*before, *after}, key=str):
        both = before.get(name, 0) + after.get(name, 0)
        is_large = n + m > 0 and both * min(n, m) / (n + m) >= FEWEST_IN_BIN
        (names if is_large else low).append(name)
    counts = [[counted.get(name, 0) for name in names] for counted in (before, after)]
    if low:
        names.append(rest)
        for counted, row in zip((before, after), counts, strict=True):
            row.append(sum(counted.get(name, 0) for name in low))
    return names, counts[0], counts[1]


def _smoothed(before: Sequence[int], after: Sequence[int], n: int, m: int) -> list[tuple[float, float]]:
    bins = len(before)
    return [
        ((one + SMOOTHING) * n / (n + bins * SMOOTHING), (other + SMOOTHING) * m / (m + bins * SMOOTHING))
        for one, other in zip(before, after, strict=True)
    ]


def _part(p: float, q: float) -> float:
    return (p - q) * log(p / q)
