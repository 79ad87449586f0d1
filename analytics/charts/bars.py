"""Stacked bars of one currency over time: standing in a wide place, lying in a narrow one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from config.kernel.money import Money
from config.kernel.printing import reader_locale
from config.kernel.wording import told

from .scale import short_money, ticks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WIDTH, HEIGHT = 520, 210
LEFT, RIGHT, TOP, BOTTOM = 46, 8, 24, 20
NARROW_WIDTH = 340
ROW, BAR = 26, 16
NARROW_LEFT, NARROW_RIGHT = 52, 74
LEGEND_ROW, LEGEND_MARK, LETTER = 16, 15, 6
LABELS_THAT_FIT = 12
BESIDE = 10
ABOVE = 14
NOTHING = SafeString("")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a bar: what it stands for, how much, and the class that colours it."""

    label: str
    money: Money
    css: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its label, its pieces from below, a sentence for the pointer, and where it leads."""

    label: str
    parts: tuple[Part, ...]
    sentence: str
    href: str

    @property
    def minor(self) -> int:
        """The whole bar in minor units."""
        return sum(part.money.minor for part in self.parts)


@dataclass(frozen=True, slots=True)
class Note:
    """Something that happened at the place of a bar: a word to stand there, a sentence, and where it leads."""

    place: int
    word: str
    sentence: str
    href: str


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the drawing, in its units."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn: a name, a sentence that says the same in words, a legend of (class, word), the bars, the notes."""

    name: str
    description: str
    legend: tuple[tuple[str, str], ...]
    currency: str
    bars: tuple[Bar, ...]
    notes: tuple[Note, ...] = ()


def draw(chart: Chart) -> SafeString:
    """Draw both forms; the stylesheet shows the one that fits."""
    return format_html("{}{}", _standing(chart), _lying(chart))


