"""What has been seen so far of one file: a bounded memory, however many lines there are."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING

from config.kernel.csv_out import looks_like_formula
from refunds.reconciliation.report import MOST_PROBLEMS_SHOWN, Balance, BrokenReport, Problem, Summary

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from refunds.reconciliation.report import ReportLine

MOST_CELLS_NAMED = 5
_DIGEST_BYTES = 8
"""Ids are remembered by eight bytes of their hash; two of a million meet by chance in one file of 40 million."""


class Reading:
    """One pass over one file."""

    def __init__(self, name: str) -> None:
        """Begin with nothing seen."""
        self.name = name
        self.problems: list[Problem] = []
        self.problem_count = 0
        self.line_count = 0
        self.net_minor: Counter[str] = Counter()
        self.from_at: datetime | None = None
        self.to_at: datetime | None = None
        self.balances: list[Balance] = []
        self.unknown: Counter[str] = Counter()
        self._warnings: list[str] = []
        self._formula_count = 0
        self._formula_cells: list[str] = []
        self._first_seen: dict[bytes, int] = {}
        self._same: Counter[bytes] = Counter()

    def refuse(self, line: int, sentence: str) -> None:
        """Remember why this file is not believed."""
        self.problem_count += 1
        if len(self.problems) < MOST_PROBLEMS_SHOWN:
            self.problems.append(Problem(line, sentence))

    def warn(self, sentence: str) -> None:
        """Remember what a reader should know of a file that is believed."""
        self._warnings.append(sentence)

    def told_apart(self, row: Sequence[str]) -> str:
        """Name a line by all it says and which of several that say the same."""
        digest = hashlib.sha256("\x1f".join(cell.strip() for cell in row).encode()).digest()[:16]
        self._same[digest[:_DIGEST_BYTES]] += 1
        return f"{digest.hex()}:{self._same[digest[:_DIGEST_BYTES]]}"

    def see(self, line: ReportLine, cells: Mapping[str, str], amounts: Collection[str]) -> None:
        """Add one line to the sums, unless its id was there before."""
        name = hashlib.blake2b(line.external_id.encode(), digest_size=_DIGEST_BYTES).digest()
        seen_at = self._first_seen.setdefault(name, line.number)
        if seen_at != line.number:
            self.refuse(line.number, f"{line.external_id} is already on line {seen_at}; a transaction happens once.")
            return
        self.line_count += 1
        self.net_minor[line.currency] += line.net_minor
        self.from_at = min(self.from_at or line.booked_at, line.booked_at)
        self.to_at = max(self.to_at or line.booked_at, line.booked_at)
        for column, cell in cells.items():
            if column not in amounts and looks_like_formula(cell):
                self._formula_count += 1
                if len(self._formula_cells) < MOST_CELLS_NAMED:
                    self._formula_cells.append(f"line {line.number}, {column}")

    def summary(self) -> Summary:
        """Say what the file is.

        :raises BrokenReport: with every problem
        """
        if not self.problems and not self.line_count:
            self.refuse(0, "The file has a header and no lines.")
        if self.problems or self.from_at is None or self.to_at is None:
            raise BrokenReport(self.problems, total=self.problem_count)
        if self._formula_count:
            where = "; ".join(self._formula_cells)
            self.warn(f"{self._formula_count} cells look like formulas ({where}). They were kept as plain text.")
        return Summary(
            format=self.name,
            line_count=self.line_count,
            net_minor=dict(self.net_minor),
            from_at=self.from_at,
            to_at=self.to_at,
            warnings=tuple(self._warnings),
            balances=tuple(self.balances),
        )
