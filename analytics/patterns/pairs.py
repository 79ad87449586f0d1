"""Two people who meet more often than chance brings them together."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from analytics.statistics.funnel import FEWEST
from config.kernel.wording import said

from .kinds import INSIDERS, PAIRS
from .peers import against_others
from .signals import Signal, looked, share

if TYPE_CHECKING:
    from uuid import UUID

    from .rows import Observed
    from .signals import Looked

FEWEST_OF_CUSTOMER = 4
"""A customer with three requests has met too few agents to say anything."""


def always_the_same_two(observed: Observed) -> Looked:
    """Look at every approver and agent of a team who met, where the approver decided on enough."""
    met: dict[tuple[int, int, int], list[UUID]] = defaultdict(list)
    signed: Counter[tuple[int, int]] = Counter()
    asked: Counter[tuple[int, int]] = Counter()
    whole: Counter[int] = Counter()
    for one in observed.decisions:
        team, agent = one.request.team_id, one.request.agent_id
        met[team, one.approver_id, agent].append(one.request.id)
        signed[team, one.approver_id] += 1
        asked[team, agent] += 1
        whole[team] += 1
    found = []
    for (team, approver, agent), rows in met.items():
        count = len(rows)
        of = signed[team, approver]
        others = asked[team, agent] - count, whole[team] - of
        if of < FEWEST or others[1] < FEWEST:
            continue
        expected, p_value = against_others(count, of, *others)
        found.append(
            Signal(
                kind=PAIRS,
                key=f"{team}-{approver}-{agent}",
                sentence=f"{count} of {of} decisions of {{0}} were on requests of {{1}}, who enters "
                f"{share(expected)} of what the other approvers of the team decide.",
                numbers=((said("Share"), share(count / of)), (said("Expected"), share(expected))),
                rows=tuple(rows),
                people=(approver, agent),
                p_value=p_value,
            )
        )
    agents = Counter(team for team, _ in asked)
    return looked(found, tests=sum(agents[team] for team, _ in signed))


def agent_and_customer(observed: Observed) -> Looked:
    """Look at every agent and customer who met, where the customer has enough requests."""
    of_customer = defaultdict(list)
    entered: Counter[tuple[int, int]] = Counter()
    whole: Counter[int] = Counter()
    for one in observed.requests:
        entered[one.team_id, one.agent_id] += 1
        whole[one.team_id] += 1
        if one.customer is not None:
            of_customer[one.team_id, one.customer].append(one)
    agents = Counter(team for team, _ in entered)
    found, tests = [], 0
    for (team, customer), theirs in sorted(of_customer.items()):
        if len(theirs) < FEWEST_OF_CUSTOMER:
            continue
        # Each agent of the team is a test: those who never met the customer could have.
        tests += agents[team]
        for agent, count in sorted(Counter(one.agent_id for one in theirs).items()):
            others = entered[team, agent] - count, whole[team] - len(theirs)
            expected, p_value = against_others(count, len(theirs), *others)
            found.append(
                Signal(
                    kind=INSIDERS,
                    key=f"{team}-{agent}-{customer}",
                    sentence=f"{{0}} entered {count} of {len(theirs)} requests of one customer, and "
                    f"{share(expected)} of everybody else's.",
                    numbers=((said("Share"), share(count / len(theirs))), (said("Expected"), share(expected))),
                    rows=tuple(one.id for one in theirs if one.agent_id == agent),
                    people=(agent,),
                    p_value=p_value,
                )
            )
    return looked(found, tests=tests)
