"""How sure we are of a share, of a difference of shares, and of a ratio of rates.

Sources: Wilson 1927; Newcombe 1998, "Interval estimation for the difference between independent proportions", method
10; Przyborowski and Wilenski 1940 for two Poisson rates, by way of Clopper and Pearson 1934.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, nan, sqrt

from .distributions import beta_quantile, two_sided

USUAL = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate and the bounds it lies between with this confidence."""

    low: float
    estimate: float
    high: float
    confidence: float = USUAL

    def contains(self, value: float) -> bool:
        """Tell whether a value cannot be ruled out."""
        return self.low <= value <= self.high


def wilson(count: int, of: int, confidence: float = USUAL) -> Interval:
    """Bound a share: `count` of `of`. With nothing counted at all, anything is possible."""
    if not of:
        return Interval(0.0, nan, 1.0, confidence)
    z, share = two_sided(confidence), count / of
    whole = 1 + z * z / of
    centre = (share + z * z / (2 * of)) / whole
    half = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / whole
    # A share of nothing or of everything touches its bound exactly; rounding must not push it past.
    low = 0.0 if count == 0 else centre - half
    high = 1.0 if count == of else centre + half
    return Interval(low, share, high, confidence)


def difference_of_shares(
    before_count: int, before_of: int, after_count: int, after_of: int, confidence: float = USUAL
) -> Interval:
    """Bound how much a share grew: after minus before, so that below zero means it fell."""
    before, after = wilson(before_count, before_of, confidence), wilson(after_count, after_of, confidence)
    if not before_of or not after_of:
        return Interval(-1.0, nan, 1.0, confidence)
    estimate = after.estimate - before.estimate
    down = sqrt((after.estimate - after.low) ** 2 + (before.high - before.estimate) ** 2)
    up = sqrt((after.high - after.estimate) ** 2 + (before.estimate - before.low) ** 2)
    return Interval(estimate - down, estimate, estimate + up, confidence)


def ratio_of_rates(
    before_count: int, before_time: float, after_count: int, after_time: float, confidence: float = USUAL
) -> Interval:
    """Bound by what a rate was multiplied: events after over events before, each over its time; 1 means no change.

    Given how many events there were together, those after are binomial; its exact bounds become bounds of the ratio.
    """
    both, tail = before_count + after_count, (1 - confidence) / 2
    time = before_time / after_time
    low = beta_quantile(tail, after_count, before_count + 1) if after_count else 0.0
    high = beta_quantile(1 - tail, after_count + 1, before_count) if before_count else 1.0
    estimate = after_count / before_count * time if before_count else (inf if both else nan)
    return Interval(_odds(low) * time, estimate, _odds(high) * time, confidence)


def _odds(share: float) -> float:
    return share / (1 - share) if share < 1 else inf
