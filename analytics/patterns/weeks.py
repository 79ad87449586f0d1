"""Weeks that do not belong to the process of the weeks around them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import exp, log, sqrt
from typing import TYPE_CHECKING

from analytics.statistics.control import chance_of_run, longest_run, p_chart, xmr_chart
from analytics.statistics.distributions import student_at_most
from analytics.statistics.funnel import chance_of_as_far, score
from analytics.statistics.overdispersion import spread_of
from config.kernel.money import Money
from config.kernel.wording import said

from .kinds import WEEKS
from .signals import Signal, looked, share

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from analytics.statistics.control import Point

    from .rows import Asked, Observed
    from .signals import Looked

FEWEST_WEEKS = 12
FEWEST_RUN = 8
RANGES_WORTH = 0.62
"""How much of a sample the mean moving range uses (Harter 1960): so many degrees of freedom for each week."""


@dataclass(frozen=True, slots=True)
class Series:
    """One chart: its weeks, its points, the chance of each, and the requests behind each."""

    key: str
    name: str
    weeks: Sequence[date]
    points: Sequence[Point]
    chances: Sequence[float]
    rows: Sequence[Sequence[Asked]]
    say: Callable[[float], str]
    currency: str = ""


SHARES: dict[str, tuple[str, Callable[[Asked], bool]]] = {
    "declined": (said("Share of requests declined"), lambda one: one.is_declined),
    "overridden": (said("Share of requests granted more than the policy allowed"), lambda one: one.is_override),
}


def money_granted(currency: str) -> str:
    """Name the chart of money in a currency."""
    return said("Money granted, {currency}", currency=currency)


def out_of_control(observed: Observed) -> Looked:
    """Look at every whole week of every chart, and at the longest run of each."""
    return looked(signal for series in charts(observed) for signal in (*_weeks(series), *_run(series)))


def charts(observed: Observed) -> list[Series]:
    """Draw up the charts of every team with enough whole weeks; the first and the last week are not whole."""
    by_team: dict[int, dict[date, list[Asked]]] = defaultdict(lambda: defaultdict(list))
    for one in observed.requests:
        by_team[one.team_id][monday(one.submitted_at)].append(one)
    found: list[Series] = []
    for team, by_week in sorted(by_team.items()):
        # Weeks before the first request of a team were not usual ones, there was no team.
        first = max(monday(observed.from_at), min(by_week)) + timedelta(weeks=1)
        count = (monday(observed.to_at) - first).days // 7
        if count < FEWEST_WEEKS:
            continue
        weeks = [first + timedelta(weeks=place) for place in range(count)]
        rows = [by_week.get(week, []) for week in weeks]
        found += [_shares(f"{team}-{slug}", name, weeks, rows, is_hit) for slug, (name, is_hit) in SHARES.items()]
        currencies = sorted({one.currency for row in rows for one in row})
        drawn = (_money(f"{team}-{currency}", currency, weeks, rows) for currency in currencies)
        found += [series for series in drawn if series is not None]
    return found


def monday(moment: datetime) -> date:
    """Name the Monday of a moment's week, in UTC."""
    day = moment.astimezone(UTC).date()
    return day - timedelta(days=day.weekday())


def _shares(
    key: str, name: str, weeks: Sequence[date], rows: Sequence[Sequence[Asked]], is_hit: Callable[[Asked], bool]
) -> Series:
    decided = [[one for one in row if one.is_decided] for row in rows]
    counts, sizes = [sum(map(is_hit, row)) for row in decided], [len(row) for row in decided]
    points = p_chart(counts, sizes)
    centre = points[0].centre
    drawn = list(zip(counts, sizes, strict=True))
    spread = spread_of([score(count, size, centre) for count, size in drawn])
    chances = [chance_of_as_far(count, size, centre, spread) for count, size in drawn]
    return Series(key, name, weeks, points, chances, [[one for one in row if is_hit(one)] for row in decided], share)


def _money(key: str, currency: str, all_weeks: Sequence[date], rows: Sequence[Sequence[Asked]]) -> Series | None:
    """Chart the weeks in which any money was granted, if they are enough: nothing has no logarithm."""
    granted = {
        week: some
        for week, row in zip(all_weeks, rows, strict=True)
        if (some := [one for one in row if one.currency == currency and one.is_decided and not one.is_declined])
    }
    if len(granted) < FEWEST_WEEKS:
        return None
    weeks, paid = list(granted), list(granted.values())
    points = xmr_chart([log(sum(one.amount_minor for one in row)) for row in paid])
    freedom = RANGES_WORTH * (len(points) - 1)
    # The middle is estimated from the same weeks, which costs a little.
    wider = sqrt(1 + 1 / len(points))
    chances = [2 * student_at_most(-abs(point.score) / wider, freedom) for point in points]

    def say(value: float) -> str:
        return str(Money(round(exp(value)), currency))

    return Series(key, money_granted(currency), weeks, points, chances, paid, say, currency)


def _weeks(series: Series) -> list[Signal]:
    return [
        Signal(
            kind=WEEKS,
            key=f"{series.key}-{week:%Y-%m-%d}",
            sentence=f"{series.name}: {series.say(point.value)} in the week of {week:%-d %b %Y}; usual is "
            f"{series.say(point.centre)}.",
            numbers=((said("Standard deviations"), f"{point.score:+.1f}"), (said("Limits"), _limits(series, point))),
            rows=tuple(one.id for one in rows),
            p_value=chance,
        )
        for week, point, chance, rows in zip(series.weeks, series.points, series.chances, series.rows, strict=True)
    ]


def _run(series: Series) -> list[Signal]:
    begun, length = longest_run(series.points)
    if length < FEWEST_RUN:
        return []
    side = "above" if series.points[begun].score > 0 else "below"
    return [
        Signal(
            kind=WEEKS,
            key=f"{series.key}-run",
            sentence=f"{series.name}: {length} weeks in a row {side} the middle, from {series.weeks[begun]:%-d %b %Y}.",
            numbers=((said("Weeks in a row"), str(length)), (said("Weeks charted"), str(len(series.points)))),
            rows=tuple(one.id for row in series.rows[begun : begun + length] for one in row),
            p_value=chance_of_run(length, len(series.points)),
        )
    ]


def _limits(series: Series, point: Point) -> str:
    return f"{series.say(point.low)} to {series.say(point.high)}"
