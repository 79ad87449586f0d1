"""What to expect of somebody, given what she was handed: indirect standardisation.

Every case belongs to a stratum (an amount band and a code). A stratum's share is that of all people together; what is
expected of one is the sum over her own cases. An approver who gets all the exceptions is then no outlier for it.
Source: Breslow and Day 1987, *Statistical Methods in Cancer Research* II, 2.3; PMC6193208 for funnel plots.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable


@dataclass(frozen=True, slots=True)
class Case:
    """One thing somebody did: who, in which stratum, and whether it is what is counted."""

    who: Hashable
    stratum: Hashable
    is_hit: bool


@dataclass(frozen=True, slots=True)
class Tally:
    """How many hits somebody had among how many cases, and how many her cases let expect."""

    who: Hashable
    count: int
    of: int
    expected: float

    @property
    def share(self) -> float:
        """The share as it was."""
        return self.count / self.of

    @property
    def expected_share(self) -> float:
        """The share that her cases let expect."""
        return self.expected / self.of


def tallies(cases: Iterable[Case]) -> list[Tally]:
    """Count for each person, in the order of first appearance; the expected counts add up to the hits."""
    listed = list(cases)
    sizes, hits = Counter[object](), Counter[object]()
    for case in listed:
        sizes[case.stratum] += 1
        hits[case.stratum] += case.is_hit
    of, count, expected = Counter[object](), Counter[object](), dict[object, float]()
    for case in listed:
        of[case.who] += 1
        count[case.who] += case.is_hit
        expected[case.who] = expected.get(case.who, 0.0) + hits[case.stratum] / sizes[case.stratum]
    return [Tally(who, count[who], of[who], expected[who]) for who in of]
