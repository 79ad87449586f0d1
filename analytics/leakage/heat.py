"""Which team leaked in which week: the share of each, as a table that is coloured, told and printed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Final

from django.db.models import F, Sum
from django.db.models.functions import TruncWeek

from analytics.models import KINDS_OF_LEAKAGE, OutflowCell
from analytics.selectors import percent
from config.kernel.money import Money
from config.kernel.wording import said, said_as

from .definitions import LEAKAGE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models.expressions import Combinable

    from config.kernel.people import User

    from .asking import Ask

WEEKS_SHOWN: Final = 13
FEWEST: Final = 5
DAYS: Final = 7
LEVELS: Final = (1, 50, 100, 200, 500, 1_000)
"""From how many hundredths of a percent each shade begins; what is below all of them leaked nothing to speak of."""
LEGEND: Final = (said_as("leakage", "none"), said("up to 0.5 %"), "0.5 %", "1 %", "2 %", "5 %", said("10 % and more"))
WHOLE: Final = 10_000


@dataclass(frozen=True, slots=True)
class Cell:
    """A team's week: what leaked of what was refunded, in how many refunds, how dark, and where its rows are."""

    leaked: Money
    refunded: Money
    count: int
    level: str
    rows: str

    @property
    def share(self) -> str:
        """What leaked of what was refunded."""
        return percent(self.leaked.minor, self.refunded.minor)


@dataclass(frozen=True, slots=True)
class Row:
    """A team with one cell for each week; None where nothing left."""

    team: str
    cells: Sequence[Cell | None]


@dataclass(frozen=True, slots=True)
class Heat:
    """The teams and weeks of one currency."""

    currency: str
    weeks: Sequence[date]
    rows: Sequence[Row]


def heat_maps(viewer: User, ask: Ask) -> list[Heat]:
    """Work out the last weeks of these days for each currency and team, in one query."""
    weeks = weeks_of(ask)
    leaked: Combinable = reduce(add, map(F, KINDS_OF_LEAKAGE))
    rows = (
        OutflowCell.objects.filter(
            ask.narrowed(viewer),
            basis=ask.basis,
            dimension="total",
            on__gte=max(weeks[0], ask.from_on),
            on__lte=ask.to_on,
        )
        .annotate(week=TruncWeek("on"))
        .order_by()
        .values_list("currency", "team__name", "team__slug", "week")
        .annotate(leaked=Sum(leaked), gone=Sum("refunded_minor"), refunds=Sum("count"))
        .order_by("currency", "team__name", "team__slug")
    )
    told: dict[str, dict[tuple[str, str], dict[date, Cell]]] = {}
    for currency, name, slug, week, minor, gone, refunds in rows:
        address = ask.between(week, _sunday(week)).rows(
            by="team", value=slug, currency=currency, kind=LEAKAGE.slug if minor else ""
        )
        cell = Cell(
            leaked=Money(int(minor), currency),
            refunded=Money(int(gone), currency),
            count=int(refunds),
            level=level_of(int(minor), int(gone), int(refunds)),
            rows=address,
        )
        told.setdefault(currency, {}).setdefault((name, slug), {})[week] = cell
    return [Heat(currency, weeks, _rows(teams, weeks)) for currency, teams in told.items()]


def weeks_of(ask: Ask) -> list[date]:
    """List the Mondays of the last weeks of these days, oldest first."""
    first, last = (day.toordinal() - day.weekday() for day in (ask.from_on, ask.to_on))
    return [date.fromordinal(week) for week in range(first, last + 1, DAYS)][-WEEKS_SHOWN:]


def level_of(leaked_minor: int, refunded_minor: int, refund_count: int) -> str:
    """Name the shade of a share; of too few refunds none, whatever the share."""
    if refund_count < FEWEST:
        return "few"
    if not refunded_minor:
        return f"h{len(LEVELS)}" if leaked_minor else "h0"
    share = leaked_minor * WHOLE // refunded_minor
    return f"h{sum(share >= level for level in LEVELS) or int(leaked_minor > 0)}"


def _sunday(week: date) -> date:
    """Answer the last day of a week; of the last one there is, the last day there is."""
    return date.fromordinal(min(week.toordinal() + DAYS - 1, date.max.toordinal()))


def _rows(teams: Mapping[tuple[str, str], Mapping[date, Cell]], weeks: Sequence[date]) -> list[Row]:
    return [Row(name, [cells.get(week) for week in weeks]) for (name, _), cells in teams.items()]
