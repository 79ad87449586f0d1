"""A team's month counted from the sums: each measure with the two counts it is the share of."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any, Final

from django.db.models import F, Sum

from analytics.leakage.definitions import FEWEST
from analytics.leakage.figures import month_end
from analytics.leakage.steps import at_share, said
from analytics.models import KINDS_OF_LEAKAGE, Basis, OutflowCell
from policies.engine.amounts import share_words

from .measures import DECIDED, EVIDENCE, EXCEPTIONS, LEAKAGE, MEASURES, UNCHANGED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from django.db.models import QuerySet
    from django.db.models.expressions import Combinable

    from .measures import Measure

WHOLE: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One measure of a month, in one currency where it is money.

    `part` of `whole` are what was counted: minor units, requests; of a time `part` is its seconds and `whole` the
    requests. `case_count` is how many requests it rests on: with too few of them the colour is empty.
    """

    measure: str
    currency: str
    part: int
    whole: int
    case_count: int
    amber: int
    red: int
    colour: str

    @property
    def name(self) -> str:
        """What is measured."""
        return MEASURES[self.measure].name

    @property
    def formula(self) -> str:
        """How it is counted."""
        return MEASURES[self.measure].formula

    @property
    def value(self) -> str:
        """The share, or the time, in words."""
        if MEASURES[self.measure].is_time:
            return said(self.part)
        return share_words(_share(self.part, self.whole)) if self.whole else "-"

    @property
    def targets(self) -> str:
        """Where amber and red begin, in words."""
        measure = MEASURES[self.measure]
        amber, red = (said(one) if measure.is_time else share_words(one) for one in (self.amber, self.red))
        word = "below" if measure.is_better_high else "from"
        return f"amber {word} {amber}, red {word} {red}"


def lines_of(team_id: int, month: date) -> list[Line]:
    """Count every measure of a team's month; empty when nothing was decided and nothing left."""
    return [*_leakage(team_id, month), *_decisions(team_id, month)]


def sha256_of(team: str, month: date, lines: Iterable[Line]) -> str:
    """Fingerprint a scorecard, so that anybody can tell whether it is the one that was published."""
    told = {"team": team, "month": month.isoformat(), "lines": [asdict(line) for line in lines]}
    return hashlib.sha256(json.dumps(told, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def read(stored: Iterable[dict[str, Any]]) -> list[Line]:
    """Read kept lines."""
    return [Line(**one) for one in stored]


def _leakage(team_id: int, month: date) -> Iterator[Line]:
    leaked: Combinable = reduce(add, map(F, KINDS_OF_LEAKAGE))
    sums = (
        _cells(team_id, month, Basis.REFUND)
        .filter(dimension="total")
        .order_by()
        .values_list("currency")
        .annotate(leaked=Sum(leaked), gone=Sum("refunded_minor"), cases=Sum("count"))
        .order_by("currency")
    )
    for currency, minor, gone, cases in sums:
        yield _line(LEAKAGE, int(minor), int(gone), int(cases), currency=currency)


def _decisions(team_id: int, month: date) -> Iterator[Line]:
    cells = _cells(team_id, month, Basis.DECISION)
    names = ("count", "reviewed_count", "unchanged_count", "evidence_asked_count", "evidence_held_count")
    total = cells.filter(dimension="total").aggregate(**{f"sum_{name}": Sum(name, default=0) for name in names})
    decided = int(total["sum_count"])
    if not decided:
        return
    excepted = cells.filter(dimension="code").exclude(value="").aggregate(sum=Sum("count", default=0))["sum"]
    yield _line(EXCEPTIONS, int(excepted), decided, decided)
    asked, reviewed = int(total["sum_evidence_asked_count"]), int(total["sum_reviewed_count"])
    yield _line(EVIDENCE, int(total["sum_evidence_held_count"]), asked, asked)
    yield _line(UNCHANGED, int(total["sum_unchanged_count"]), reviewed, reviewed)
    rows = cells.filter(dimension="step.decide").order_by().values_list("value").annotate(total=Sum("count"))
    classes = {int(value): int(count) for value, count in rows}
    cases = sum(classes.values())
    yield _line(DECIDED, at_share(classes, 9, 10), cases, cases)


def _line(measure: Measure, part: int, whole: int, case_count: int, *, currency: str = "") -> Line:
    is_enough = case_count >= FEWEST and whole > 0
    value = part if measure.is_time else _share(part, whole)
    return Line(
        measure=measure.slug,
        currency=currency,
        part=part,
        whole=whole,
        case_count=case_count,
        amber=measure.amber,
        red=measure.red,
        colour=measure.colour_of(value).value if is_enough else "",
    )


def _share(part: int, whole: int) -> int:
    """Say a share in basis points, rounded down: what is just short of a threshold has not reached it."""
    return part * WHOLE // whole if whole else 0


def _cells(team_id: int, month: date, basis: Basis) -> QuerySet[OutflowCell]:
    return OutflowCell.objects.filter(team=team_id, on__gte=month, on__lte=month_end(month), basis=basis)
