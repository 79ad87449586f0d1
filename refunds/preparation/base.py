"""What a finder gets, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .case import Case

MOST_SOURCES = 8
"""Records named beside one sentence; the sentence counts them all."""


class Tone(StrEnum):
    """How a sentence is meant: as expected, worth a look, or nothing is known."""

    FINE = "fine"
    LOOK = "look"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a sentence comes from: which record, which field of it, and its page, empty where it has none."""

    record: str
    field: str
    page: str = ""


@dataclass(frozen=True, slots=True)
class PreparedFinding:
    """One sentence about the case, with what it rests on."""

    finder: str
    tone: Tone
    sentence: str
    sources: tuple[Source, ...]

    def to_json(self) -> dict[str, Any]:
        """Write it as the record keeps it and the API shows it."""
        return {
            "finder": self.finder,
            "tone": self.tone.value,
            "sentence": self.sentence,
            "sources": [
                {"record": source.record, "field": source.field, "page": source.page} for source in self.sources
            ],
        }

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> PreparedFinding:
        """Read it from the record."""
        return cls(
            finder=kept["finder"],
            tone=Tone(kept["tone"]),
            sentence=kept["sentence"],
            sources=tuple(Source(**source) for source in kept["sources"]),
        )


class Finder(Protocol):
    """Looks at one side of a case. It asks the database nothing: the case holds all it may see."""

    name: str

    def look(self, case: Case) -> Iterator[PreparedFinding]:
        """Say what there is to say, in sentences without names, addresses or words of the customer."""