def _standing(chart: Chart) -> SafeString:
    legend, top = _legend(chart, WIDTH)
    axis = _labelled(chart)
    left = max(LEFT, LETTER * max(len(label) for _, label in axis) + BESIDE)
    full_minor = axis[-1][0]
    tall, wide, count = HEIGHT - top - BOTTOM, WIDTH - left - RIGHT, len(chart.bars)
    marks = []
    for place, bar in enumerate(chart.bars):
        x, after = left + wide * place // count, left + wide * (place + 1) // count
        pace = after - x
        pieces = [
            (part, Box(x + pace // 7, top + tall - upper, pace - 2 * (pace // 7), max(upper - lower - (lower > 0), 1)))
            for part, lower, upper in _stacked(bar, tall, full_minor)
        ]
        label = format_html(
            '<text class="ax" x="{}" y="{}" text-anchor="middle">{}</text>', x + pace // 2, HEIGHT - 5, bar.label
        )
        marks.append(_mark(bar, Box(x, top, pace, tall), pieces, label if _is_labelled(place, count) else NOTHING))
    marks += [_flag(note, left + wide * note.place // count, top, tall) for note in chart.notes]
    return _svg(chart, "wide", Box(0, 0, WIDTH, HEIGHT), legend + _axis(axis, Box(left, top, wide, tall)), marks)


def _lying(chart: Chart) -> SafeString:
    legend, top = _legend(chart, NARROW_WIDTH)
    largest = max((bar.minor for bar in chart.bars), default=1) or 1
    room = NARROW_WIDTH - NARROW_LEFT - NARROW_RIGHT
    marks = []
    for place, bar in enumerate(chart.bars):
        y = top + ROW * place
        pieces = [
            (part, Box(NARROW_LEFT + lower, y + (ROW - BAR) // 2, max(upper - lower - (upper < room), 1), BAR))
            for part, lower, upper in _stacked(bar, room, largest)
        ]
        words = format_html(
            '<text class="ax" x="0" y="{}">{}</text><text class="lb" x="{}" y="{}" text-anchor="end">{}</text>',
            *(y + ROW // 2 + 4, bar.label, NARROW_WIDTH, y + ROW // 2 + 4, Money(bar.minor, chart.currency)),
        )
        marks.append(_mark(bar, Box(0, y, NARROW_WIDTH, ROW), pieces, words))
    marks += [_pennant(note, top + ROW * note.place) for note in chart.notes]
    return _svg(chart, "narrow", Box(0, 0, NARROW_WIDTH, top + ROW * len(chart.bars) + 4), legend, marks)


def _legend(chart: Chart, width: int) -> tuple[SafeString, int]:
    """Say which colour means what, in as many rows as it takes; and where the drawing below it begins."""
    x, row, placed = 0, 0, []
    for css, word in chart.legend:
        room = LEGEND_MARK + LETTER * len(told(word)) + LEGEND_MARK
        if x and x + room > width:
            x, row = 0, row + 1
        placed.append((css, x, 3 + LEGEND_ROW * row, x + LEGEND_MARK, 12 + LEGEND_ROW * row, word))
        x += room
    drawn = format_html_join(
        "", '<rect class="{}" x="{}" y="{}" width="10" height="10"/><text class="ax" x="{}" y="{}">{}</text>', placed
    )
    return drawn, TOP + LEGEND_ROW * row


def _stacked(bar: Bar, length: int, full_minor: int) -> Iterator[tuple[Part, int, int]]:
    """Say where each piece begins and ends, in whole units; what is too thin to see is left out."""
    begun = 0
    for part in bar.parts:
        lower, upper = length * begun // full_minor, length * (begun + part.money.minor) // full_minor
        begun += part.money.minor
        if upper > lower:
            yield part, lower, upper


def _labelled(chart: Chart) -> list[tuple[int, str]]:
    """List the marks of the axis with what is written beside them."""
    locale = reader_locale()
    found = ticks(max((bar.minor for bar in chart.bars), default=1))
    return [(tick, short_money(Money(tick, chart.currency), locale)) for tick in found]


def _axis(axis: Sequence[tuple[int, str]], field: Box) -> SafeString:
    full_minor = axis[-1][0]
    places = [(label, field.y + field.height - field.height * tick // full_minor) for tick, label in axis]
    return format_html_join(
        "",
        '<line class="gl" x1="{}" x2="{}" y1="{}" y2="{}"/><text class="ax" x="{}" y="{}" text-anchor="end">{}</text>',
        ((field.x, field.x + field.width, y, y, field.x - 6, y + 4, label) for label, y in places),
    )


def _mark(bar: Bar, hit: Box, pieces: Sequence[tuple[Part, Box]], words: SafeString) -> SafeString:
    drawn = format_html_join(
        "",
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}"><title>{}: {}</title></rect>',
        ((part.css, box.x, box.y, box.width, box.height, part.label, part.money) for part, box in pieces),
    )
    return format_html(
        '<a class="mark" href="{}"><title>{}</title><rect class="hit" x="{}" y="{}" width="{}" height="{}"/>{}{}</a>',
        *(bar.href, bar.sentence, hit.x, hit.y, hit.width, hit.height, drawn, words),
    )


def _flag(note: Note, x: int, top: int, tall: int) -> SafeString:
    return format_html(
        '<a class="mark" href="{}"><title>{}</title><line class="ref" x1="{}" x2="{}" y1="{}" y2="{}"/>'
        '<rect class="hit" x="{}" y="{}" width="24" height="{}"/>'
        # Above the drawing: a bar may stand where the line is.
        '<text class="lb" x="{}" y="{}" text-anchor="middle">{}</text></a>',
        *(note.href, note.sentence, x, x, top, top + tall),
        *(x - 12, top - ABOVE, tall + ABOVE, x, top - 3, note.word),
    )


def _pennant(note: Note, y: int) -> SafeString:
    return format_html(
        '<a class="mark" href="{}"><title>{}</title><line class="ref" x1="0" x2="{}" y1="{}" y2="{}"/>'
        '<rect class="hit" x="0" y="{}" width="{}" height="24"/></a>',
        *(note.href, note.sentence, NARROW_WIDTH, y, y, y - 12, NARROW_LEFT),
    )


def _svg(chart: Chart, form: str, size: Box, under: SafeString, marks: Sequence[SafeString]) -> SafeString:
    # Links inside an image would be lost to a screen reader, so it is a group with a name and a description.
    return format_html(
        '<svg class="chart {}" viewBox="0 0 {} {}" role="group" aria-label="{}"><desc>{}</desc>{}{}</svg>',
        *(form, size.width, size.height, chart.name, chart.description),
        *(under, format_html_join("", "{}", ((mark,) for mark in marks))),
    )


def _is_labelled(place: int, count: int) -> bool:
    # Every second label where all of them would touch, counted from the newest.
    return count <= LABELS_THAT_FIT or (count - 1 - place) % 2 == 0
