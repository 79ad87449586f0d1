"""From kept figures to drawings, each with the same as a table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import exp
from typing import TYPE_CHECKING, Any

from analytics.charts import control, funnel, histogram
from analytics.charts.scale import short_money
from analytics.months import day_and_month, short_day
from analytics.statistics.funnel import ALARM, WARNING, prediction_band
from analytics.statistics.hugging import FROM, HUGGED, LIMIT, TO
from config.kernel.money import Money
from config.kernel.printing import reader_locale
from config.kernel.wording import joined, said, said_as

from .figures import BINS_A_TENTH
from .signals import share
from .weeks import SHARES, money_granted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from django.utils.safestring import SafeString

    from .naming import Names

STEPS = 40

TITLES = {"approved": said("Share approved"), "overridden": said("Share of approvals above what the policy allowed")}


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing with its headline, how to read it, and the same as a table."""

    title: str
    note: str
    svg: SafeString
    header: Sequence[str]
    rows: Sequence[Sequence[str]]


def drawn(kind: str, figures: Mapping[str, Any], names: Names, *, of: str) -> Plot:
    """Draw the figures of one drawing; `of` says whose they are, where that is not plain."""
    return DRAWN[kind](figures, names, of)


def _titled(title: str, whose: str) -> str:
    return said("{title} ({whose})", title=title, whose=whose) if whose else title


