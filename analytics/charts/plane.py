"""A plane with two number axes: where a value lies on the drawing, its grid, and the drawing's own frame."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, log10
from typing import TYPE_CHECKING

from django.utils.html import format_html, format_html_join

from config.kernel.wording import told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from django.utils.safestring import SafeString

LEFT, RIGHT, TOP, BOTTOM = 50, 20, 24, 34
MOST_STEPS = 5


@dataclass(frozen=True, slots=True)
class Plane:
    """A form of a drawing, how large it is, and which values its axes span."""

    form: str
    width: int
    height: int
    x_least: float
    x_most: float
    y_least: float
    y_most: float

    def x(self, value: float) -> int:
        """Say where a value lies from the left."""
        span = (self.x_most - self.x_least) or 1
        return LEFT + round((self.width - LEFT - RIGHT) * (value - self.x_least) / span)

    def y(self, value: float) -> int:
        """Say where a value lies from the top; what is beyond an end lies on it."""
        span = (self.y_most - self.y_least) or 1
        held = min(max(value, self.y_least), self.y_most)
        return TOP + round((self.height - TOP - BOTTOM) * (1 - (held - self.y_least) / span))


def both_forms(axes: tuple[float, float, float, float], draw: Callable[[Plane], SafeString]) -> SafeString:
    """Draw the wide form and the narrow one; the stylesheet shows the one that fits."""
    planes = (Plane("wide", 520, 250, *axes), Plane("narrow", 340, 270, *axes))
    return format_html("{}{}", *(draw(plane) for plane in planes))


def framed(plane: Plane, name: str, description: str, parts: Iterable[SafeString]) -> SafeString:
    """Put the parts into a named and described drawing; its links stay links for a screen reader."""
    return format_html(
        '<svg class="chart {}" viewBox="0 0 {} {}" role="group" aria-label="{}"><desc>{}</desc>{}</svg>',
        *(plane.form, plane.width, plane.height, name, description),
        format_html_join("", "{}", ((part,) for part in parts)),
    )


def grid(plane: Plane, say_y: Callable[[float], str], labels: Iterable[tuple[float, str]], caption: str) -> SafeString:
    """Draw lines across at round values, words under the axis, and what the axis counts."""
    across = format_html_join(
        "",
        '<line class="gl" x1="{}" x2="{}" y1="{}" y2="{}"/><text class="ax" x="{}" y="{}" text-anchor="end">{}</text>',
        (
            (LEFT, plane.width - RIGHT, plane.y(value), plane.y(value), LEFT - 6, plane.y(value) + 4, say_y(value))
            for value in steps(plane.y_least, plane.y_most)
        ),
    )
    under = format_html_join(
        "",
        '<text class="ax" x="{}" y="{}" text-anchor="middle">{}</text>',
        ((plane.x(value), plane.height - BOTTOM + 15, word) for value, word in labels),
    )
    return format_html(
        '{}{}<text class="ax" x="{}" y="{}" text-anchor="end">{}</text>',
        *(across, under, plane.width - RIGHT, plane.height - 4, caption),
    )


def legend(entries: Iterable[tuple[str, str]]) -> SafeString:
    """Say in one row what a mark (a piece of drawing ten wide) means."""
    x, parts = 4, []
    for kind, word in entries:
        parts.append(format_html('{}<text class="ax" x="{}" y="12">{}</text>', sample(kind, x), x + 16, word))
        x += 16 + round(5.6 * len(told(word))) + 12
    return format_html_join("", "{}", ((part,) for part in parts))


def sample(kind: str, x: int) -> SafeString:
    """Draw what a legend explains: a line of a class, or a mark."""
    if kind.startswith(("lim", "ref", "line")):
        return format_html('<line class="{}" x1="{}" x2="{}" y1="8" y2="8"/>', kind, x, x + 12)
    return mark(kind, x + 6, 8)


def mark(kind: str, x: int, y: int) -> SafeString:
    """Draw a point: round where all is well, a diamond for a warning, a square for an alarm."""
    if kind == "bad":
        return format_html('<rect class="pt bad" x="{}" y="{}" width="9" height="9"/>', x - 4, y - 4)
    if kind == "warn":
        return format_html('<path class="pt warn" d="M{} {}l5 5l-5 5l-5 -5z"/>', x, y - 5)
    return format_html('<circle class="pt" cx="{}" cy="{}" r="4"/>', x, y)


def line(css: str, places: Iterable[tuple[int, int]]) -> SafeString:
    """Draw a line through these places."""
    return format_html('<polyline class="{}" points="{}"/>', css, " ".join(f"{x},{y}" for x, y in places))


def steps(least: float, most: float) -> list[float]:
    """List round values within a span, at most six."""
    span = (most - least) or 1.0
    step = 10.0 ** floor(log10(span / MOST_STEPS))
    while span / step > MOST_STEPS:
        step *= 2 if round(step / 10 ** floor(log10(step) + 1e-9)) != 2 else 2.5  # noqa: PLR2004 - 1, 2, 5, 10
    first = -int(-least // step)
    return [step * place for place in range(first, first + MOST_STEPS + 2) if step * place <= most + step * 1e-9]
