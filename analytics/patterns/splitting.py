"""Requests of one customer that follow each other closely, each within a limit and together above it.

If moments were drawn by chance, a customer with n requests in T days leaves a gap of at most d days after each with the
chance 1 - (1 - d/T)^n (Pyke 1965, "Spacings"), so close gaps are about Poisson. Both a day and a week are tried and the
smaller p-value is doubled.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from analytics.statistics.distributions import poisson_at_least
from config.kernel.money import Money
from config.kernel.wording import said

from .kinds import SPLITTING
from .signals import Signal, looked

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .rows import Asked, Limit, Observed
    from .signals import Looked

WITHIN_DAYS = (1, 7)
FEWEST_SPLITS = 2
"""One close request is a parcel that came in two."""


def split_under_a_limit(observed: Observed) -> Looked:
    """Look at every customer whose requests could cross a limit that each respects."""
    found = []
    for limit in observed.limits:
        by_customer: dict[int, list[Asked]] = defaultdict(list)
        for one in observed.requests:
            is_place = (one.team_id, one.currency) == (limit.team_id, limit.currency)
            is_under = one.amount_minor <= limit.minor and limit.minor in one.limits
            if is_place and is_under and one.customer is not None:
                by_customer[one.customer].append(one)
        for customer, theirs in sorted(by_customer.items()):
            if len(theirs) > FEWEST_SPLITS and sum(one.amount_minor for one in theirs) > limit.minor:
                found.append(_signal(limit, customer, theirs, observed.days))
    return looked(found)


def _signal(limit: Limit, customer: int, theirs: Sequence[Asked], days: float) -> Signal:
    splits = {within: list(_close(limit, theirs, within)) for within in WITHIN_DAYS}
    expected = {within: (len(theirs) - 1) * (1 - max(1 - within / days, 0.0) ** len(theirs)) for within in WITHIN_DAYS}
    chances = [poisson_at_least(len(splits[within]), expected[within]) for within in WITHIN_DAYS]
    week = WITHIN_DAYS[-1]
    count = len(splits[week])
    agents = sorted({one.agent_id for split in splits[week] for one in split})
    return Signal(
        kind=SPLITTING,
        key=f"{limit.team_id}-{limit.currency}-{limit.minor}-{customer}",
        sentence=f"{count} times a customer's request was followed within 7 days by another; each was within "
        f"{Money(limit.minor, limit.currency)} and all within 7 days above it. Entered by {_places(len(agents))}.",
        numbers=(
            (said("Within a day"), str(len(splits[WITHIN_DAYS[0]]))),
            (said("Within 7 days"), str(count)),
            (said("Expected within a day"), f"{expected[WITHIN_DAYS[0]]:.1f}"),
            (said("Expected within 7 days"), f"{expected[week]:.1f}"),
        ),
        rows=tuple(dict.fromkeys(one.id for split in splits[week] for one in split)),
        people=tuple(agents),
        p_value=min(1.0, len(WITHIN_DAYS) * min(chances)) if count >= FEWEST_SPLITS else 1.0,
    )


def _close(limit: Limit, theirs: Sequence[Asked], within: int) -> Iterator[list[Asked]]:
    """List the requests that followed closely on the one before, where all so close before add up to too much."""
    window = timedelta(days=within)
    for place, one in enumerate(theirs[1:], start=1):
        together = [other for other in theirs[: place + 1] if one.submitted_at - other.submitted_at <= window]
        if len(together) > 1 and sum(other.amount_minor for other in together) > limit.minor:
            yield together


def _places(count: int) -> str:
    return ", ".join(f"{{{place}}}" for place in range(count)) or "nobody"
