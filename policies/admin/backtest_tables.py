"""What came of a backtest as tables people read: outcomes, money that moves, signatures, facts nobody recorded."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.http import urlencode

from config.kernel.money import Money
from policies.simulation.tally import MOVES
from policies.templatetags.policy_words import rule_name
from policies.vocabulary import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

ALL = "All"


class Figure(NamedTuple):
    """So many decisions for so much; `href` lists them when they would flip."""

    cases: int
    money: Money
    href: str = ""


class Row(NamedTuple):
    """A label and a figure for each column; None where there is no decision."""

    label: str
    figures: list[Figure | None]


class Table(NamedTuple):
    """Figures of one currency."""

    currency: str
    columns: list[str]
    rows: list[Row]


def outcome_tables(result: dict[str, Any]) -> list[Table]:
    """Lay out old outcome by new outcome, a table for each currency."""
    return [_outcomes(currency, result["cells"]) for currency in _currencies(result)]


def moved_table(result: dict[str, Any]) -> list[Row]:
    """Lay out what would go another way, a row for each currency."""
    return [
        Row(part["currency"], [_moved(part["currency"], outcome, part[words]) for words, outcome in MOVES.items()])
        for part in result["moved"]
    ]


def unknown_words(result: dict[str, Any]) -> list[tuple[str, int]]:
    """Name what was not recorded: `velocity.customer.30` reads `Velocity, customer, 30 days`."""
    return [(_spoken(rule), rows) for rule, rows in result["unknown"].items()]


def _outcomes(currency: str, cells: Iterable[dict[str, Any]]) -> Table:
    counts: Counter[tuple[str, str]] = Counter()
    amounts_minor: Counter[tuple[str, str]] = Counter()
    for cell in cells:
        if cell["currency"] == currency:
            for place in _places(cell["old"], cell["new"]):
                counts[place] += cell["count"]
                amounts_minor[place] += cell["amount_minor"]
    sides = [*Outcome.values, ALL]

    def figure(old: str, new: str) -> Figure | None:
        if not counts[old, new]:
            return None
        flips = old != new and ALL not in {old, new}
        href = _listed(old=old, new=new, currency=currency) if flips else ""
        return Figure(counts[old, new], Money(amounts_minor[old, new], currency), href)

    rows = [Row(_label(old), [figure(old, new) for new in sides]) for old in sides]
    return Table(currency, [_label(new) for new in sides], rows)


def _places(old: str, new: str) -> list[tuple[str, str]]:
    return [(old, new), (old, ALL), (ALL, new), (ALL, ALL)]


def _moved(currency: str, outcome: str, part: dict[str, int]) -> Figure | None:
    if not part["count"]:
        return None
    href = _listed(new=str(outcome), currency=currency)
    return Figure(part["count"], Money(part["amount_minor"], currency), href)


def _currencies(result: dict[str, Any]) -> list[str]:
    return sorted({cell["currency"] for cell in result["cells"]})


def _label(side: str) -> str:
    return Outcome(side).label if side in Outcome.values else side


def _listed(**cell: str) -> str:
    return f"?{urlencode(cell)}#flips"


def _spoken(rule: str) -> str:
    name, *rest = rule.split(".")
    return ", ".join([rule_name(name), *[f"{word} days" if word.isdecimal() else word for word in rest]])
