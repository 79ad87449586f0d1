"""Whether the mix of a team moved in the last weeks."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from analytics.statistics.drift import FEWEST_BINS, merged, stability
from config.kernel.wording import said

from .bands import band_in_words
from .kinds import DRIFT
from .signals import Signal, looked, share

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .rows import Asked, Observed
    from .signals import Looked

LATELY_WEEKS = 8
FEWEST = 50
REST = "the rest"

MIXES: dict[str, Callable[[Asked], str]] = {
    "reasons": lambda one: one.reason or "no reason",
    "exception codes": lambda one: one.exception_code or "no exception",
    "amounts": lambda one: band_in_words(one.amount_minor, one.currency),
}


def moved(observed: Observed) -> Looked:
    """Compare the last weeks with those before, team by team and mix by mix."""
    since = observed.to_at - timedelta(weeks=LATELY_WEEKS)
    found = []
    for team in sorted({one.team_id for one in observed.requests}):
        mine = [one for one in observed.requests if one.team_id == team]
        before = [one for one in mine if one.submitted_at < since]
        after = [one for one in mine if one.submitted_at >= since]
        if min(len(before), len(after)) < FEWEST:
            continue
        for name, of in MIXES.items():
            signal = _signal(team, name, of, before, after)
            found += [signal] if signal else []
    return looked(found)


def _signal(
    team: int, name: str, of: Callable[[Asked], str], before: Sequence[Asked], after: Sequence[Asked]
) -> Signal | None:
    words, then, now = merged(Counter(map(of, before)), Counter(map(of, after)), REST)
    if len(words) < FEWEST_BINS:
        return None
    drift = stability(then, now)
    place = max(range(len(words)), key=lambda one: drift.parts[one])
    word, named = words[place], set(words) - {REST}
    was, is_now = then[place] / len(before), now[place] / len(after)
    return Signal(
        kind=DRIFT,
        key=f"{team}-{name.replace(' ', '-')}",
        sentence=f"The mix of {name} moved: “{word}” went from {share(was)} to {share(is_now)} of requests.",
        numbers=(
            (said("Stability index"), f"{drift.index:.3f}"),
            (said("Expected by chance"), f"{drift.by_chance:.3f}"),
            (said("Limit for chance, 95 %"), f"{drift.limit:.3f}"),
            (said("Requests before, lately"), f"{drift.before:,}, {drift.after:,}"),
        ),
        rows=tuple(one.id for one in after if of(one) == word or (word == REST and of(one) not in named)),
        p_value=drift.p_value,
    )
