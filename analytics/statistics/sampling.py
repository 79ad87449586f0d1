"""How many to look at.

Sources: Cochran 1977, *Sampling Techniques*, 4.4 and 2.5, for the share within so many points, with the correction for
a small whole; discovery sampling as auditors use it (AICPA Audit Sampling Guide), exact without replacement.
"""

from __future__ import annotations

from math import ceil, exp

from .distributions import log_choose, two_sided


def size_for_share(whole: int, *, margin: float, share: float = 0.5, confidence: float = 0.95) -> int:
    """Say how many of `whole` to look at so that a share is known within `margin`; 0.5 is the most careful guess."""
    if not whole:
        return 0
    endless = two_sided(confidence) ** 2 * share * (1 - share) / margin**2
    return min(whole, ceil(endless / (1 + (endless - 1) / whole)))


def chance_to_find(size: int, *, faults: int, whole: int) -> float:
    """Give the chance that a sample holds at least one of the faults among `whole`."""
    if not faults or not size:
        return 0.0
    if size > whole - faults:
        return 1.0
    return 1 - exp(log_choose(whole - faults, size) - log_choose(whole, size))


def size_to_find(whole: int, *, faults: int, confidence: float = 0.95) -> int:
    """Say how many to look at so that, if there are so many faults, at least one is found with this confidence."""
    if not faults or not whole:
        return whole
    lower, upper = 1, whole
    while lower < upper:
        middle = (lower + upper) // 2
        if chance_to_find(middle, faults=faults, whole=whole) >= confidence:
            upper = middle
        else:
            lower = middle + 1
    return lower
