"""Decisions made without a look: too fast, nothing opened, the same words, one after the other."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from itertools import pairwise
from math import sqrt
from typing import TYPE_CHECKING

from analytics.statistics.case_mix import Case
from analytics.statistics.funnel import FEWEST, chance_of_more, score
from config.kernel.wording import said

from .kinds import STAMPING
from .peers import peers, standing
from .signals import Signal, looked, share

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .rows import Observed, Signed
    from .signals import Looked

FASTEST = 0.05
BURST_SECONDS = 60
MOST_EVIDENCE_TOLD = 3
"""Whoever has four files before her needs no less time than with three."""


def without_a_look(observed: Observed) -> Looked:
    """Look at all four signs of every approver with enough decisions."""
    by_person: dict[int, list[Signed]] = defaultdict(list)
    for one in observed.decisions:
        by_person[one.approver_id].append(one)
    return looked(
        [
            *_haste(by_person),
            *_habits("unopened", "opened none of the evidence of", _unopened(observed.decisions)),
            *_habits("identical", "gave a reason she had given before, word for word, for", _identical(by_person)),
            *_habits("bursts", "decided within a minute of the decision before on", _bursts(by_person)),
        ]
    )


def _haste(by_person: dict[int, list[Signed]]) -> list[Signal]:
    """Compare each person's times with the fastest twentieth of the others', file count by file count."""
    times: dict[int, list[int]] = defaultdict(list)
    for hers in by_person.values():
        for one in hers:
            times[_files(one)].append(one.seconds)
    found = []
    for person, hers in by_person.items():
        counted, of, expected, others_count = _fast(hers, times)
        if of >= FEWEST and others_count >= FEWEST:
            found.append((person, counted, of, expected, sqrt(1 + of / others_count)))
    scores = [score(len(hit), of, expected / of) for _, hit, of, expected, _ in found]
    _, spread = standing(scores)
    return [
        _signal(
            "haste",
            person,
            f"{{0}} decided {len(hit)} of {of} requests faster than 95 of 100 of the others' with as much evidence; "
            f"{expected:.1f} are expected.",
            (len(hit) / of, expected / of, chance_of_more(len(hit), of, expected / of, spread * own)),
            hit,
        )
        for person, hit, of, expected, own in found
    ]


def _fast(hers: list[Signed], times: dict[int, list[int]]) -> tuple[list[Signed], int, float, int]:
    hit: list[Signed] = []
    of, expected, others_count = 0, 0.0, 0
    for files in {_files(one) for one in hers}:
        mine = [one for one in hers if _files(one) == files]
        others = sorted(times[files])
        for one in mine:
            del others[bisect_left(others, one.seconds)]
        if len(others) < FEWEST:
            continue
        limit = others[int(FASTEST * len(others))]
        hit += [one for one in mine if one.seconds < limit]
        of += len(mine)
        expected += len(mine) * max(bisect_left(others, limit), 1) / len(others)
        others_count += len(others)
    return hit, of, expected, others_count


def _habits(name: str, verb: str, marked: Iterable[tuple[Signed, object, bool]]) -> list[Signal]:
    listed = list(marked)
    hits: dict[int, list[Signed]] = defaultdict(list)
    for one, _, is_hit in listed:
        hits[one.approver_id] += [one] if is_hit else []
    found = []
    for peer in peers(Case(one.approver_id, stratum, is_hit) for one, stratum, is_hit in listed):
        tally = peer.tally
        sentence = f"{{0}} {verb} {tally.count} of {tally.of} requests; {tally.expected:.1f} are expected."
        found.append(
            _signal(name, peer.who, sentence, (tally.share, tally.expected_share, peer.chance_above), hits[peer.who])
        )
    return found


def _unopened(decisions: Iterable[Signed]) -> list[tuple[Signed, object, bool]]:
    return [(one, _files(one), one.opened_count == 0) for one in decisions if one.evidence_count]


def _identical(by_person: dict[int, list[Signed]]) -> list[tuple[Signed, object, bool]]:
    marked: list[tuple[Signed, object, bool]] = []
    for hers in by_person.values():
        written: set[str] = set()
        for one in hers:
            if one.rationale:
                marked.append((one, one.request.team_id, one.rationale in written))
                written.add(one.rationale)
    return marked


def _bursts(by_person: dict[int, list[Signed]]) -> list[tuple[Signed, object, bool]]:
    marked: list[tuple[Signed, object, bool]] = []
    for hers in by_person.values():
        for before, one in pairwise(hers):
            since = (one.decided_at - before.decided_at).total_seconds()
            marked.append((one, one.request.team_id, since < BURST_SECONDS))
    return marked


def _signal(
    name: str, person: int, sentence: str, figures: tuple[float, float, float], hit: Iterable[Signed]
) -> Signal:
    part, expected, p_value = figures
    return Signal(
        kind=STAMPING,
        key=f"{name}-{person}",
        sentence=sentence,
        numbers=((said("Share"), share(part)), (said("Expected"), share(expected))),
        rows=tuple(one.request.id for one in hit),
        people=(person,),
        p_value=p_value,
    )


def _files(one: Signed) -> int:
    return min(one.evidence_count, MOST_EVIDENCE_TOLD)
