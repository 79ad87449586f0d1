"""From the rows of a look to its drawings, each with the figures it was drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from statistics import median
from typing import TYPE_CHECKING

from django.utils.translation import get_language, to_locale

from analytics.charts import control, funnel, histogram
from analytics.charts.scale import short_money
from analytics.statistics.control import SIGMAS
from analytics.statistics.funnel import ALARM, WARNING, prediction_band
from analytics.statistics.hugging import FROM, HUGGED, LIMIT, TO
from config.kernel.money import Money

from .approvers import MEASURES
from .limits import near
from .peers import peers
from .signals import share
from .weeks import charts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.utils.safestring import SafeString

    from .looking import Look
    from .peers import Peer
    from .rows import Limit
    from .weeks import Series

STEPS = 40
BINS_A_TENTH = 2
FEWEST_NEAR = 20
MOST_HISTOGRAMS = 3
MOST_CONTROLS = 6

TITLES = {"approved": "Share approved", "overridden": "Share of approvals above what the policy allowed"}


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing with its headline, how to read it, and the same as a table."""

    title: str
    note: str
    svg: SafeString
    header: Sequence[str]
    rows: Sequence[Sequence[str]]


def funnels(look: Look) -> list[Plot]:
    """Draw a funnel for each measure of approvers, where anybody has enough decisions."""
    found = []
    for name, (_, cases) in MEASURES.items():
        judged = peers(cases(look.observed))
        if judged:
            found.append(_funnel(TITLES[name], judged, look))
    return found


