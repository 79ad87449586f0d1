"""How many fall into each of some bins, with one value marked across."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.html import format_html, format_html_join

from .plane import TOP, both_forms, framed, grid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.utils.safestring import SafeString

    from .plane import Plane


@dataclass(frozen=True, slots=True)
class Bin:
    """From where to where, how many, how it is coloured, and its sentence."""

    low: float
    high: float
    count: int
    css: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Histogram:
    """What is drawn: a name, the same in words, the bins, the marked value with its word, and the words of the axis."""

    name: str
    description: str
    caption: str
    bins: Sequence[Bin]
    marked: float
    marked_word: str
    labels: Sequence[tuple[float, str]]


def draw(histogram: Histogram) -> SafeString:
    """Draw both forms."""
    most = max((one.count for one in histogram.bins), default=0)
    axes = (histogram.bins[0].low, histogram.bins[-1].high, 0, max(most, 4) * 1.08)
    return both_forms(axes, lambda plane: _on(plane, histogram))


def _on(plane: Plane, histogram: Histogram) -> SafeString:
    base = plane.y(0)
    bars = format_html_join(
        "",
        '<g class="mark"><title>{}</title><rect class="{}" x="{}" y="{}" width="{}" height="{}"/></g>',
        (
            (
                one.sentence,
                one.css,
                plane.x(one.low) + 1,
                plane.y(one.count),
                max(plane.x(one.high) - plane.x(one.low) - 2, 1),
                base - plane.y(one.count),
            )
            for one in histogram.bins
        ),
    )
    x = plane.x(histogram.marked)
    marked = format_html(
        '<line class="lim2" x1="{}" x2="{}" y1="{}" y2="{}"/>'
        '<text class="lb" x="{}" y="{}" text-anchor="end">{}</text>',
        *(x, x, TOP - 10, base, x - 4, TOP - 8, histogram.marked_word),
    )
    ground = grid(plane, lambda value: f"{value:,.0f}", histogram.labels, histogram.caption)
    return framed(plane, histogram.name, histogram.description, [ground, bars, marked])
