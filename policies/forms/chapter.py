"""A chapter of the draft: its fields, how they stand on the page, and the part of the document they write."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.forms import Field


@dataclass(frozen=True)
class Row:
    """A line of a grid: its head, and the names of the fields of each cell. A grey cell falls back to another row."""

    label: str
    cells: Sequence[Sequence[str]]
    falls_back: str = ""


@dataclass(frozen=True)
class Grid:
    """Rows that ask the same questions."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Row]


@dataclass
class Chapter:
    """What one page section asks, and what it answers."""

    title: str
    hint: str = ""
    fields: dict[str, Field] = field(default_factory=dict)
    plain: list[str] = field(default_factory=list)
    grids: list[Grid] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)
    """Where a path of the document stands on the page, when no field carries its name."""

    def check(self, answers: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Name fields that contradict each other, with a sentence."""
        del answers
        return []

    def write(self, answers: Mapping[str, Any], document: dict[str, Any]) -> None:
        """Add this chapter to the document, from the cleaned answers."""
        raise NotImplementedError

    def add(self, name: str, asked: Field) -> str:
        """Ask one more question; answers its name."""
        self.fields[name] = asked
        return name


def without_blanks(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Keep what was answered."""
    return {key: value for key, value in answers.items() if value is not None}
