"""The columns in which general ledgers take journals over, one row a line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from .vocabulary import EntryKind, ExportFormat

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from config.kernel.csv_out import Cell
    from refunds.models import GLExport, JournalLine

TAX_RATE: Final = "Tax Exempt"
"""Refunds carry their tax in the sales they undo; a journal of ours moves none."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A header, and how a line is told under it; the third argument names each code."""

    header: Sequence[str]
    row: Callable[[GLExport, JournalLine, Mapping[str, str]], Sequence[Cell]]


def _number(line: JournalLine) -> str:
    return f"RD-{line.entry_id}"


def _title(line: JournalLine) -> str:
    entry = line.entry
    late = f", of {entry.occurred_on}" if entry.is_late else ""
    return f"{EntryKind(entry.kind).label} {entry.reference}{late}"


def _account(line: JournalLine, names: Mapping[str, str]) -> str:
    return f"{line.code} {names.get(line.code, '')}".strip()


def _debit(line: JournalLine) -> Cell:
    return line.debit.major if line.debit else None


def _credit(line: JournalLine) -> Cell:
    return line.credit.major if line.credit else None


def _netsuite(export: GLExport, line: JournalLine, names: Mapping[str, str]) -> Sequence[Cell]:
    return [
        _number(line),
        line.entry.booked_on.isoformat(),
        export.subsidiary,
        line.currency,
        _title(line),
        _account(line, names),
        _debit(line),
        _credit(line),
        line.entry.reference,
    ]


def _xero(_export: GLExport, line: JournalLine, _names: Mapping[str, str]) -> Sequence[Cell]:
    title, day = _title(line), line.entry.booked_on.isoformat()
    return [f"{_number(line)} {title}", day, title, line.code, TAX_RATE, line.amount.major]


def _quickbooks(_export: GLExport, line: JournalLine, names: Mapping[str, str]) -> Sequence[Cell]:
    return [
        _number(line),
        line.entry.booked_on.isoformat(),
        _account(line, names),
        _debit(line),
        _credit(line),
        _title(line),
        "",
        line.currency,
    ]


def _csv(_export: GLExport, line: JournalLine, names: Mapping[str, str]) -> Sequence[Cell]:
    entry = line.entry
    return [
        entry.pk,
        entry.kind,
        entry.reference,
        entry.booked_on.isoformat(),
        entry.occurred_on.isoformat(),
        entry.account,
        line.code,
        names.get(line.code, ""),
        line.role,
        line.team.slug if line.team else "",
        line.currency,
        _debit(line),
        _credit(line),
        entry.reversal_of_id,
    ]


LAYOUTS: Final[dict[str, Layout]] = {
    ExportFormat.NETSUITE: Layout(
        (
            "External ID",
            "Date",
            "Subsidiary",
            "Currency",
            "Memo",
            "Journal Entry - Line: Account",
            "Journal Entry - Line: Debit",
            "Journal Entry - Line: Credit",
            "Journal Entry - Line: Memo",
        ),
        _netsuite,
    ),
    ExportFormat.XERO: Layout(("Narration", "Date", "Description", "AccountCode", "TaxRate", "Amount"), _xero),
    ExportFormat.QUICKBOOKS: Layout(
        ("JournalNo", "JournalDate", "AccountName", "Debits", "Credits", "Description", "Name", "Currency"), _quickbooks
    ),
    ExportFormat.CSV: Layout(
        (
            "entry",
            "kind",
            "reference",
            "booked_on",
            "occurred_on",
            "account",
            "code",
            "name",
            "role",
            "team",
            "currency",
            "debit",
            "credit",
            "reverses",
        ),
        _csv,
    ),
}
