"""The two special functions that every distribution here is made of.

Source: Press et al., *Numerical Recipes*, 3rd edition, 6.2 and 6.4: series where they converge quickly, continued
fractions by Lentz's method elsewhere.
"""

from __future__ import annotations

from math import exp, lgamma, log, log1p

PRECISION = 1e-15
TINY = 1e-300
MOST_TERMS = 10_000


def beta_share(a: float, b: float, x: float) -> float:
    """Compute the regularised incomplete beta function: the chance that a Beta(a, b) is at most `x`."""
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return front * _beta_fraction(a, b, x) / a
    return 1 - front * _beta_fraction(b, a, 1 - x) / b


def gamma_share(a: float, x: float) -> float:
    """Compute the regularised lower incomplete gamma function: the chance that a Gamma(a) is at most `x`."""
    if x <= 0:
        return 0.0
    front = exp(a * log(x) - x - lgamma(a))
    if x < a + 1:
        return front * _gamma_series(a, x)
    return 1 - front * _gamma_fraction(a, x)


def _beta_fraction(a: float, b: float, x: float) -> float:
    c, d = 1.0, 1 / _away_from_zero(1 - (a + b) * x / (a + 1))
    found = d
    for m in range(1, MOST_TERMS):
        for step in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _away_from_zero(1 + step * d)
            c = _away_from_zero(1 + step / c)
            found *= c * d
        if abs(c * d - 1) < PRECISION:
            break
    return found


def _gamma_series(a: float, x: float) -> float:
    term = found = 1 / a
    for n in range(1, MOST_TERMS):
        term *= x / (a + n)
        found += term
        if term < found * PRECISION:
            break
    return found


def _gamma_fraction(a: float, x: float) -> float:
    b = x + 1 - a
    c, d = 1 / TINY, 1 / b
    found = d
    for n in range(1, MOST_TERMS):
        b += 2
        d = 1 / _away_from_zero(n * (a - n) * d + b)
        c = _away_from_zero(b + n * (a - n) / c)
        found *= c * d
        if abs(c * d - 1) < PRECISION:
            break
    return found


def _away_from_zero(value: float) -> float:
    return value if abs(value) > TINY else TINY