def _funnel(title: str, judged: Sequence[Peer], look: Look) -> Plot:
    overall = sum(peer.tally.count for peer in judged) / sum(peer.tally.of for peer in judged)
    centre = overall
    if judged[0].middle:
        centre = median(overall * peer.tally.count / peer.tally.expected for peer in judged if peer.tally.expected)
    dots, rows = [], []
    for peer in sorted(judged, key=lambda one: -one.tally.of):
        tally = peer.tally
        adjusted = min(overall * tally.count / tally.expected, 1.0) if tally.expected else overall
        kind, word = _outside(peer)
        name = look.names.of(peer.who)
        sentence = f"{name}: {share(adjusted)} of {tally.of}, adjusted for the mix; {word}"
        dots.append(funnel.Dot(tally.of, adjusted, kind, sentence, ""))
        rows.append((name, f"{tally.of:,}", share(tally.share), share(tally.expected_share), share(adjusted), word))
    most, spread = max(peer.tally.of for peer in judged), judged[0].spread
    rims = [
        [
            _rim(of, centre, confidence, spread)
            for of in sorted({max(most * n // STEPS, 1) for n in range(1, STEPS + 1)})
        ]
        for confidence in (WARNING, ALARM)
    ]
    widened = f" They are {spread:.2f} times as wide because people differ beyond chance." if spread > 1 else ""
    out = sum(kind == "bad" for kind in (dot.kind for dot in dots))
    return Plot(
        title=title,
        note="Each mark is an approver with at least 20 decisions, adjusted for what she was handed. Between the lines "
        f"chance is explanation enough: 95 and 99.8 of 100 lie there when all are alike.{widened}",
        svg=funnel.draw(
            funnel.Funnel(
                name=f"{title}, by approver",
                description=f"{len(dots)} approvers; all together {share(overall)}; {out} outside the 99.8 % limits.",
                caption="decisions",
                centre=centre,
                dots=dots,
                inner=rims[0],
                outer=rims[1],
            )
        ),
        header=("Approver", "Decisions", "Share", "Expected of her mix", "Adjusted", "Where"),
        rows=rows,
    )


def _outside(peer: Peer) -> tuple[str, str]:
    for confidence, kind, word in ((ALARM, "bad", "outside 99.8 %"), (WARNING, "warn", "outside 95 %")):
        if peer.chance_out < 1 - confidence:
            return kind, word
    return "", "within the limits"


def _rim(of: int, overall: float, confidence: float, spread: float) -> funnel.Rim:
    band = prediction_band(of, overall, confidence, spread)
    return funnel.Rim(of, band.low / of, band.high / of)


def histograms(look: Look) -> list[Plot]:
    """Draw how amounts fall around each limit that enough requests come near, the busiest first."""
    limits = sorted(set(look.observed.limits), key=lambda one: (-len(near(look.observed, one)), one))
    return [
        _histogram(look, limit) for limit in limits[:MOST_HISTOGRAMS] if len(near(look.observed, limit)) >= FEWEST_NEAR
    ]


def _histogram(look: Look, limit: Limit) -> Plot:
    amounts = [one.amount_minor for one in near(look.observed, limit)]
    edges = range(FROM * BINS_A_TENTH, TO * BINS_A_TENTH)
    # A bin holds its upper edge, because an amount equal to the limit still passes.
    counts = dict.fromkeys(edges, 0)
    for amount in amounts:
        edge = -(-amount * LIMIT * BINS_A_TENTH // limit.minor) - 1
        counts[min(max(edge, edges[0]), edges[-1])] += 1
    per_edge = 100 / (LIMIT * BINS_A_TENTH)
    bins, rows = [], []
    for edge, count in counts.items():
        words = f"{edge * per_edge:.0f} to {(edge + 1) * per_edge:.0f} %"
        is_band = HUGGED * BINS_A_TENTH <= edge < LIMIT * BINS_A_TENTH
        sentence = f"{words} of the limit: {count} requests"
        bins.append(
            histogram.Bin(edge * per_edge, (edge + 1) * per_edge, count, "vital" if is_band else "rest", sentence)
        )
        rows.append((words, f"{count:,}"))
    said = Money(limit.minor, limit.currency)
    under = sum(count for edge, count in counts.items() if HUGGED * BINS_A_TENTH <= edge < LIMIT * BINS_A_TENTH)
    return Plot(
        title=f"Amounts around the limit of {said}",
        note="A smooth slope is usual. A wall just left of the line, and a hole to the right of it, is not.",
        svg=histogram.draw(
            histogram.Histogram(
                name=f"Amounts around the limit of {said}",
                description=f"{len(amounts)} requests between 70 and 120 % of the limit, {under} of them in the last "
                "tenth under it.",
                caption="amount, as a share of the limit",
                bins=bins,
                marked=100,
                marked_word="limit",
                labels=[(10 * tenth, f"{10 * tenth} %") for tenth in range(FROM, TO + 1)],
            )
        ),
        header=("Amount", "Requests"),
        rows=rows,
    )


def controls(look: Look) -> list[Plot]:
    """Draw the control charts of the look, at most six."""
    return [_control(series) for series in charts(look.observed)[:MOST_CONTROLS]]


def _control(series: Series) -> Plot:
    weeks = [
        control.Week(
            value=point.value,
            low=point.low,
            high=point.high,
            kind="bad" if abs(point.score) > SIGMAS else "",
            word=f"{week:%-d %b}",
            sentence=f"Week of {week:%-d %b %Y}: {series.say(point.value)}",
        )
        for week, point in zip(series.weeks, series.points, strict=True)
    ]
    out = sum(bool(week.kind) for week in weeks)
    centre = series.points[0].centre
    return Plot(
        title=series.name,
        note="Weeks between the limits are the usual up and down; asking why about one of them explains noise.",
        svg=control.draw(
            control.Control(
                name=f"{series.name}, by week",
                description=f"{len(weeks)} weeks about {series.say(centre)}; {out} beyond the limits.",
                centre=centre,
                weeks=weeks,
                say=_axis(series),
            )
        ),
        header=("Week of", "Value", "Limits"),
        rows=[
            (f"{week:%-d %b %Y}", series.say(point.value), f"{series.say(point.low)} to {series.say(point.high)}")
            for week, point in zip(series.weeks, series.points, strict=True)
        ],
    )


def _axis(series: Series) -> Callable[[float], str]:
    """Say values briefly under an axis; shares are brief already."""
    if not series.currency:
        return lambda value: f"{100 * value:.0f} %"
    locale = to_locale(get_language() or "en-gb")
    return lambda value: short_money(Money(round(exp(value)), series.currency), locale)


PLOTS = {"approvers": funnels, "hugging": histograms, "weeks": controls}
"""The kinds that have drawings."""
