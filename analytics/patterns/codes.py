"""One agent, one code, again and again."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from analytics.statistics.funnel import FEWEST
from config.kernel.wording import said

from .kinds import CODES
from .peers import against_others
from .signals import Signal, looked, share

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from .rows import Asked, Observed
    from .signals import Looked


def again_and_again(observed: Observed) -> Looked:
    """Look at every code an agent used, against the other agents of the team; reasons and exceptions apart."""
    asked: Counter[tuple[int, int]] = Counter((one.team_id, one.agent_id) for one in observed.requests)
    whole: Counter[int] = Counter(one.team_id for one in observed.requests)
    used: dict[tuple[int, int, str, str], list[UUID]] = defaultdict(list)
    by_all: Counter[tuple[int, str, str]] = Counter()
    for one in observed.requests:
        for name, code in _codes(one):
            used[one.team_id, one.agent_id, name, code].append(one.id)
            by_all[one.team_id, name, code] += 1
    found = []
    for (team, agent, name, code), rows in sorted(used.items()):
        count = len(rows)
        of = asked[team, agent]
        others = by_all[team, name, code] - count, whole[team] - of
        if of < FEWEST or others[1] < FEWEST:
            continue
        expected, p_value = against_others(count, of, *others)
        found.append(
            Signal(
                kind=CODES,
                key=f"{team}-{agent}-{name}-{code}",
                sentence=f"{count} of {of} requests of {{0}} carry the {name} “{code}”; of the other agents' "
                f"{share(expected)} do.",
                numbers=((said("Share"), share(count / of)), (said("Expected"), share(expected))),
                rows=tuple(rows),
                people=(agent,),
                p_value=p_value,
            )
        )
    codes = Counter(team for team, _, _ in by_all)
    return looked(found, tests=sum(codes[team] for team, _ in asked))


def _codes(one: Asked) -> Iterator[tuple[str, str]]:
    yield "reason", one.reason
    if one.exception_code:
        yield "exception code", one.exception_code
