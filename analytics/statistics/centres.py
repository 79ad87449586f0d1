"""How sure we are of a mean or a median, and of how far one moved.

Sources: Student 1908; Welch 1947; the order-statistic interval of a median (Hollander, Wolfe and Chicken,
*Nonparametric Statistical Methods*, 3.6); Price and Bonett 2002, "Distribution-free confidence intervals for
difference and ratio of medians", for two medians.
"""

from __future__ import annotations

from math import inf, nan, sqrt
from statistics import fmean, median, variance
from typing import TYPE_CHECKING

from .distributions import binomial_at_most, normal_quantile, student_quantile, two_sided
from .intervals import USUAL, Interval

if TYPE_CHECKING:
    from collections.abc import Sequence

FEWEST = 2
"""One value alone says nothing about how far values differ."""


def mean_interval(values: Sequence[float], confidence: float = USUAL) -> Interval:
    """Bound a mean by Student's t."""
    if len(values) < FEWEST:
        return Interval(-inf, fmean(values) if values else nan, inf, confidence)
    middle = fmean(values)
    half = student_quantile((1 + confidence) / 2, len(values) - 1) * sqrt(variance(values) / len(values))
    return Interval(middle - half, middle, middle + half, confidence)


def difference_of_means(before: Sequence[float], after: Sequence[float], confidence: float = USUAL) -> Interval:
    """Bound how much a mean grew, after minus before, without assuming that both spread alike (Welch)."""
    if min(len(before), len(after)) < FEWEST:
        estimate = fmean(after) - fmean(before) if before and after else nan
        return Interval(-inf, estimate, inf, confidence)
    estimate = fmean(after) - fmean(before)
    left, right = variance(before) / len(before), variance(after) / len(after)
    if not left + right:
        return Interval(estimate, estimate, estimate, confidence)
    freedom = (left + right) ** 2 / (left**2 / (len(before) - 1) + right**2 / (len(after) - 1))
    half = student_quantile((1 + confidence) / 2, freedom) * sqrt(left + right)
    return Interval(estimate - half, estimate, estimate + half, confidence)


def median_interval(values: Sequence[float], confidence: float = USUAL) -> Interval:
    """Bound a median by the values that stand so many places from each end; exact whatever the distribution.

    With too few values for this confidence there are no bounds: five values reach 93.75 % and no more.
    """
    if not values:
        return Interval(-inf, nan, inf, confidence)
    ordered, tail = sorted(values), (1 - confidence) / 2
    place = 0
    while binomial_at_most(place, len(ordered), 0.5) <= tail:
        place += 1
    if not place:
        return Interval(-inf, median(ordered), inf, confidence)
    return Interval(ordered[place - 1], median(ordered), ordered[-place], confidence)


def difference_of_medians(before: Sequence[float], after: Sequence[float], confidence: float = USUAL) -> Interval:
    """Bound how much a median grew, after minus before."""
    if not before or not after:
        return Interval(-inf, nan, inf, confidence)
    estimate = median(after) - median(before)
    if min(len(before), len(after)) < FEWEST:
        return Interval(-inf, estimate, inf, confidence)
    half = two_sided(confidence) * sqrt(_median_variance(before) + _median_variance(after))
    return Interval(estimate - half, estimate, estimate + half, confidence)


def _median_variance(values: Sequence[float]) -> float:
    """Estimate how much a sample's median varies, from the distance of two order statistics."""
    ordered, n = sorted(values), len(values)
    place = max(1, round((n + 1) / 2 - sqrt(n)))
    outside = 2 * binomial_at_most(place - 1, n, 0.5)
    z = normal_quantile(1 - outside / 2)
    return ((ordered[n - place] - ordered[place - 1]) / (2 * z)) ** 2
