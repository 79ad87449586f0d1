"""How far a value lies from the middle of its fellows, by measures that the outlier itself cannot move.

Source: Iglewicz and Hoaglin 1993, *How to Detect and Handle Outliers*: (x - median) / (1.4826 MAD), where 1.4826 makes
the median absolute deviation of a normal sample its standard deviation; beyond 3.5 is outlying. When half of the values
are equal the MAD is nought, and 1.2533 times the mean absolute deviation stands in for it.
"""

from __future__ import annotations

from statistics import fmean, median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

PER_MEDIAN_DEVIATION, PER_MEAN_DEVIATION = 1.4826, 1.2533
BEYOND = 3.5
FEWEST = 20


def robust_scores(values: Sequence[float]) -> list[float]:
    """Say of each value how far out it lies, in robust standard deviations; nothing lies out where all are equal."""
    if not values:
        return []
    middle = median(values)
    deviations = [abs(value - middle) for value in values]
    scale = PER_MEDIAN_DEVIATION * median(deviations) or PER_MEAN_DEVIATION * fmean(deviations)
    return [(value - middle) / scale if scale else 0.0 for value in values]
