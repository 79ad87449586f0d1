"""The threshold matrix as the pages show it, from the engine itself."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from approvals.vocabulary import Category
from config.kernel.money import Money, minor_digits
from policies.engine.matrix import common_amounts_minor, matrix, threshold_outcome
from policies.engine.words import SEVERITY
from policies.vocabulary import Outcome

if TYPE_CHECKING:
    from policies.engine.document import PolicyDocument

ROUND_AMOUNTS = (25, 100, 500, 1_000, 10_000)
"""In whole units of the currency; each limit of the policy and the next unit above it stand between them."""


class Direction(StrEnum):
    """How an outcome changes."""

    STRICTER = "stricter"
    MILDER = "milder"


TONES = {
    Outcome.ALLOW: "allow",
    Outcome.REQUIRE_APPROVAL: "ask",
    Outcome.EXCEPTION: "exception",
    Outcome.BLOCK: "block",
}


def matrix_tables(document: PolicyDocument, against: PolicyDocument | None = None) -> list[dict[str, Any]]:
    """Draw a table for each currency; a cell whose outcome differs from `against` is marked."""
    documents = [document] if against is None else [document, against]
    currencies = sorted({code for one in documents for bands in one.thresholds.values() for code in bands})
    return [_table(document, against, currency) for currency in currencies]


def _table(document: PolicyDocument, against: PolicyDocument | None, currency: str) -> dict[str, Any]:
    amounts = {amount * 10 ** minor_digits(currency) for amount in ROUND_AMOUNTS}
    for one in (document, against):
        if one is not None:
            amounts |= set(common_amounts_minor(one, currency))
    columns = sorted(amounts)
    rows = []
    for row in matrix(document, currency, columns):
        cells = []
        for amount, outcome in zip(columns, row.outcomes, strict=True):
            before = None if against is None else threshold_outcome(against, row.category, currency, amount)
            cells.append(
                {
                    "label": Outcome(outcome).label,
                    "tone": TONES[Outcome(outcome)],
                    "before": Outcome(before).label if before is not None and before != outcome else "",
                    "direction": _direction(before, outcome),
                }
            )
        rows.append({"label": Category(row.category).label, "falls_back": row.falls_back, "cells": cells})
    return {"currency": currency, "columns": [Money(amount, currency) for amount in columns], "rows": rows}


def _direction(before: str | None, after: str) -> Direction | None:
    if before is None or before == after:
        return None
    return Direction.STRICTER if SEVERITY[after] > SEVERITY[before] else Direction.MILDER
