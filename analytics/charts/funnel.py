"""A funnel plot: a share against how many it was counted from, and the limits that chance alone keeps to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.html import format_html

from config.kernel.wording import said, said_as

from .plane import both_forms, framed, grid, legend, line, mark, steps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.utils.safestring import SafeString

    from .plane import Plane


@dataclass(frozen=True, slots=True)
class Dot:
    """One of those compared: how many, which share, how it is marked, its sentence, its rows if they may be seen."""

    of: int
    share: float
    kind: str
    sentence: str
    href: str


@dataclass(frozen=True, slots=True)
class Rim:
    """The shares between which chance keeps, at one number of cases."""

    of: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Funnel:
    """What is drawn: a name, the same in words, the share of all together, the dots, the inner and the outer rim."""

    name: str
    description: str
    caption: str
    centre: float
    dots: Sequence[Dot]
    inner: Sequence[Rim]
    outer: Sequence[Rim]


def draw(funnel: Funnel) -> SafeString:
    """Draw both forms."""
    shares = [dot.share for dot in funnel.dots] + [funnel.centre]
    # The rims are wide open at the left; what matters lies from a third of the way.
    later = funnel.outer[len(funnel.outer) // 6 :]
    low = min([*shares, *(rim.low for rim in later)])
    high = max([*shares, *(rim.high for rim in later)])
    room = (high - low) * 0.08 or 0.05
    axes = (0, max(dot.of for dot in funnel.dots) * 1.05, max(low - room, 0.0), min(high + room, 1.0))
    return both_forms(axes, lambda plane: _on(plane, funnel))


def _on(plane: Plane, funnel: Funnel) -> SafeString:
    labels = [(value, f"{value:,.0f}") for value in steps(0, plane.x_most)]
    centre = format_html(
        '<line class="ref" x1="{}" x2="{}" y1="{}" y2="{}"/>',
        *(plane.x(0), plane.x(plane.x_most), plane.y(funnel.centre), plane.y(funnel.centre)),
    )
    rims = [
        line(css, [(plane.x(rim.of), plane.y(side)) for rim, side in zip(rims, sides, strict=True)])
        for css, rims in (("lim1", funnel.inner), ("lim2", funnel.outer))
        for sides in ([rim.low for rim in rims], [rim.high for rim in rims])
    ]
    words = [
        ("ref", said_as("chart", "all")),
        ("lim1", "95 %"),
        ("lim2", "99.8 %"),
        ("warn", said("outside 95")),
        ("bad", said("outside 99.8")),
    ]
    return framed(
        plane,
        funnel.name,
        funnel.description,
        [
            legend(words),
            grid(plane, lambda value: f"{100 * value:.0f} %", labels, funnel.caption),
            centre,
            *rims,
            *(_dot(plane, dot) for dot in funnel.dots),
        ],
    )


def _dot(plane: Plane, dot: Dot) -> SafeString:
    x, y = plane.x(dot.of), plane.y(dot.share)
    drawn = format_html(
        '<title>{}</title><circle class="hit" cx="{}" cy="{}" r="12"/>{}', dot.sentence, x, y, mark(dot.kind, x, y)
    )
    if not dot.href:
        return format_html('<g class="mark">{}</g>', drawn)
    return format_html('<a class="mark" href="{}">{}</a>', dot.href, drawn)
