"""Two versions beside each other: rule by rule with the words that differ, and the cells that change."""

from __future__ import annotations

import re
from collections import Counter
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, NamedTuple

from policies.engine.describe import describe
from policies.engine.difference import Change, difference
from policies.engine.document import parse_document

from .tables import Direction, matrix_tables

if TYPE_CHECKING:
    from policies.models import PolicyVersion

_WORD = re.compile(r"\S+\s*")


class Part(NamedTuple):
    """A run of words, and whether the other sentence has others in its place."""

    words: str
    is_other: bool


class Beside(NamedTuple):
    """A rule before and after, in runs of words; empty where there was, or is, no such rule."""

    before: list[Part]
    after: list[Part]


def compared(version: PolicyVersion, other: PolicyVersion | None) -> dict[str, Any]:
    """Say what a version changes against another one; without another, say all of it."""
    document = parse_document(version.document)
    if other is None:
        return {"other": None, "sentences": describe(document), "tables": matrix_tables(document)}
    old = parse_document(other.document)
    tables = matrix_tables(document, old)
    return {
        "other": other,
        "changes": [beside(change) for change in difference(old, document)],
        "tables": tables,
        "cells": cells_that_change(tables),
    }


def cells_that_change(tables: list[dict[str, Any]]) -> str:
    """Count the cells whose outcome is another one, and in which direction."""
    counts = Counter(
        cell["direction"] for table in tables for row in table["rows"] for cell in row["cells"] if cell["direction"]
    )
    if not counts:
        return "No amount has another outcome by its thresholds alone."
    said = [f"{counts[direction]} {direction}" for direction in Direction if counts[direction]]
    total = counts.total()
    return f"{total} {'cell has' if total == 1 else 'cells have'} another outcome: {', '.join(said)}."


def beside(change: Change) -> Beside:
    """Find the words in which two sentences about one rule differ."""
    if not change.before or not change.after:
        return Beside(*[[Part(sentence, is_other=True)] if sentence else [] for sentence in change])
    before, after = _WORD.findall(change.before), _WORD.findall(change.after)
    left, right = [], []
    for tag, i, j, k, m in SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes():
        left += [Part("".join(before[i:j]), tag != "equal")] if j > i else []
        right += [Part("".join(after[k:m]), tag != "equal")] if m > k else []
    return Beside(left, right)
