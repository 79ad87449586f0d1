"""The figures that drawings are made from: plain numbers that can be kept, people as ids."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Any

from analytics.statistics.control import SIGMAS
from analytics.statistics.hugging import FROM, HUGGED, LIMIT, TO

from .approvers import MEASURES
from .limits import near
from .peers import peers
from .weeks import charts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .peers import Peer
    from .rows import Limit, Observed
    from .weeks import Series

BINS_A_TENTH = 2
FEWEST_NEAR = 20
MOST_HISTOGRAMS = 3
MOST_CONTROLS = 6


def figures_of(observed: Observed) -> dict[str, list[dict[str, Any]]]:
    """Put together the figures of every drawing, by the kind of pattern it belongs to."""
    return {"approvers": _funnels(observed), "hugging": _histograms(observed), "weeks": _controls(observed)}


def people_in(figures: Mapping[str, Sequence[Mapping[str, Any]]]) -> set[int]:
    """Name everybody who is drawn."""
    return {int(dot["who"]) for funnel in figures.get("approvers", ()) for dot in funnel["dots"]}


def _funnels(observed: Observed) -> list[dict[str, Any]]:
    found = []
    for name, (_, cases) in MEASURES.items():
        judged = peers(cases(observed))
        if judged:
            found.append(_funnel(name, judged))
    return found


def _funnel(name: str, judged: Sequence[Peer]) -> dict[str, Any]:
    overall = sum(peer.tally.count for peer in judged) / sum(peer.tally.of for peer in judged)
    centre = overall
    if judged[0].middle:
        centre = median(overall * peer.tally.count / peer.tally.expected for peer in judged if peer.tally.expected)
    return {
        "measure": name,
        "overall": overall,
        "centre": centre,
        "spread": judged[0].spread,
        "dots": [
            {
                "who": peer.who,
                "of": peer.tally.of,
                "share": peer.tally.share,
                "expected": peer.tally.expected_share,
                "adjusted": min(overall * peer.tally.count / peer.tally.expected, 1.0)
                if peer.tally.expected
                else overall,
                "chance": peer.chance_out,
            }
            for peer in sorted(judged, key=lambda one: -one.tally.of)
        ],
    }


def _histograms(observed: Observed) -> list[dict[str, Any]]:
    limits = sorted(observed.limits, key=lambda one: (-len(near(observed, one)), one))
    found = ((limit, [one.amount_minor for one in near(observed, limit)]) for limit in limits[:MOST_HISTOGRAMS])
    return [_histogram(limit, amounts) for limit, amounts in found if len(amounts) >= FEWEST_NEAR]


def _histogram(limit: Limit, amounts: Sequence[int]) -> dict[str, Any]:
    edges = range(FROM * BINS_A_TENTH, TO * BINS_A_TENTH)
    # A bin holds its upper edge, because an amount equal to the limit still passes.
    counts = dict.fromkeys(edges, 0)
    for amount in amounts:
        edge = -(-amount * LIMIT * BINS_A_TENTH // limit.minor) - 1
        counts[min(max(edge, edges[0]), edges[-1])] += 1
    return {
        "limit_minor": limit.minor,
        "currency": limit.currency,
        "of": len(amounts),
        "under": sum(counts[edge] for edge in range(HUGGED * BINS_A_TENTH, LIMIT * BINS_A_TENTH)),
        "bins": [{"edge": edge, "count": count} for edge, count in counts.items()],
    }


def _controls(observed: Observed) -> list[dict[str, Any]]:
    return [_control(series) for series in charts(observed)[:MOST_CONTROLS]]


def _control(series: Series) -> dict[str, Any]:
    return {
        "name": series.name,
        "currency": series.currency,
        "centre": series.points[0].centre,
        "weeks": [
            {
                "week": week.isoformat(),
                "value": point.value,
                "low": point.low,
                "high": point.high,
                "is_out": abs(point.score) > SIGMAS,
            }
            for week, point in zip(series.weeks, series.points, strict=True)
        ],
    }
