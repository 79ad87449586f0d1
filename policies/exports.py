"""A version as spreadsheets: its rules in words, and its thresholds at common amounts."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from approvals.vocabulary import Category
from config.kernel.csv_out import csv_lines
from config.kernel.money import Money

from .engine.describe import chapters
from .engine.document import parse_document
from .engine.matrix import common_amounts_minor, matrix
from .version_logs import canonical
from .vocabulary import Outcome, VersionState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from config.kernel.csv_out import Cell

    from .models import PolicyVersion


def rules_csv(version: PolicyVersion, at: datetime) -> Iterator[str]:
    """Write every rule of a version: its chapter, what it is about, what it says, and the sentence as a whole."""
    rows: list[list[Cell]] = [["Chapter", "Rule", "Value", "Sentence"]]
    for chapter, sentences in chapters(parse_document(version.document)):
        for sentence in sentences:
            rule, _, value = sentence.rstrip(".").partition(": ")
            rows.append([chapter, rule, value, sentence])
    return csv_lines(_HEADER, [*_head(version, at), *rows])


def matrix_csv(version: PolicyVersion, at: datetime) -> Iterator[str]:
    """Write what the thresholds of a version say at each limit, and one minor unit above it."""
    document = parse_document(version.document)
    rows: list[list[Cell]] = [["Currency", "Category", "Bands", "Amount", "Outcome"]]
    for currency in sorted({code for bands in document.thresholds.values() for code in bands}):
        amounts = common_amounts_minor(document, currency)
        for row in matrix(document, currency, amounts):
            bands = "as all others" if row.falls_back else "its own"
            rows += [
                [currency, Category(row.category).label, bands, Money(minor, currency).major, Outcome(outcome).label]
                for minor, outcome in zip(amounts, row.outcomes, strict=True)
            ]
    rows.append(
        ["Note", "A real decision may be stricter: windows, conditions, evidence and disputes are checked too."]
    )
    return csv_lines(_HEADER, [*_head(version, at), *rows])


_HEADER = ["About this file", ""]


def _head(version: PolicyVersion, at: datetime) -> list[list[Cell]]:
    return [
        ["Policy", version.policy.title],
        ["Version", version.number],
        ["State", VersionState(version.state).label],
        ["Written on", at.isoformat(timespec="seconds")],
        ["SHA-256 of the rules", hashlib.sha256(canonical(version.document)).hexdigest()],
        [],
    ]
