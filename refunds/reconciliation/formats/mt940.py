"""A bank's statement as SWIFT MT940, read by the library `mt-940`, balanced, kept whole or refused whole."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

import mt940

from config.kernel.money import Money
from refunds.reconciliation.amounts import currency_of, minor_units
from refunds.reconciliation.references import Entry, category_at_bank, keys_of, operation_in, payout_in
from refunds.reconciliation.report import (
    MOST_PROBLEMS_SHOWN,
    Balance,
    BrokenReport,
    Problem,
    Report,
    ReportLine,
    report_of,
)

from .base import Confidence
from .plain import decoded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

OPENING = ("final_opening_balance", "intermediate_opening_balance")
CLOSING = ("final_closing_balance", "intermediate_closing_balance")
CHARGES = frozenset({"NCHG", "NCOM", "NINT", "FCHG"})
_ONE_STATEMENT = re.compile(r"(?=^:20:)", re.MULTILINE)
_LINE = re.compile(r"^:61:", re.MULTILINE)
_REFERENCE = re.compile(r"(?:EREF|KREF)[+:]\s*([^+?\s]{1,60})")
_OURS_INSIDE = re.compile(r"\bRD[0-9a-f]{32}\b", re.IGNORECASE)


class CustomerStatement:
    """MT940: the booked lines of a day between two balances."""

    name = "swift.mt940"
    label = "MT940"
    account = "bank"
    suffixes = (".sta", ".mt940", ".940", ".swi", ".txt")

    def detect(self, head: bytes) -> Confidence:
        """Look for the fields that every statement has."""
        tags = {found[1].decode() for found in re.finditer(rb"^:([0-9]{2}[A-Z]?):", head, re.MULTILINE)}
        found = sum(1 for wanted in (("20",), ("25", "25P"), ("28C", "28"), ("60F", "60M")) if tags & set(wanted))
        return Confidence(found * 24, f"{found} of the 4 fields that begin an MT940 are there.")

    def read(self, content: bytes) -> Report:
        """Read every statement of a file; each must balance and open where the one before it closed.

        :raises BrokenReport: with every problem
        """
        text, warnings = decoded(content)
        pages = [page for page in _ONE_STATEMENT.split(text) if page.lstrip().startswith(":20:")]
        if not pages:
            raise BrokenReport([Problem(0, "This is not an MT940 statement: the field :20: is missing.")])
        problems: list[Problem] = []
        read: list[_Page] = []
        begins_at = text.index(pages[0])
        for place, page in enumerate(pages, start=1):
            first = text.count("\n", 0, begins_at) + 1
            begins_at += len(page)
            try:
                read.append(_page(page, first, is_last=place == len(pages)))
            except ValueError as error:
                problems.append(Problem(0, f"Statement {place}: {error}"))
        entries = [Entry(page.account, _name(told), _said(told)) for page in read for told in page.entries]
        if not problems and not entries:
            problems.append(Problem(0, "The file holds no booked line."))
        if problems:
            raise BrokenReport(problems[:MOST_PROBLEMS_SHOWN], total=len(problems))
        keys = iter(keys_of(entries))
        lines = [
            _line(told, number, page.account, next(keys))
            for page in read
            for told, number in zip(page.entries, page.numbers, strict=True)
        ]
        return report_of(self.name, lines, warnings=warnings, balances=[page.balance for page in read])


@dataclass(frozen=True, slots=True)
class _Page:
    """One statement that balances, or one page of one."""

    account: str
    balance: Balance
    entries: Sequence[Mapping[str, Any]]
    numbers: list[int]


def _page(page: str, first: int, *, is_last: bool) -> _Page:
    """Read one page and balance it.

    :raises ValueError: with a sentence
    """
    try:
        told = mt940.models.Transactions()
        told.parse(page)
    except Exception as error:
        # The library raises what its patterns happen to raise; none of it may end the import of other files.
        message = f"the library mt-940 cannot read it: {type(error).__name__}."
        raise ValueError(message) from error
    opening, closing = _balance(told.data, OPENING), _balance(told.data, CLOSING)
    if opening is None or closing is None or (is_last and "final_closing_balance" not in told.data):
        message = "it has no opening or no final closing balance (:60F:, :62F:); the file may be cut off."
        raise ValueError(message)
    numbers = [page.count("\n", 0, found.start()) + first for found in _LINE.finditer(page)]
    entries = [one.data for one in told if "amount" in one.data]
    if len(entries) != len(numbers):
        message = f"it has {len(numbers)} lines (:61:), of which {len(entries)} can be read."
        raise ValueError(message)
    amounts = [_minor(one["amount"]) for one in entries]
    if {currency for _, currency in amounts} - {opening.currency} or opening.currency != closing.currency:
        message = "it mixes currencies."
        raise ValueError(message)
    reached = opening + Money(sum(minor for minor, _ in amounts), opening.currency)
    if reached != closing:
        apart = Money(abs((reached - closing).minor), closing.currency)
        message = f"opening balance and lines make {reached}, the closing balance is {closing}: {apart} apart."
        raise ValueError(message)
    account = str(told.data.get("account_identification") or "").strip()[:40]
    balance = Balance(
        own_account=account, currency=opening.currency, opening_minor=opening.minor, closing_minor=closing.minor
    )
    return _Page(account, balance, entries, numbers)


def _line(told: Mapping[str, Any], number: int, account: str, key: str) -> ReportLine:
    minor, currency = _minor(told["amount"])
    details = " ".join(str(told.get("transaction_details") or "").split())
    customer, bank = str(told.get("customer_reference") or ""), str(told.get("bank_reference") or "")
    eref = str(told.get("end_to_end_reference") or "") or next(iter(_REFERENCE.findall(details)), "")
    inside = _OURS_INSIDE.search(details)
    ours = operation_in(eref) or operation_in(customer) or (operation_in(inside[0]) if inside else "")
    payout, kind = payout_in(customer, bank, eref, details), str(told.get("id") or "")
    return ReportLine(
        number=number,
        external_id=key[:120],
        category=category_at_bank(minor, is_ours=bool(ours), is_payout=bool(payout), is_fee=kind in CHARGES),
        source_id=(bank or customer)[:120],
        operation_ref=ours,
        payment_ref=(eref or customer)[:120],
        booked_at=datetime.combine(_day(told), time.min, tzinfo=UTC),
        gross_minor=minor,
        fee_minor=0,
        net_minor=minor,
        currency=currency,
        payout_ref=payout,
        own_account=account,
        told_category=kind[:80],
        text=details[:400],
        value_on=_plain(told["date"]),
    )


def _name(told: Mapping[str, Any]) -> str:
    """Name a line by the bank's reference, which may come again on another day or with the money that came back."""
    bank = str(told.get("bank_reference") or "").strip()
    return f"{bank}:{_day(told):%y%m%d}:{told['amount'].amount}" if bank else ""


def _said(told: Mapping[str, Any]) -> str:
    columns = ("status", "id", "customer_reference", "bank_reference", "extra_details", "transaction_details", "date")
    return "|".join([f"{_day(told)}", f"{told['amount'].amount}", *(str(told.get(column)) for column in columns)])


def _day(told: Mapping[str, Any]) -> date:
    return _plain(told.get("guessed_entry_date") or told.get("entry_date") or told["date"])


def _plain(day: date) -> date:
    return date(day.year, day.month, day.day)


def _balance(told: Mapping[str, Any], kinds: tuple[str, ...]) -> Money | None:
    balance = next((told[kind] for kind in kinds if told.get(kind) is not None), None)
    return None if balance is None else Money(*_minor(balance.amount))


def _minor(amount: Any) -> tuple[int, str]:
    currency = currency_of(str(amount.currency or ""))
    return minor_units(f"{amount.amount:f}", currency), currency
