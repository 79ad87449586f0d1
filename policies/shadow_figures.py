"""The figures of a shadow report, added up from its cells; money is never added up across currencies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from config.kernel.money import Money

from .agreement import Agreement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date

    from .shadow import Cell


@dataclass(frozen=True, slots=True)
class Tally:
    """So many cases, for so much of one currency."""

    count: int
    money: Money


class Agreed(NamedTuple):
    """How many cases agree, agree in part and disagree; and those that are counted apart."""

    agrees: int = 0
    in_part: int = 0
    disagrees: int = 0
    undecided: int = 0
    no_claim: int = 0

    @property
    def decided(self) -> int:
        """How many the rate is about."""
        return self.agrees + self.in_part + self.disagrees

    @property
    def rate_tenths(self) -> int | None:
        """The agreement rate in tenths of a percent, rounded to the nearest; None when there is nothing to rate."""
        return (2_000 * self.agrees + self.decided) // (2 * self.decided) if self.decided else None

    @property
    def rate(self) -> str:
        """The rate with one decimal: 83.3; empty when there is nothing to rate."""
        tenths = self.rate_tenths
        return "" if tenths is None else f"{tenths // 10}.{tenths % 10}"


@dataclass(frozen=True, slots=True)
class Day:
    """One day and how verdicts and people went together on the cases judged that day."""

    day: date
    agreed: Agreed


def currencies_of(cells: Iterable[Cell]) -> list[str]:
    """List the currencies there are figures for."""
    return sorted({cell.currency for cell in cells})


def tallies(
    cells: Iterable[Cell], currency: str, by: Callable[[Cell], tuple[str, str]]
) -> dict[tuple[str, str], Tally]:
    """Add up the cells of one currency by two words of theirs: a row and a column."""
    found: dict[tuple[str, str], Tally] = {}
    for cell in cells:
        if cell.currency == currency:
            before = found.get(by(cell), Tally(0, Money(0, currency)))
            found[by(cell)] = Tally(before.count + cell.count, before.money + Money(cell.minor, currency))
    return found


def agreed_in(cells: Iterable[Cell]) -> Agreed:
    """Count how verdicts and people went together: cases, so every currency may take part."""
    counted = dict.fromkeys(Agreement.values, 0)
    for cell in cells:
        counted[cell.agreement] += cell.count
    return Agreed(**counted)


def agreed_by_category(cells: Sequence[Cell]) -> dict[str, Agreed]:
    """Count the same for each category there are cases of."""
    categories = sorted({cell.category for cell in cells})
    return {category: agreed_in(cell for cell in cells if cell.category == category) for category in categories}


def agreed_by_day(cells: Sequence[Cell]) -> list[Day]:
    """Count the same for each day there are cases of, oldest first."""
    by_day: dict[date, list[Cell]] = {}
    for cell in cells:
        by_day.setdefault(cell.day, []).append(cell)
    return [Day(day, agreed_in(of_the_day)) for day, of_the_day in sorted(by_day.items())]
