"""From figures to charts: one picture for each currency, because currencies are never added up."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from analytics.charts import histogram
from analytics.charts.bars import Bar, Chart, Note, Part, draw
from analytics.charts.histogram import Bin, Histogram
from analytics.charts.pareto import ParetoBar, draw_pareto
from analytics.months import month_alone, month_and_short_year
from analytics.pictures import month_in_words, months_in_words
from analytics.slices import MONTHS_SHOWN, Slice, months_of
from config.kernel.money import Money
from config.kernel.wording import joined, said

from .definitions import LEAKAGE, LEAKS
from .figures import month_end, published_month
from .steps import NAMES, at_share, steps_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from django.utils.safestring import SafeString

    from policies.models import PolicyVersion

    from .asking import Ask
    from .figures import Line

JANUARY = 1
MINUTE, HOUR, DAY = 60, 3_600, 86_400
LENGTHS: Final = (
    (15 * MINUTE, said("≤ 15 min")),
    (HOUR, said("{number} h", number=1)),
    (4 * HOUR, said("{number} h", number=4)),
    (8 * HOUR, said("{number} h", number=8)),
    (DAY, said("{number} d", number=1)),
    (2 * DAY, said("{number} d", number=2)),
    (5 * DAY, said("{number} d", number=5)),
    (None, said("more")),
)
"""The classes of a distribution: the longest time in each, and its word."""


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
            name=said("Leakage per month, {currency}", currency=currency),
            description=months_in_words(total, bars),
            legend=tuple((kind.css, kind.name) for kind in LEAKS if any(line.minor(kind) for line in mine.values())),
            currency=currency,
            bars=bars,
            notes=_notes(versions, places, ask),
        )
    )


def pareto(lines: Sequence[Line], ask: Ask, currency: str, by: str, *, is_by_count: bool) -> SafeString:
    """Draw which values leaked most, in money or in requests."""
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
        name=said("Leakage by {by}, by requests, {currency}", by=by, currency=currency)
        if is_by_count
        else said("Leakage by {by}, by money, {currency}", by=by, currency=currency),
    )


def lengths(classes: Mapping[str, dict[int, int]], slug: str) -> dict[str, object]:
    """Draw how many requests took how long in one measure of time, with the median marked."""
    counted, (median,) = classes[slug], [step.median for step in steps_in({slug: classes[slug]})]
    counts = [0] * len(LENGTHS)
    for seconds, count in counted.items():
        counts[_class_of(seconds)] += count
    words = [word for _, word in LENGTHS]
    total, middle = sum(counts), at_share(counted, 1, 2)
    bins = [
        Bin(
            place,
            place + 1,
            count,
            "vital",
            said(
                "{length}: {count} of {total} requests", length=words[place], count=Decimal(count), total=Decimal(total)
            ),
        )
        for place, count in enumerate(counts)
    ]
    svg = histogram.draw(
        Histogram(
            name=NAMES[slug],
            description=said(
                "{total} requests, median {median}: {classes}",
                total=Decimal(total),
                median=median,
                classes=joined([one.sentence for one in bins if one.count], "; "),
            ),
            caption="",
            bins=bins,
            marked=_class_of(middle) + 0.5,
            marked_word=said("median {median}", median=median),
            labels=[(place + 0.5, word) for place, word in enumerate(words)],
        )
    )
    return {"name": NAMES[slug], "svg": svg, "rows": list(zip(words, counts, strict=True))}


def _class_of(seconds: int) -> int:
    return next(place for place, (most, _) in enumerate(LENGTHS) if most is None or seconds <= most)


def _bar(month: date, line: Line | None, ask: Ask, currency: str, *, is_year_told: bool) -> Bar:
    parts = () if line is None else tuple(Part(kind.name, line.money(kind), kind.css) for kind in LEAKS)
    total = Money(0 if line is None else line.leakage_minor, currency)
    count = 0 if line is None else line.leaking_count
    return Bar(
        label=month_and_short_year(month) if is_year_told else month_alone(month),
        parts=parts,
        sentence=month_in_words(month, total, count),
        href=ask.between(month, month_end(month)).rows(currency=currency, kind=LEAKAGE.slug),
    )


def _notes(versions: Sequence[PolicyVersion], places: dict[str, int], ask: Ask) -> tuple[Note, ...]:
    """Put one flag at each month in which policies changed, however many did."""
    by_month: dict[str, list[str]] = {}
    for version in versions:
        by_month.setdefault(published_month(version), []).append(str(version))
    return tuple(
        Note(
            places[month],
            "P",
            said("In force since {month}: {names}", month=month, names=", ".join(names)),
            f"{ask.rows(by='version')}#versions",
        )
        for month, names in by_month.items()
        if month in places
    )
