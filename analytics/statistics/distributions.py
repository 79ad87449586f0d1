"""Chances and quantiles of the distributions that counts, shares and means follow."""

from __future__ import annotations

from math import exp, lgamma, log, log1p, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

from .special import beta_share, gamma_share

if TYPE_CHECKING:
    from collections.abc import Callable

_NORMAL = NormalDist()
HALVINGS = 200


def normal_at_most(z: float) -> float:
    """Give the chance that a standard normal is at most `z`."""
    return _NORMAL.cdf(z)


def normal_quantile(share: float) -> float:
    """Find the value below which this share of a standard normal lies."""
    return _NORMAL.inv_cdf(share)


def two_sided(confidence: float) -> float:
    """Find the z with this share of a standard normal between -z and z: 1.96 for 0.95."""
    return normal_quantile((1 + confidence) / 2)


def binomial_chance(count: int, of: int, share: float) -> float:
    """Give the chance of exactly `count` successes among `of`."""
    if share in (0, 1):
        return 1.0 if count == share * of else 0.0
    return exp(log_choose(of, count) + count * log(share) + (of - count) * log1p(-share))


def binomial_at_most(count: int, of: int, share: float) -> float:
    """Give the chance of at most `count` successes among `of`, each with the chance `share`."""
    if count < 0:
        return 0.0
    if count >= of:
        return 1.0
    return beta_share(of - count, count + 1, 1 - share)


def binomial_quantile(chance: float, of: int, share: float) -> int:
    """Find the smallest count that at least `chance` of all draws do not exceed."""
    lower, upper = 0, of
    while lower < upper:
        middle = (lower + upper) // 2
        if binomial_at_most(middle, of, share) >= chance:
            upper = middle
        else:
            lower = middle + 1
    return lower


def poisson_at_most(count: int, mean: float) -> float:
    """Give the chance of at most `count` events where `mean` are expected."""
    return 0.0 if count < 0 else 1 - gamma_share(count + 1, mean)


def poisson_at_least(count: int, mean: float) -> float:
    """Give the chance of `count` events or more where `mean` are expected."""
    return 1.0 if count <= 0 else gamma_share(count, mean)


def beta_quantile(chance: float, a: float, b: float) -> float:
    """Find the value that a Beta(a, b) stays below with this chance."""
    return _bisect(lambda x: beta_share(a, b, x) < chance, 0.0, 1.0)


def chi_square_beyond(value: float, freedom: float) -> float:
    """Give the chance that a chi-square with so many degrees of freedom is larger than `value`."""
    return 1 - gamma_share(freedom / 2, value / 2)


def chi_square_quantile(chance: float, freedom: float) -> float:
    """Find the value that a chi-square stays below with this chance."""
    upper = freedom + 1
    while gamma_share(freedom / 2, upper / 2) < chance:
        upper *= 2
    return _bisect(lambda x: gamma_share(freedom / 2, x / 2) < chance, 0.0, upper)


def student_quantile(chance: float, freedom: float) -> float:
    """Find the value that Student's t stays below with this chance; the degrees of freedom need not be whole."""
    tail = min(chance, 1 - chance)
    x = beta_quantile(2 * tail, freedom / 2, 0.5)
    t = sqrt(freedom * (1 - x) / x) if x > 0 else float("inf")
    return t if chance > 1 / 2 else -t


def student_at_most(t: float, freedom: float) -> float:
    """Give the chance that Student's t is at most `t`."""
    tail = beta_share(freedom / 2, 0.5, freedom / (freedom + t * t)) / 2
    return tail if t < 0 else 1 - tail


def log_choose(of: int, count: int) -> float:
    """Give the logarithm of the number of ways to choose `count` among `of`."""
    return lgamma(of + 1) - lgamma(count + 1) - lgamma(of - count + 1)


def _bisect(is_below: Callable[[float], bool], lower: float, upper: float) -> float:
    for _ in range(HALVINGS):
        middle = (lower + upper) / 2
        if middle in (lower, upper):
            break
        if is_below(middle):
            lower = middle
        else:
            upper = middle
    return (lower + upper) / 2