def _funnel(figures: Mapping[str, Any], names: Names, whose: str) -> Plot:
    title, overall, spread = _titled(TITLES[figures["measure"]], whose), figures["overall"], figures["spread"]
    dots, rows = [], []
    for one in figures["dots"]:
        kind, word = _outside(one["chance"])
        name, adjusted = names.of(one["who"]), one["adjusted"]
        sentence = said(
            "{name}: {share} of {of}, adjusted for the mix; {where}",
            name=name,
            share=share(adjusted),
            of=one["of"],
            where=word,
        )
        dots.append(funnel.Dot(one["of"], adjusted, kind, sentence, ""))
        rows.append((name, f"{one['of']:,}", share(one["share"]), share(one["expected"]), share(adjusted), word))
    most = max(one["of"] for one in figures["dots"])
    rims = [
        [
            _rim(of, figures["centre"], confidence, spread)
            for of in sorted({max(most * n // STEPS, 1) for n in range(1, STEPS + 1)})
        ]
        for confidence in (WARNING, ALARM)
    ]
    note = said(
        "Each mark is an approver with at least 20 decisions, adjusted for what she was handed. Between the lines "
        "chance is explanation enough: 95 and 99.8 of 100 lie there when all are alike."
    )
    if spread > 1:
        wide = said("They are {spread} times as wide because people differ beyond chance.", spread=_hundredths(spread))
        note = joined([note, wide])
    out = sum(dot.kind == "bad" for dot in dots)
    return Plot(
        title=title,
        note=note,
        svg=funnel.draw(
            funnel.Funnel(
                name=said("{title}, by approver", title=title),
                description=said(
                    "{count} approvers; all together {share}; {out} outside the 99.8 % limits.",
                    count=len(dots),
                    share=share(overall),
                    out=out,
                ),
                caption=said("decisions"),
                centre=figures["centre"],
                dots=dots,
                inner=rims[0],
                outer=rims[1],
            )
        ),
        header=(
            said("Approver"),
            said("Decisions"),
            said("Share"),
            said("Expected of her mix"),
            said("Adjusted"),
            said("Where"),
        ),
        rows=rows,
    )


def _hundredths(number: float) -> str:
    whole, _, rest = f"{number:.2f}".partition(".")
    return said("{whole}.{tenth}", whole=whole, tenth=rest)


def _outside(chance: float) -> tuple[str, str]:
    for confidence, kind, word in ((ALARM, "bad", said("outside 99.8 %")), (WARNING, "warn", said("outside 95 %"))):
        if chance < 1 - confidence:
            return kind, word
    return "", said("within the limits")


def _rim(of: int, overall: float, confidence: float, spread: float) -> funnel.Rim:
    band = prediction_band(of, overall, confidence, spread)
    return funnel.Rim(of, band.low / of, band.high / of)


def _histogram(figures: Mapping[str, Any], _names: Names, whose: str) -> Plot:
    per_edge = 100 / (LIMIT * BINS_A_TENTH)
    bins, rows = [], []
    for one in figures["bins"]:
        edge, count = one["edge"], one["count"]
        words = said("{low} to {high} %", low=f"{edge * per_edge:.0f}", high=f"{(edge + 1) * per_edge:.0f}")
        is_band = HUGGED * BINS_A_TENTH <= edge < LIMIT * BINS_A_TENTH
        sentence = said("{range} of the limit: {count} requests", range=words, count=count)
        bins.append(
            histogram.Bin(edge * per_edge, (edge + 1) * per_edge, count, "vital" if is_band else "rest", sentence)
        )
        rows.append((words, f"{count:,}"))
    limit = Money(figures["limit_minor"], figures["currency"])
    title = _titled(said("Amounts around the limit of {limit}", limit=limit), whose)
    return Plot(
        title=title,
        note=said("A smooth slope is usual. A wall just left of the line, and a hole to the right of it, is not."),
        svg=histogram.draw(
            histogram.Histogram(
                name=title,
                description=said(
                    "{count} requests between 70 and 120 % of the limit, {under} of them in the last tenth under it.",
                    count=figures["of"],
                    under=figures["under"],
                ),
                caption=said("amount, as a share of the limit"),
                bins=bins,
                marked=100,
                marked_word=said("limit"),
                labels=[(10 * tenth, f"{10 * tenth} %") for tenth in range(FROM, TO + 1)],
            )
        ),
        header=(said("Amount"), said("Requests")),
        rows=rows,
    )


def _control(figures: Mapping[str, Any], _names: Names, whose: str) -> Plot:
    say = _value(figures["currency"])
    named = [(date.fromisoformat(one["week"]), one) for one in figures["weeks"]]
    weeks = [
        control.Week(
            value=one["value"],
            low=one["low"],
            high=one["high"],
            kind="bad" if one["is_out"] else "",
            word=day_and_month(week),
            sentence=said("Week of {day}: {value}", day=short_day(week), value=say(one["value"])),
        )
        for week, one in named
    ]
    out = sum(bool(week.kind) for week in weeks)
    title = _titled(_name_of(figures), whose)
    return Plot(
        title=title,
        note=said("Weeks between the limits are the usual up and down; asking why about one of them explains noise."),
        svg=control.draw(
            control.Control(
                name=said("{title}, by week", title=title),
                description=said(
                    "{count} weeks about {centre}; {out} beyond the limits.",
                    count=len(weeks),
                    centre=say(figures["centre"]),
                    out=out,
                ),
                centre=figures["centre"],
                weeks=weeks,
                say=_axis(figures["currency"]),
            )
        ),
        header=(said("Week of"), said("Value"), said_as("chart", "Limits")),
        rows=[
            (short_day(week), say(one["value"]), said("{low} to {high}", low=say(one["low"]), high=say(one["high"])))
            for week, one in named
        ],
    )


def _name_of(figures: Mapping[str, Any]) -> str:
    """Say in the reader's language what was kept in English."""
    if figures["currency"]:
        return money_granted(figures["currency"])
    return next((name for name, _ in SHARES.values() if name == figures["name"]), str(figures["name"]))


def _value(currency: str) -> Callable[[float], str]:
    """Say a share, or the money whose logarithm is charted."""
    return (lambda value: str(Money(round(exp(value)), currency))) if currency else share


def _axis(currency: str) -> Callable[[float], str]:
    """Say values briefly under an axis; shares are brief already."""
    if not currency:
        return lambda value: f"{100 * value:.0f} %"
    locale = reader_locale()
    return lambda value: short_money(Money(round(exp(value)), currency), locale)


DRAWN: dict[str, Callable[[Mapping[str, Any], Names, str], Plot]] = {
    "approvers": _funnel,
    "hugging": _histogram,
    "weeks": _control,
}
"""The kinds that have drawings."""
