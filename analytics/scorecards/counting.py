"""A team's month counted from the sums: each measure with the two counts it is the share of."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any, Final

from django.db.models import F, Sum

from analytics.leakage.definitions import FEWEST
from analytics.leakage.figures import month_end
from analytics.leakage.steps import at_share, spelled
from analytics.models import KINDS_OF_LEAKAGE, Basis, CaptureCell, Origin, OutflowCell
from policies.engine.amounts import share_words

from .measures import (
    BYPASS,
    DECIDED,
    EVIDENCE,
    EXCEPTIONS,
    IN_TIME,
    LEAKAGE,
    MEASURES,
    REFUND_RATE,
    UNCHANGED,
)
from .thresholds import measures_in_force

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from django.db.models import QuerySet
    from django.db.models.expressions import Combinable

    from .measures import Measure

WHOLE: Final = 10_000

Counted = tuple["Measure", int, int, int, str]
"""A measure with its part, its whole, how many requests it rests on, and its currency."""


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
            return spelled(self.part)
        return share_words(_share(self.part, self.whole)) if self.whole else "-"

    @property
    def targets(self) -> str:
        """Where amber and red begin, in words."""
        return replace(MEASURES[self.measure], amber=self.amber, red=self.red).targets


def lines_of(team_id: int, month: date) -> list[Line]:
    """Count every measure of a team's month; empty when nothing was decided and nothing left."""
    held_to = measures_in_force()
    return [
        _line(held_to[measure.slug], part, whole, case_count, currency=currency)
        for measure, part, whole, case_count, currency in (*_money(team_id, month), *_decisions(team_id, month))
    ]


def sha256_of(team: str, month: date, lines: Iterable[Line]) -> str:
    """Fingerprint a scorecard, so that anybody can tell whether it is the one that was published."""
    told = {"team": team, "month": month.isoformat(), "lines": [asdict(line) for line in lines]}
    return hashlib.sha256(json.dumps(told, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def read(stored: Iterable[dict[str, Any]]) -> list[Line]:
    """Read kept lines."""
    return [Line(**one) for one in stored]


def _money(team_id: int, month: date) -> Iterator[Counted]:
    leaked: Combinable = reduce(add, map(F, KINDS_OF_LEAKAGE))
    sums = (
        _cells(team_id, month, Basis.REFUND)
        .filter(dimension="total")
        .order_by()
        .values_list("currency")
        .annotate(leaked=Sum(leaked), gone=Sum("refunded_minor"), cases=Sum("count"))
        .order_by("currency")
    )
    captured = _captured(team_id, month)
    for currency, minor, gone, cases in sums:
        yield LEAKAGE, int(minor), int(gone), int(cases), currency
        if captured.get(currency):
            yield REFUND_RATE, int(gone), captured[currency], int(cases), currency
    left = _cells(team_id, month, Basis.REFUND).filter(dimension="origin").exclude(value=Origin.NOTHING)
    counts = dict(left.order_by().values_list("value").annotate(refunds=Sum("count")))
    if counts:
        everything = sum(map(int, counts.values()))
        yield BYPASS, int(counts.get(Origin.UNGOVERNED, 0)), everything, everything, ""


def _captured(team_id: int, month: date) -> dict[str, int]:
    """Add up what customers paid in a month; a currency without any has no refund rate."""
    cells = CaptureCell.objects.filter(team=team_id, on__gte=month, on__lte=month_end(month))
    sums = cells.order_by().values_list("currency").annotate(minor=Sum("captured_minor"))
    return {currency: int(minor) for currency, minor in sums}


def _decisions(team_id: int, month: date) -> Iterator[Counted]:
    cells = _cells(team_id, month, Basis.DECISION)
    names = (
        "count", "reviewed_count", "unchanged_count", "evidence_asked_count", "evidence_held_count",
        "due_step_count", "late_step_count",
    )  # fmt: skip
    total = cells.filter(dimension="total").aggregate(**{f"sum_{name}": Sum(name, default=0) for name in names})
    decided = int(total["sum_count"])
    if not decided:
        return
    excepted = cells.filter(dimension="code").exclude(value="").aggregate(sum=Sum("count", default=0))["sum"]
    yield EXCEPTIONS, int(excepted), decided, decided, ""
    asked, reviewed = int(total["sum_evidence_asked_count"]), int(total["sum_reviewed_count"])
    yield EVIDENCE, int(total["sum_evidence_held_count"]), asked, asked, ""
    yield UNCHANGED, int(total["sum_unchanged_count"]), reviewed, reviewed, ""
    rows = cells.filter(dimension="step.decide").order_by().values_list("value").annotate(total=Sum("count"))
    classes = {int(value): int(count) for value, count in rows}
    cases = sum(classes.values())
    yield DECIDED, at_share(classes, 9, 10), cases, cases, ""
    due = int(total["sum_due_step_count"])
    if due:
        yield IN_TIME, due - int(total["sum_late_step_count"]), due, due, ""


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
