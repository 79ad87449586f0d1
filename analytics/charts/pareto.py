"""Bars from the longest to the shortest, with the running share and the line at 80 %."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.html import format_html, format_html_join

from config.kernel.wording import joined, said, told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.utils.safestring import SafeString

WIDE, NARROW = 520, 340
ROW, BAR, TOP = 38, 12, 18
LABEL_BELOW, SHARES = 15, 46
VITAL_PERCENT = 80
LETTER, DIGIT, NUMBERS = 6, 8, 110
"""How wide a letter of a label and a digit of an amount are, and what is kept free beside a label for the amount."""


@dataclass(frozen=True, slots=True)
class ParetoBar:
    """One cause: its name, its weight as a whole number and as printed, and where it leads."""

    label: str
    weight: int
    said: str
    href: str


def draw_pareto(bars: Sequence[ParetoBar], *, name: str) -> SafeString:
    """Draw both forms; the stylesheet shows the one that fits. Causes that make up the first 80 % are dark."""
    return format_html("{}{}", _drawn(bars, name, "wide", WIDE), _drawn(bars, name, "narrow", NARROW))


def _drawn(bars: Sequence[ParetoBar], name: str, form: str, width: int) -> SafeString:
    ordered = sorted((bar for bar in bars if bar.weight > 0), key=lambda bar: (-bar.weight, bar.label))
    # Neither a bar nor the line runs through the amounts at the right edge.
    longest = max((len(bar.said) for bar in ordered), default=0)
    whole, room, before = sum(bar.weight for bar in ordered) or 1, width - max(SHARES, DIGIT * longest), 0
    marks, points = [], []
    for place, bar in enumerate(ordered):
        upto, y = before + bar.weight, TOP + ROW * place
        points.append(f"{room * upto // whole},{y + LABEL_BELOW + BAR // 2}")
        # Whatever begins below the line belongs to what crosses it.
        css = "vital" if before * 100 < whole * VITAL_PERCENT else "rest"
        marks.append(_mark(bar, y, width, max(room * bar.weight // whole, 1), css, f"{_percent(upto, whole)} %"))
        before = upto
    x, height = room * VITAL_PERCENT // 100, TOP + ROW * len(ordered) + 4
    return format_html(
        '<svg class="chart {}" viewBox="0 0 {} {}" role="group" aria-label="{}"><desc>{}</desc>'
        '<line class="ref" x1="{}" x2="{}" y1="{}" y2="{}"/><text class="ax" x="{}" y="11" text-anchor="middle">80 %'
        '</text>{}<polyline class="line2" points="{}"/></svg>',
        *(
            form,
            width,
            height,
            name,
            joined([said("{label}: {amount}", label=bar.label, amount=bar.said) for bar in ordered], "; "),
        ),
        *(x, x, TOP - 3, height, x, format_html_join("", "{}", ((mark,) for mark in marks)), " ".join(points)),
    )


def _mark(bar: ParetoBar, y: int, width: int, length: int, css: str, running: str) -> SafeString:
    longest = (width - NUMBERS) // LETTER
    label = told(bar.label)
    label = label if len(label) <= longest else f"{label[: longest - 1]}…"
    title = said("{label}: {amount}, running share {share}", label=bar.label, amount=bar.said, share=running)
    return format_html(
        '<a class="mark" href="{}"><title>{}</title>'
        '<rect class="hit" x="0" y="{}" width="{}" height="{}"/><text class="ax" x="0" y="{}">{}</text>'
        '<text class="lb" x="{}" y="{}" text-anchor="end">{}</text>'
        '<rect class="{}" x="0" y="{}" width="{}" height="{}"/>'
        '<text class="ax" x="{}" y="{}" text-anchor="end">{}</text></a>',
        *(bar.href, title, y, width, ROW, y + 11, label, width, y + 11, bar.said),
        *(css, y + LABEL_BELOW, length, BAR, width, y + LABEL_BELOW + 11, running),
    )


def _percent(part: int, whole: int) -> int:
    return (200 * part + whole) // (2 * whole)
