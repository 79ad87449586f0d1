"""Looking at many things at once without being fooled by the luckiest of them.

Source: Benjamini and Hochberg 1995: of what is reported, at most a share `rate` is chance on average; where nothing at
all is going on, anything is reported in at most that share of looks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

RATE = 0.05


def adjusted(p_values: Sequence[float]) -> list[float]:
    """Say for each test the smallest rate of false discoveries at which it would be reported."""
    count = len(p_values)
    order = sorted(range(count), key=lambda place: p_values[place])
    found, least = [1.0] * count, 1.0
    for rank in range(count, 0, -1):
        place = order[rank - 1]
        least = min(least, p_values[place] * count / rank)
        found[place] = least
    return found


def discoveries(p_values: Sequence[float], rate: float = RATE) -> list[bool]:
    """Tell which tests are reported."""
    return [value <= rate for value in adjusted(p_values)]
