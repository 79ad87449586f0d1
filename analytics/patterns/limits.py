"""Amounts that stop just short of a limit."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from analytics.statistics.funnel import FEWEST
from analytics.statistics.hugging import hug, in_band, in_neighbourhood
from config.kernel.money import Money
from config.kernel.wording import said

from .kinds import HUGGING
from .signals import Signal, looked, share

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .rows import Asked, Limit, Observed
    from .signals import Looked


def near(observed: Observed, limit: Limit) -> list[Asked]:
    """List the requests of the team and currency that come near a limit they met, from either side."""
    return [
        one
        for one in observed.requests
        if limit.minor in one.limits
        and (one.team_id, one.currency) == (limit.team_id, limit.currency)
        and in_neighbourhood(one.amount_minor, limit.minor)
    ]


def just_under(observed: Observed) -> Looked:
    """Look at every agent with enough requests near a limit."""
    return looked(signal for limit in observed.limits for signal in _of_limit(limit, near(observed, limit)))


def _of_limit(limit: Limit, asked: Sequence[Asked]) -> Iterator[Signal]:
    by_agent: dict[int, list[Asked]] = defaultdict(list)
    for one in asked:
        by_agent[one.agent_id].append(one)
    for agent, mine in sorted(by_agent.items()):
        if len(mine) < FEWEST:
            continue
        others = [one.amount_minor for one in asked if one.agent_id != agent]
        found = hug([one.amount_minor for one in mine], others, limit.minor)
        yield Signal(
            kind=HUGGING,
            key=f"{limit.team_id}-{limit.currency}-{limit.minor}-{agent}",
            sentence=f"{found.count} of {found.of} requests of {{0}} near the limit of "
            f"{Money(limit.minor, limit.currency)} end in the last tenth under it.",
            numbers=(
                (said("Share"), share(found.count / found.of)),
                (said("Expected at most"), share(found.expected_share)),
            ),
            rows=tuple(one.id for one in mine if in_band(one.amount_minor, limit.minor)),
            people=(agent,),
            p_value=found.p_value,
        )
