"""CSV files of whoever we have no reader for, read as a saved mapping says."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from refunds.models.column_mapping import COLUMNS, MONEY_COLUMNS
from refunds.reconciliation.amounts import UnreadableAmount, currency_of, minor_units
from refunds.reconciliation.categories import UNKNOWN
from refunds.reconciliation.references import category_at_bank, operation_in, payout_in
from refunds.reconciliation.report import ReportLine

from .clocks import iso_moment, moment_of
from .running import RunningBalances
from .table import Checks, Row, TableFormat

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import BinaryIO

    from refunds.models import ColumnMapping

    from .reading import Reading

ISO = "iso"


class MappedCsv(TableFormat):
    """The format that a saved mapping makes."""

    # A reader of ours knows more of its files than a mapping does, and goes first.
    known_by = 80

    def __init__(self, mapping: ColumnMapping) -> None:
        """Take the columns from the mapping."""
        self.mapping = mapping
        self.name = mapping.format_name
        self.label = mapping.title
        self.account = mapping.account
        self.maker = f"a file for “{mapping.title}”"
        self.delimiter = mapping.delimiter
        self.encoding = mapping.encoding
        self.amounts = frozenset(filter(None, (getattr(mapping, name) for name in MONEY_COLUMNS)))
        self.required = tuple((column,) for name in COLUMNS if (column := getattr(mapping, name)))
        self.words = words_of(mapping.categories)

    def line_of(self, row: Row) -> ReportLine:
        """Read one line.

        :raises ValueError: with a sentence
        """
        cells = row.cells
        told = self.mapping
        currency = currency_of(cells.get(told.currency_column, "") or told.currency)
        gross = self._gross(cells, currency)
        fee = self._units(cells[told.fee_column], currency) if told.fee_column and cells[told.fee_column] else 0
        operation, payout = cells.get(told.operation_column, ""), cells.get(told.payout_column, "")
        text, name = cells.get(told.text_column, ""), cells.get(told.id_column, "")
        ours = operation_in(operation)
        payout = payout or payout_in(operation, text)
        kind = cells.get(told.category_column, "")
        if told.category_column:
            category = self.words.get(kind.lower(), UNKNOWN)
        else:
            category = category_at_bank(gross, is_ours=bool(ours), is_payout=bool(payout), is_fee=False)
        valued = cells.get(told.value_column, "")
        return ReportLine(
            number=row.number,
            external_id=f"{told.own_account[-8:] or told.slug}:{name or row.unnamed()}"[:120],
            category=category,
            source_id=name[:120],
            operation_ref=(ours or operation)[:80] if category.startswith("refund") else ours,
            payment_ref=(cells.get(told.payment_column, "") or operation)[:120],
            booked_at=self._moment(cells[told.booked_column], row.times),
            gross_minor=gross,
            fee_minor=fee,
            net_minor=gross - fee,
            currency=currency,
            payout_ref=payout[:120],
            merchant_ref=cells.get(told.order_column, "")[:120],
            own_account=told.own_account,
            told_category=kind[:80],
            text=text[:400],
            value_on=self._moment(valued, row.times).date() if valued else None,
        )

    def checks(self, columns: Sequence[str], file: BinaryIO) -> Checks:  # noqa: ARG002
        """Follow the balance, where there is one, and look at the scale."""
        return _MappedChecks(self)

    def _gross(self, cells: Mapping[str, str], currency: str) -> int:
        """Read the amount with its sign.

        :raises ValueError: where there is none, or two
        """
        told = self.mapping
        if told.amount_column:
            return self._units(cells[told.amount_column], currency)
        debit, credit = cells[told.debit_column], cells[told.credit_column]
        if bool(debit) == bool(credit):
            message = f"One of {told.debit_column} and {told.credit_column} must be given."
            raise ValueError(message)
        return self._units(credit, currency) if credit else -abs(self._units(debit, currency))

    def _units(self, text: str, currency: str) -> int:
        """Read an amount as the mapping says it is written.

        :raises UnreadableAmount:
        """
        mark = self.mapping.decimal_mark
        thousands = "," if mark == "." else "."
        if self.mapping.in_smallest_unit:
            if not re.fullmatch(r"-?[0-9]{1,15}", text):
                message = f"“{text[:24]}” is not a whole number of the smallest unit."
                raise UnreadableAmount(message)
            return int(text)
        grouped = rf"-?[0-9]{{1,3}}(?:[{thousands}][0-9]{{3}})+(?:[{mark}][0-9]+)?"
        if thousands in text and not re.fullmatch(grouped, text):
            message = f"“{text[:24]}” is not an amount; expected something like 1{thousands}240{mark}50."
            raise UnreadableAmount(message)
        return minor_units(text.replace(thousands, "").replace(mark, "."), currency)

    def balance_of(self, cells: Mapping[str, str], currency: str) -> int:
        """Read the balance after a line.

        :raises UnreadableAmount:
        """
        return self._units(cells[self.mapping.balance_column], currency)

    def _moment(self, text: str, times: tuple[str, ...]) -> datetime:
        if self.mapping.date_pattern == ISO:
            moment = iso_moment(text)
            is_told = "+" in text or text.endswith("Z")
            return moment if is_told else moment_of(f"{moment:%Y-%m-%d %H:%M:%S}", patterns=_PLAIN, zone=self._zone)
        return moment_of(text, patterns=times, zone=self._zone).astimezone(UTC)

    @property
    def _zone(self) -> str:
        return self.mapping.time_zone


_PLAIN = ("%Y-%m-%d %H:%M:%S",)


class _MappedChecks(Checks):
    def __init__(self, format_: MappedCsv) -> None:
        self.format = format_
        pattern = format_.mapping.date_pattern
        self.times = (pattern, f"{pattern} %H:%M:%S", f"{pattern} %H:%M")
        self.balances = RunningBalances()
        self.has_mark = False

    def see(self, number: int, cells: Mapping[str, str], line: ReportLine | None) -> None:  # noqa: ARG002
        if line is None:
            return
        mapping = self.format.mapping
        if mapping.balance_column:
            self.balances.see(line, self.format.balance_of(cells, line.currency))
        figures = (mapping.amount_column, mapping.debit_column, mapping.credit_column)
        self.has_mark = self.has_mark or any(mapping.decimal_mark in cells[column] for column in figures if column)

    def finish(self, reading: Reading) -> None:
        mapping = self.format.mapping
        if mapping.balance_column:
            self.balances.finish(reading)
        else:
            reading.warn("Nothing in this file says whether it is whole; compare it with a total you know.")
        if not mapping.in_smallest_unit and not self.has_mark:
            reading.warn("No amount has decimals. If these are pence or cents, the mapping has to say so.")


def words_of(text: str) -> dict[str, str]:
    """Read `their word = our word`, one a line, theirs in small letters."""
    pairs = (line.partition("=") for line in text.splitlines() if line.strip())
    return {theirs.strip().lower(): ours.strip().lower() for theirs, _, ours in pairs}
