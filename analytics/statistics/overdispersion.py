"""Whether people differ by more than chance even when nothing is wrong, and by how much.

Source: Spiegelhalter 2005, "Handling over-dispersion of performance indicators": the mean square of z-scores, after the
most extreme tenth at each end was pulled in, so that one real outlier does not excuse itself. Where it is within what
chance gives, it counts as 1.
"""

from __future__ import annotations

from math import pi, sqrt
from statistics import median
from typing import TYPE_CHECKING

from .distributions import chi_square_quantile, two_sided

if TYPE_CHECKING:
    from collections.abc import Sequence

WINSORISED = 0.1
SURE = 0.95
FEWEST_FOR_MIDDLE = 3


def winsorised(values: Sequence[float], share: float = WINSORISED) -> list[float]:
    """Pull the outermost values at each end in to the nearest that stays: at least one a side once there are five."""
    ordered = sorted(values)
    count = int(share * len(ordered))
    if not count and len(ordered) >= 5:  # noqa: PLR2004 - a fifth is the least that one outlier may weigh
        count = 1
    if not count:
        return list(values)
    low, high = ordered[count], ordered[-count - 1]
    return [min(max(value, low), high) for value in values]


def overdispersion(scores: Sequence[float]) -> float:
    """Estimate phi from z-scores; 1 unless their mean square is larger than chance would give in 19 cases of 20."""
    if not scores:
        return 1.0
    kept = winsorised(scores)
    phi = sum(score * score for score in kept) / len(kept)
    return phi if phi > chi_square_quantile(SURE, len(kept)) / len(kept) else 1.0


def middle_of(scores: Sequence[float]) -> float:
    """Say where the usual person stands: nought, unless the median is further off than chance puts it 19 times of 20.

    One extreme person moves the average that all are compared with, and everybody else seems to be off the other way.
    """
    if len(scores) < FEWEST_FOR_MIDDLE:
        return 0.0
    middle = median(scores)
    # The median of normal values varies by pi / 2 of what their mean does.
    return middle if abs(middle) > two_sided(SURE) * sqrt(pi / 2 / len(scores)) else 0.0


def spread_of(scores: Sequence[float]) -> float:
    """Say by what limits are widened: the square root of phi."""
    return sqrt(overdispersion(scores))
