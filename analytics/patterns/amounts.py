"""Amounts far above the rest of their kind."""

from __future__ import annotations

from collections import defaultdict
from math import expm1, log, log1p
from typing import TYPE_CHECKING

from analytics.statistics.distributions import student_at_most
from analytics.statistics.outlying import BEYOND, FEWEST, robust_scores
from config.kernel.money import Money
from config.kernel.wording import said

from .kinds import AMOUNTS
from .signals import Signal, looked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .rows import Asked, Observed
    from .signals import Looked

WORTH = 0.37
"""How much of a sample the MAD uses (Rousseeuw and Croux 1993): so many degrees of freedom for each value."""


def far_from_the_rest(observed: Observed) -> Looked:
    """Test the largest amount of each team, currency and reason; amounts fall off like their logarithm's bell."""
    alike = defaultdict(list)
    for one in observed.requests:
        alike[one.team_id, one.currency, one.reason].append(one)
    found = [_largest(key, rows) for key, rows in sorted(alike.items()) if len(rows) >= FEWEST]
    return looked(found)


def _largest(key: tuple[int, str, str], rows: Sequence[Asked]) -> Signal:
    team, currency, reason = key
    scores = robust_scores([log(one.amount_minor) for one in rows])
    pairs = sorted(zip(scores, rows, strict=True), key=lambda pair: (-pair[0], str(pair[1].id)))
    top, largest = pairs[0]
    middle = sorted(one.amount_minor for one in rows)[len(rows) // 2]
    out = [one.id for score, one in pairs if score > BEYOND]
    return Signal(
        kind=AMOUNTS,
        key=f"{team}-{currency}-{reason}",
        sentence=f"{len(out)} of {len(rows)} requests in {currency} for “{reason}” are far larger than the rest; the "
        f"largest is {Money(largest.amount_minor, currency)}, the median {Money(middle, currency)}.",
        numbers=((said("Robust z of the largest"), f"{top:.1f}"), (said("Requests compared"), f"{len(rows):,}")),
        rows=tuple(out),
        p_value=_of_largest(student_at_most(-top, WORTH * (len(rows) - 1)), len(rows)) if top > BEYOND else 1.0,
    )


def _of_largest(chance: float, count: int) -> float:
    """Turn the chance of one value into that of the largest of so many: 1 - (1 - p)^n, also where p is tiny."""
    return -expm1(count * log1p(-chance))
