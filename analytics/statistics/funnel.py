"""How far a count may lie from what is expected before chance alone is a poor explanation.

Sources: Spiegelhalter 2005, "Funnel plots for comparing institutional performance", for the plot, the z-scores and the
two pairs of limits; BMC Medical Research Methodology 12:98 (2012) for why the limits are quantiles of the binomial
(prediction limits) and not confidence limits from the normal curve: with few expected events those raise far more false
alarms than they say.
"""

from __future__ import annotations

from dataclasses import dataclass

from .distributions import binomial_at_most, binomial_chance, binomial_quantile, normal_at_most, normal_quantile

WARNING, ALARM = 0.95, 0.998
FEWEST = 20
"""Under so many decisions a share says more about luck than about anybody."""

SMALLEST = 1e-300
"""The smallest chance that still has a z-score."""


@dataclass(frozen=True, slots=True)
class Band:
    """The counts, both included, that chance alone stays within so often."""

    low: int
    high: int

    def holds(self, count: int) -> bool:
        """Tell whether a count is within."""
        return self.low <= count <= self.high


def prediction_band(of: int, share: float, confidence: float, spread: float = 1.0) -> Band:
    """Bound the counts among `of` when each happens with the chance `share`; at most half of the rest on each side.

    `spread` is the square root of the overdispersion: 1 when people differ by chance alone.
    """
    tail = normal_at_most(-normal_quantile((1 + confidence) / 2) * spread)
    low = binomial_quantile(tail, of, share)
    high = of - binomial_quantile(tail, of, 1 - share)
    # The quantiles leave at most `tail` strictly outside, on either side.
    return Band(low, high)


def score(count: int, of: int, share: float) -> float:
    """Say how unusual a count is as a z-score, from the exact binomial: half of the count's own chance is on each side.

    Counting half (the mid-p value) keeps scores of small counts centred on nought.
    """
    half = binomial_chance(count, of, share) / 2
    lower = binomial_at_most(count - 1, of, share) + half
    upper = binomial_at_most(of - count - 1, of, 1 - share) + half
    z = -normal_quantile(min(max(min(lower, upper), SMALLEST), 0.5))
    return -z if lower < upper else z


def chance_of_more(count: int, of: int, share: float, spread: float = 1.0) -> float:
    """Give the chance of `count` or more; where people differ beyond chance, that of a z-score shrunk by as much."""
    if spread <= 1:
        return 1.0 if count <= 0 else binomial_at_most(of - count, of, 1 - share)
    return normal_at_most(-score(count, of, share) / spread)


def chance_of_as_far(count: int, of: int, share: float, spread: float = 1.0) -> float:
    """Give the chance of a count this far out on either side: twice the smaller tail."""
    more = chance_of_more(count, of, share, spread)
    fewer = chance_of_more(of - count, of, 1 - share, spread)
    return min(1.0, 2 * min(more, fewer))
