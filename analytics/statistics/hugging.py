"""Whether more amounts end just under a limit than its neighbourhood lets expect.

Of amounts from 0.7 to 1.2 limits, those in [0.9, 1.0] fill one fifth. Where larger amounts are rarer and rarer, which
is how amounts usually fall, the middle fifth of such a stretch holds at most one fifth of them (the density is convex,
Jensen 1906), so the exact binomial against one fifth is on the safe side. Where everybody else has more there, because
prices end in 99, that larger share is expected instead. Compare McCrary 2008 for the smooth form of the same test.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .funnel import chance_of_more

if TYPE_CHECKING:
    from collections.abc import Iterable

FROM, HUGGED, LIMIT, TO = 7, 9, 10, 12
"""Tenths of the limit: where the neighbourhood begins, the band, the limit, and where the neighbourhood ends."""

FIFTH = (LIMIT - HUGGED) / (TO - FROM)


@dataclass(frozen=True, slots=True)
class Hug:
    """How many amounts lie in the band among those of the neighbourhood, the share expected, and the chance of it."""

    count: int
    of: int
    expected_share: float
    p_value: float


def in_neighbourhood(amount_minor: int, limit_minor: int) -> bool:
    """Tell whether an amount is near enough to the limit to be compared."""
    return FROM * limit_minor <= LIMIT * amount_minor <= TO * limit_minor


def in_band(amount_minor: int, limit_minor: int) -> bool:
    """Tell whether an amount ends just under the limit, or on it."""
    return HUGGED * limit_minor <= LIMIT * amount_minor <= LIMIT * limit_minor


def hug(mine_minor: Iterable[int], others_minor: Iterable[int], limit_minor: int) -> Hug:
    """Compare one person's amounts near a limit with the smooth neighbourhood, and with everybody else's."""
    near = [amount for amount in mine_minor if in_neighbourhood(amount, limit_minor)]
    theirs = [amount for amount in others_minor if in_neighbourhood(amount, limit_minor)]
    count = sum(in_band(amount, limit_minor) for amount in near)
    # Two imagined cases that follow the smooth share keep a handful of others from saying nought or all.
    expected = (sum(in_band(amount, limit_minor) for amount in theirs) + 2 * FIFTH) / (len(theirs) + 2)
    share = max(FIFTH, expected)
    return Hug(count, len(near), share, chance_of_more(count, len(near), share))
