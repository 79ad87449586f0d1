"""A bank's statement as BAI2, read by the library `bai2`, which checks the control totals of 49, 98 and 99."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any

from bai2 import bai2
from bai2.exceptions import IntegrityException, NotSupportedYetException, ParsingException

from config.kernel.money import Money
from refunds.reconciliation.amounts import currency_of
from refunds.reconciliation.categories import UNKNOWN
from refunds.reconciliation.references import Entry, category_at_bank, keys_of, operation_in, payout_in
from refunds.reconciliation.report import Balance, BrokenReport, Problem, Report, ReportLine, report_of

from .base import Confidence
from .plain import decoded

if TYPE_CHECKING:
    from datetime import date

OPENING, CLOSING = "010", "015"
CHARGES = frozenset({"661", "662", "697", "698", "699", "561"})
_DETAIL = re.compile(r"^(?:16),([0-9]{3}),", re.MULTILINE)
_LAST = re.compile(r"^99,[^\n]*/?\s*\Z", re.MULTILINE)


class CashManagement:
    """BAI2, version 2: accounts in groups of one day."""

    name = "bai2"
    label = "BAI2"
    account = "bank"
    suffixes = (".bai2", ".bai", ".txt", ".dat")

    def detect(self, head: bytes) -> Confidence:
        """Look for a file header and a group header."""
        if not head.lstrip(b"\xef\xbb\xbf").startswith(b"01,"):
            return Confidence(0, "It does not begin with the record 01.")
        if re.search(rb"^02,", head, re.MULTILINE):
            return Confidence(96, "It begins with the records 01 and 02.")
        return Confidence(55, "It begins with the record 01.")

    def read(self, content: bytes) -> Report:
        """Read every account of every group.

        :raises BrokenReport: when a control total is wrong, a record is missing, or a balance does not follow
        """
        text, warnings = decoded(content)
        if not _LAST.search(text):
            raise _broken("The last record is not 99: the file is cut off, or something follows it.")
        try:
            file = bai2.parse_from_string(text, check_integrity=True)
        except IntegrityException as error:
            raise _broken(f"A control total is wrong: {error}.") from error
        except (ParsingException, NotSupportedYetException) as error:
            raise _broken(f"This is not BAI2 of version 2 that can be read: {error}.") from error
        except Exception as error:
            # The library raises whatever a cell that is not what it should be happens to raise.
            raise _broken(f"This is not BAI2 that can be read: {type(error).__name__}.") from error
        numbers = [text.count("\n", 0, found.start()) + 1 for found in _DETAIL.finditer(text)]
        if _without_details(file):
            raise _broken("The file holds no movement.")
        try:
            lines, balances = _read(file, numbers)
        except ValueError as error:
            raise _broken(str(error)) from error
        if not balances:
            warnings.append("It names no opening balance; only its control totals were checked.")
        return report_of(self.name, lines, warnings=warnings, balances=balances)


def _read(file: Any, numbers: list[int]) -> tuple[list[ReportLine], list[Balance]]:
    """Read lines and balances.

    :raises ValueError: with a sentence
    """
    accounts = [(group.header, account) for group in file.children for account in group.children]
    entries = [
        Entry(_own(account), _name(told, header.as_of_date), _said(told, header.as_of_date))
        for header, account in accounts
        for told in account.children
    ]
    names = zip(numbers, keys_of(entries), strict=True)
    lines: list[ReportLine] = []
    balances: list[Balance] = []
    for header, account in accounts:
        own, currency = _own(account), currency_of(account.header.currency or header.currency)
        read = [_line(told, *next(names), own, currency, header.as_of_date) for told in account.children]
        lines += read
        balances += _balance(account, own, currency, sum(line.net_minor for line in read))
    return lines, balances


def _own(account: Any) -> str:
    return str(account.header.customer_account_number or "")[:40]


def _line(told: Any, number: int, key: str, own: str, currency: str, day: date) -> ReportLine:
    code, minor = _signed(told)
    bank, customer = str(told.bank_reference or "").strip(), str(told.customer_reference or "").strip()
    text = " ".join(str(told.text or "").strip("/ \n").split())
    ours = operation_in(customer) or operation_in(bank)
    payout = payout_in(bank, customer, text)
    is_misc = told.type_code.transaction is None or told.type_code.transaction.value == "misc"
    category = category_at_bank(minor, is_ours=bool(ours), is_payout=bool(payout), is_fee=code in CHARGES)
    return ReportLine(
        number=number,
        external_id=key[:120],
        category=UNKNOWN if is_misc else category,
        source_id=(bank or customer)[:120],
        operation_ref=ours,
        payment_ref=(customer or bank)[:120],
        booked_at=datetime.combine(day, time.min, tzinfo=UTC),
        gross_minor=minor,
        fee_minor=0,
        net_minor=minor,
        currency=currency,
        payout_ref=payout,
        own_account=own,
        told_category=f"{code} {told.type_code.description}"[:80],
        text=text[:400],
    )


def _signed(told: Any) -> tuple[str, int]:
    """Read the type code and the amount with its sign; amounts are whole minor units.

    :raises ValueError: for a record without an amount, or with a code that is none
    """
    if told.type_code is None or told.amount is None:
        message = "A record 16 names no amount, or a type that is not of BAI2."
        raise ValueError(message)
    if told.amount < 0:
        message = f"The amount {told.amount} is negative; the type says whether it is a credit or a debit."
        raise ValueError(message)
    transaction = told.type_code.transaction
    is_debit = transaction is not None and transaction.value == "debit"
    return told.type_code.code, -told.amount if is_debit else told.amount


def _balance(account: Any, own: str, currency: str, moved: int) -> list[Balance]:
    """Read both ledger balances, where both are told, and follow one from the other.

    :raises ValueError: when it does not follow
    """
    told = {item.type_code.code: item.amount for item in account.header.summary_items if item.type_code is not None}
    opening, closing = told.get(OPENING), told.get(CLOSING)
    if opening is None or closing is None:
        return []
    if opening + moved != closing:
        apart = Money(abs(opening + moved - closing), currency)
        message = f"Opening balance and movements of {own} are {apart} apart from its closing balance."
        raise ValueError(message)
    return [Balance(own_account=own, currency=currency, opening_minor=opening, closing_minor=closing)]


def _name(told: Any, day: date) -> str:
    """Name a line by the bank's reference, which may come again on another day or with the money that came back."""
    bank = str(told.bank_reference or "").strip()
    is_none = bank.upper() in {"", "NONREF"}
    return "" if is_none else f"{bank}:{day:%y%m%d}:{_signed(told)[1]}"


def _said(told: Any, day: date) -> str:
    return f"{day}|{_signed(told)}|{told.bank_reference}|{told.customer_reference}|{told.text}"


def _without_details(file: Any) -> bool:
    return not any(account.children for group in file.children for account in group.children)


def _broken(sentence: str) -> BrokenReport:
    return BrokenReport([Problem(0, sentence)])
