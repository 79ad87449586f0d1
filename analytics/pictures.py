"""From figures to charts: one picture for each currency, because currencies are never added up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.kernel.money import Money
from config.kernel.wording import joined, said
from policies.vocabulary import Outcome

from .charts.bars import Bar, Chart, Part, draw
from .charts.scale import requests_in
from .months import month_alone, month_and_short_year, month_and_year
from .slices import MONTHS_SHOWN, months_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from django.utils.safestring import SafeString

    from .selectors import MonthCell
    from .slices import Slice

JANUARY = 1

CLASSES = {
    Outcome.ALLOW.value: "good",
    Outcome.REQUIRE_APPROVAL.value: "vital",
    Outcome.EXCEPTION.value: "warn",
    Outcome.BLOCK.value: "bad",
    "": "rest",
}
"""How each outcome is coloured, from the bottom of a bar to its top."""


def months_chart(cells: Sequence[MonthCell], wanted: Slice, currency: str) -> SafeString:
    """Draw what one currency gave back in each of the last twelve months of the slice, by outcome."""
    mine = [cell for cell in cells if cell.money.currency == currency]
    months = months_of(wanted)[-MONTHS_SHOWN:]
    told = {month for month in months if month.month == JANUARY} or set(months[:1])
    bars = tuple(
        _bar(month, [cell for cell in mine if cell.month == month], wanted, currency, is_year_told=month in told)
        for month in months
    )
    used = [outcome for outcome in CLASSES if any(cell.outcome == outcome for cell in mine)]
    total = Money(sum(bar.minor for bar in bars), currency)
    return draw(
        Chart(
            name=said("Refunded per month, {currency}", currency=currency),
            description=months_in_words(total, bars),
            legend=tuple((CLASSES[outcome], _word(outcome)) for outcome in used),
            currency=currency,
            bars=bars,
        )
    )


def months_in_words(total: Money, bars: Sequence[Bar]) -> str:
    """Say the same as a chart of months: what they come to, and each that has something."""
    return said(
        "{total} in {count} months: {months}",
        total=total,
        count=len(bars),
        months=joined([bar.sentence for bar in bars if bar.minor], "; "),
    )


def month_in_words(month: date, total: Money, count: int) -> str:
    """Say what a month came to."""
    return said("{month}: {total}, {requests}", month=month_and_year(month), total=total, requests=requests_in(count))


def _bar(month: date, cells: Sequence[MonthCell], wanted: Slice, currency: str, *, is_year_told: bool) -> Bar:
    parts = tuple(
        Part(_word(outcome), cell.money, css)
        for outcome, css in CLASSES.items()
        for cell in cells
        if cell.outcome == outcome
    )
    total = Money(sum(part.money.minor for part in parts), currency)
    return Bar(
        label=month_and_short_year(month) if is_year_told else month_alone(month),
        parts=parts,
        sentence=month_in_words(month, total, sum(cell.count for cell in cells)),
        href=wanted.month_rows(month, currency=currency),
    )


def _word(outcome: str) -> str:
    return Outcome(outcome).label if outcome else said("Not judged")
