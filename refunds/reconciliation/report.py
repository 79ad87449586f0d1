"""What a statement file says, whatever its format: lines in minor units, sums per currency, or why it is refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

MOST_PROBLEMS_SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLine:
    """One line as the processor wrote it, in ISO minor units, `net = gross - fee`, `number` counts file lines."""

    number: int
    external_id: str
    category: str
    source_id: str
    operation_ref: str
    payment_ref: str
    booked_at: datetime
    gross_minor: int
    fee_minor: int
    net_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a file is refused: the line (0 for the whole file) and a sentence."""

    line: int
    sentence: str

    def __str__(self) -> str:
        return f"Line {self.line}: {self.sentence}" if self.line else self.sentence


class BrokenReport(Exception):
    """A file that is refused whole; nothing of it may be stored."""

    def __init__(self, problems: list[Problem], *, total: int | None = None) -> None:
        """Keep every problem found; `total` counts those that are not listed."""
        super().__init__(str(problems[0]))
        self.problems = problems
        self.total = total or len(problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A file that holds together: its lines, their range and sums, and what a reader should know about it."""

    format: str
    lines: tuple[ReportLine, ...]
    net_minor: Mapping[str, int]
    warnings: tuple[str, ...] = field(default=())

    @property
    def currencies(self) -> tuple[str, ...]:
        """The currencies in it, in alphabetical order."""
        return tuple(sorted(self.net_minor))

    @property
    def from_at(self) -> datetime:
        """When its earliest line was booked."""
        return min(line.booked_at for line in self.lines)

    @property
    def to_at(self) -> datetime:
        """When its latest line was booked."""
        return max(line.booked_at for line in self.lines)
