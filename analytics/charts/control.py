"""A control chart: week after week, the middle, and the limits of a process that is what it was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.html import format_html

from config.kernel.wording import said, said_as

from .plane import both_forms, framed, grid, legend, line, mark

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.utils.safestring import SafeString

    from .plane import Plane


LABEL = 64
"""How much room the word of a week has."""


@dataclass(frozen=True, slots=True)
class Week:
    """One week: its value and limits, how it is marked (empty for not at all), its word and its sentence."""

    value: float
    low: float
    high: float
    kind: str
    word: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Control:
    """What is drawn: a name, the same in words, the middle, the weeks, and how a value is said."""

    name: str
    description: str
    centre: float
    weeks: Sequence[Week]
    say: Callable[[float], str]


def draw(control: Control) -> SafeString:
    """Draw both forms."""
    values = [value for week in control.weeks for value in (week.value, week.low, week.high)]
    room = (max(values) - min(values)) * 0.05 or 1.0
    axes = (-0.5, len(control.weeks) - 0.5, min(values) - (room if min(values) else 0), max(values) + room)
    return both_forms(axes, lambda plane: _on(plane, control))


def _on(plane: Plane, control: Control) -> SafeString:
    places = [(plane.x(place), week) for place, week in enumerate(control.weeks)]
    every = -(-len(places) // (plane.width // LABEL))
    labels = [(place, week.word) for place, week in enumerate(control.weeks) if place % every == every // 2]
    centre = format_html(
        '<line class="ref" x1="{}" x2="{}" y1="{}" y2="{}"/>',
        *(plane.x(-0.5), plane.x(plane.x_most), plane.y(control.centre), plane.y(control.centre)),
    )
    dots = [
        format_html(
            '<g class="mark"><title>{}</title><circle class="hit" cx="{}" cy="{}" r="8"/>{}</g>',
            *(week.sentence, x, plane.y(week.value), mark(week.kind, x, plane.y(week.value)) if week.kind else ""),
        )
        for x, week in places
    ]
    return framed(
        plane,
        control.name,
        control.description,
        [
            legend(
                [
                    ("ref", said_as("chart", "middle")),
                    ("lim2", said_as("chart", "limits")),
                    ("bad", said("beyond a limit")),
                ]
            ),
            grid(plane, control.say, labels, said("weeks")),
            centre,
            line("lim2", [(x, plane.y(week.high)) for x, week in places]),
            line("lim2", [(x, plane.y(week.low)) for x, week in places]),
            line("line1", [(x, plane.y(week.value)) for x, week in places]),
            *dots,
        ],
    )
