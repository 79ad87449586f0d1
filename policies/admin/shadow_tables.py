"""The figures of a shadow report as tables, every figure with the address of exactly its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from approvals.vocabulary import Category
from config.kernel.money import Money
from policies.agreement import Agreement, People
from policies.shadow_figures import Agreed, Tally, agreed_by_category, agreed_by_day, agreed_in, currencies_of, tallies

from .shadow_words import IN_FORCE, WOULD

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from policies.baselines.counting import PastCell
    from policies.shadow import Cell

    from .shadow_words import Addresses

ALL = "All"


class Figure(NamedTuple):
    """So many cases for so much, and where they are listed."""

    tally: Tally
    href: str


class Row(NamedTuple):
    """A label and a figure for each column; None where there is no case."""

    label: str
    figures: tuple[Figure | None, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Figures of one currency."""

    currency: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


class Rated(NamedTuple):
    """How verdicts and people went together on some cases, each count with the address of its rows."""

    label: str
    agreed: Agreed
    counts: tuple[tuple[int, str], ...]


def would_tables(cells: Sequence[Cell], to: Addresses) -> list[Table]:
    """Lay out category by verdict."""
    named = {category.value: category.label for category in Category}
    return _tables(cells, ("category", named), ("outcome", WOULD), to)


def reason_tables(cells: Sequence[PastCell], to: Addresses) -> list[Table]:
    """Lay out reason by verdict."""
    named = {word: word.replace("_", " ").capitalize() for word in sorted({cell.reason for cell in cells})}
    return _tables(cells, ("reason", named), ("outcome", WOULD), to)


def people_tables(cells: Sequence[Cell], to: Addresses) -> list[Table]:
    """Lay out verdict by what people did."""
    return _tables(cells, ("outcome", WOULD), ("people", {one.value: one.label for one in People}), to)


def in_force_tables(cells: Sequence[Cell], to: Addresses) -> list[Table]:
    """Lay out what the version in force said by what the one in shadow says."""
    return _tables(cells, ("in_force", IN_FORCE), ("outcome", WOULD), to)


def category_rates(cells: Sequence[Cell], to: Addresses) -> list[Rated]:
    """Rate each category, and all together."""
    rates = [
        _rated(Category(category).label, agreed, to, category=category)
        for category, agreed in agreed_by_category(cells).items()
    ]
    return [*rates, _rated(ALL, agreed_in(cells), to)]


def day_rates(cells: Sequence[Cell], to: Addresses) -> list[Rated]:
    """Rate each day, newest first."""
    return [
        _rated(f"{day.day:%d %b %Y}", day.agreed, to, day=day.day.isoformat()) for day in reversed(agreed_by_day(cells))
    ]


def _tables(
    cells: Sequence[Cell], down: tuple[str, Mapping[str, str]], across: tuple[str, Mapping[str, str]], to: Addresses
) -> list[Table]:
    return [_table(cells, currency, down, across, to) for currency in currencies_of(cells)]


def _table(
    cells: Sequence[Cell],
    currency: str,
    down: tuple[str, Mapping[str, str]],
    across: tuple[str, Mapping[str, str]],
    to: Addresses,
) -> Table:
    (row_word, row_names), (column_word, column_names) = down, across
    columns = [word for word in column_names if word]
    found = tallies(cells, currency, lambda cell: (getattr(cell, row_word), getattr(cell, column_word)))
    totals = tallies(cells, currency, lambda cell: ("", getattr(cell, column_word)))

    def row(label: str, tally_of: Callable[[str], Tally | None], **words: str) -> Row:
        shown = [
            None
            if (tally := tally_of(column)) is None
            else Figure(tally, to.of(currency=currency, **words, **{column_word: column}))
            for column in columns
        ]
        whole = _sum([figure.tally for figure in shown if figure is not None], currency)
        return Row(label, (*shown, Figure(whole, to.of(currency=currency, **words))))

    rows = [
        row(name, lambda column, word=word: found.get((word, column)), **{row_word: word})  # type: ignore[misc]
        for word, name in row_names.items()
        if any(key == word for key, _ in found)
    ]
    total = row(ALL, lambda column: totals.get(("", column)))
    return Table(currency, (*(column_names[word] for word in columns), ALL), (*rows, total))


def _sum(parts: Sequence[Tally], currency: str) -> Tally:
    return Tally(sum(part.count for part in parts), sum((part.money for part in parts), Money(0, currency)))


def _rated(label: str, agreed: Agreed, to: Addresses, **words: str) -> Rated:
    counts = tuple((getattr(agreed, name), to.of(agreement=name, **words)) for name in Agreement.values)
    return Rated(label, agreed, counts)
