"""From figures to charts: one picture for each currency, because currencies are never added up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics.charts.bars import Bar, Chart, Note, Part, draw
from analytics.charts.pareto import ParetoBar, draw_pareto
from analytics.charts.scale import requests_in
from analytics.slices import MONTHS_SHOWN, Slice, months_of
from config.kernel.money import Money

from .definitions import LEAKAGE, LEAKS
from .figures import month_end, published_month

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from django.utils.safestring import SafeString

    from policies.models import PolicyVersion

    from .asking import Ask
    from .figures import Line

JANUARY = 1


def trend(lines: Sequence[Line], ask: Ask, currency: str, versions: Sequence[PolicyVersion]) -> SafeString:
    """Draw what leaked in each of the last twelve months, kind upon kind, and when policies changed."""
    mine = {line.value: line for line in lines if line.currency == currency}
    months = months_of(Slice(from_on=ask.from_on, to_on=ask.to_on))[-MONTHS_SHOWN:]
    told = {month for month in months if month.month == JANUARY} or set(months[:1])
    bars = tuple(_bar(month, mine.get(f"{month:%Y-%m}"), ask, currency, is_year_told=month in told) for month in months)
    places = {f"{month:%Y-%m}": place for place, month in enumerate(months)}
    total = Money(sum(bar.minor for bar in bars), currency)
    return draw(
        Chart(
            name=f"Leakage per month, {currency}",
            description=f"{total} in {len(months)} months: " + "; ".join(bar.sentence for bar in bars if bar.minor),
            legend=tuple((kind.css, kind.name) for kind in LEAKS if any(line.minor(kind) for line in mine.values())),
            currency=currency,
            bars=bars,
            notes=_notes(versions, places, ask),
        )
    )


def pareto(lines: Sequence[Line], ask: Ask, currency: str, by: str, *, is_by_count: bool) -> SafeString:
    """Draw which values leaked most, in money or in requests."""
    words = "requests" if is_by_count else "money"
    return draw_pareto(
        [
            ParetoBar(
                label=line.label,
                weight=line.leaking_count if is_by_count else line.leakage_minor,
                said=f"{line.leaking_count:,}" if is_by_count else str(line.money(LEAKAGE)),
                href=ask.rows(by=by, value=line.value, kind=LEAKAGE.slug, currency=currency),
            )
            for line in lines
            if line.currency == currency
        ],
        name=f"Leakage by {by}, by {words}, {currency}",
    )


def _bar(month: date, line: Line | None, ask: Ask, currency: str, *, is_year_told: bool) -> Bar:
    parts = () if line is None else tuple(Part(kind.name, line.money(kind), kind.css) for kind in LEAKS)
    total = Money(0 if line is None else line.leakage_minor, currency)
    count = 0 if line is None else line.leaking_count
    return Bar(
        label=f"{month:%b %y}" if is_year_told else f"{month:%b}",
        parts=parts,
        sentence=f"{month:%b %Y}: {total}, {requests_in(count)}",
        href=ask.between(month, month_end(month)).rows(currency=currency, kind=LEAKAGE.slug),
    )


def _notes(versions: Sequence[PolicyVersion], places: dict[str, int], ask: Ask) -> tuple[Note, ...]:
    """Put one flag at each month in which policies changed, however many did."""
    by_month: dict[str, list[str]] = {}
    for version in versions:
        by_month.setdefault(published_month(version), []).append(str(version))
    return tuple(
        Note(places[month], "P", f"In force since {month}: {', '.join(names)}", f"{ask.rows(by='version')}#versions")
        for month, names in by_month.items()
        if month in places
    )
