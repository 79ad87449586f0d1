"""A bank's statement as ISO 20022 camt.053 (.001.02 to .001.08): read exactly, balanced, kept whole or refused whole.

What is booked becomes a line; what is pending or for information only is no movement yet. A statement whose opening
balance and booked entries do not add up to its closing balance is not believed.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import TYPE_CHECKING, TypedDict
from xml.etree.ElementTree import Element, ParseError, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

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
from .clocks import iso_moment

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME_SPACE = re.compile(rb"urn:iso:std:iso:20022:tech:xsd:camt\.053\.001\.0[2-8]")
MOST_ENTRIES = 200_000

_ROOT = re.compile(r"\{urn:iso:std:iso:20022:tech:xsd:camt\.053\.001\.0[2-8]\}Document")
_OPENING, _CLOSING = ("OPBD", "PRCD"), ("CLBD",)
CHARGES = frozenset({"CHRG", "COMM", "FEES", "INTR"})
"""Sub-families of bank transactions that are the bank's own price."""


class Customer(TypedDict, total=False):
    """What was instructed in another currency."""

    customer_minor: int
    customer_currency: str


class BankToCustomerStatement:
    """camt.053, in the versions 02 to 08."""

    name = "iso20022.camt.053"
    label = "camt.053 (XML)"
    account = "bank"
    suffixes = (".xml", ".camt")

    def detect(self, head: bytes) -> Confidence:
        """Look for the name space of a statement."""
        if _NAME_SPACE.search(head):
            return Confidence(98, "It names camt.053 as its name space.")
        if head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
            return Confidence(30, "It is XML, but no camt.053 of version 02 to 08.")
        return Confidence(0, "It is not XML.")

    def read(self, content: bytes) -> Report:
        """Read every statement of a file.

        1. Parse it without entities or a document type.
        2. Read each booked entry exactly; one with several transactions must be their sum.
        3. Ask of each statement whether opening balance and entries make the closing balance.

        :raises BrokenReport: with every problem; nothing of such a file is kept
        """
        try:
            document = fromstring(content, forbid_dtd=True)
        except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
            raise _broken(f"This is not XML that can be believed: {type(error).__name__}.") from error
        if not _ROOT.fullmatch(document.tag):
            raise _broken("This is not a camt.053 statement of version 02 to 08.")
        for element in document.iter():
            element.tag = element.tag.rpartition("}")[2]
        statements = document.findall("BkToCstmrStmt/Stmt")
        if not statements:
            raise _broken("The file holds no statement.")
        if len(document.findall("BkToCstmrStmt/Stmt/Ntry")) > MOST_ENTRIES:
            raise _broken(f"The file has more than {MOST_ENTRIES:,} entries; ask the bank for shorter periods.")
        problems: list[Problem] = []
        balances: list[Balance] = []
        keys = iter(keys_of([_named(statement, entry) for statement in statements for _, entry in _booked(statement)]))
        lines = [line for statement in statements for line in _read(statement, keys, problems, balances)]
        if not lines and not problems:
            problems.append(Problem(0, "The file holds no booked entry."))
        if problems:
            raise BrokenReport(problems[:MOST_PROBLEMS_SHOWN], total=len(problems))
        return report_of(self.name, lines, balances=balances)


def _broken(sentence: str) -> BrokenReport:
    return BrokenReport([Problem(0, sentence)])


def _booked(statement: Element) -> list[tuple[int, Element]]:
    return [(place, entry) for place, entry in enumerate(statement.findall("Ntry"), start=1) if _is_booked(entry)]


def _account(statement: Element) -> str:
    return _text(statement, "Acct/Id/IBAN") or _text(statement, "Acct/Id/Othr/Id")


def _named(statement: Element, entry: Element) -> Entry:
    return Entry(_account(statement), _text(entry, "AcctSvcrRef"), tostring(entry, encoding="unicode"))


def _read(
    statement: Element, keys: Iterator[str], problems: list[Problem], balances: list[Balance]
) -> list[ReportLine]:
    """Read one statement; what is wrong with it is added to the problems, and nothing of it is believed."""
    name = _text(statement, "Id") or "without a name"
    account = _account(statement)
    lines: list[ReportLine] = []
    before = len(problems)
    for place, entry in _booked(statement):
        try:
            lines += _lines_of(entry, account, next(keys))
        except ValueError as error:
            problems.append(Problem(0, f"Statement {name}, entry {place}: {error}"))
    if len(problems) == before:
        try:
            balances.append(_checked_balance(statement, lines, account))
        except ValueError as error:
            problems.append(Problem(0, f"Statement {name}: {error}"))
    return lines


def _lines_of(entry: Element, account: str, key: str) -> Iterator[ReportLine]:
    booked_minor, currency = _signed(entry)
    booked_at = _moment(entry)
    details = entry.findall("NtryDtls/TxDtls")
    parts = [(detail, _part_minor(detail, booked_minor, currency, is_only=len(details) == 1)) for detail in details]
    if parts and sum(minor for _, minor in parts) != booked_minor:
        message = "its transactions do not add up to what was booked."
        raise ValueError(message)
    for place, (detail, minor) in enumerate(parts or [(entry, booked_minor)], start=1):
        end_to_end_id = _text(detail, "Refs/EndToEndId")
        text = " ".join(said.text or "" for said in detail.findall("RmtInf/Ustrd")) or _text(entry, "AddtlNtryInf")
        ours, payout = operation_in(end_to_end_id), payout_in(end_to_end_id, text)
        told = _text(entry, "BkTxCd/Domn/Fmly/SubFmlyCd") or _text(entry, "BkTxCd/Prtry/Cd")
        rate = _text(detail, "AmtDtls/TxAmt/CcyXchg/XchgRate") or _text(entry, "AmtDtls/TxAmt/CcyXchg/XchgRate")
        yield ReportLine(
            number=0,
            external_id=f"{key}:{place}"[:120],
            category=category_at_bank(minor, is_ours=bool(ours), is_payout=bool(payout), is_fee=told in CHARGES),
            source_id=(_text(entry, "AcctSvcrRef") or key.split(":")[1])[:120],
            operation_ref=ours,
            payment_ref=end_to_end_id[:120],
            booked_at=booked_at,
            gross_minor=minor,
            fee_minor=0,
            net_minor=minor,
            currency=currency,
            payout_ref=payout,
            merchant_ref=_text(detail, "RmtInf/Strd/CdtrRefInf/Ref")[:120],
            own_account=account[:40],
            told_category=told[:80],
            text=" ".join(text.split())[:400],
            value_on=_value_on(entry),
            exchange_rate=rate[:40],
            **_instructed(detail),
        )


def _checked_balance(statement: Element, lines: list[ReportLine], account: str) -> Balance:
    opening, closing = _balance(statement, _OPENING), _balance(statement, _CLOSING)
    if opening is None or closing is None:
        message = "it names no booked opening or closing balance, so nobody can tell whether it is whole."
        raise ValueError(message)
    currencies = {line.currency for line in lines} | {opening.currency, closing.currency}
    if len(currencies) > 1:
        message = "it mixes currencies."
        raise ValueError(message)
    reached = opening + Money(sum(line.net_minor for line in lines), opening.currency)
    if reached != closing:
        apart = Money(abs((reached - closing).minor), closing.currency)
        message = f"opening balance and entries make {reached}, the closing balance is {closing}: {apart} apart."
        raise ValueError(message)
    return Balance(
        own_account=account[:40],
        currency=opening.currency,
        opening_minor=opening.minor,
        closing_minor=closing.minor,
    )


def _balance(statement: Element, kinds: tuple[str, ...]) -> Money | None:
    for kind in kinds:
        for balance in statement.findall("Bal"):
            if _text(balance, "Tp/CdOrPrtry/Cd") == kind:
                return Money(*_signed(balance))
    return None


def _signed(element: Element) -> tuple[int, str]:
    """Read amount and currency, negative for a debit.

    :raises ValueError: for an amount that cannot be said exactly, or without a side
    """
    amount = element.find("Amt")
    side = _text(element, "CdtDbtInd")
    if amount is None or side not in {"CRDT", "DBIT"}:
        message = "it names no amount, or not whether it is a credit or a debit."
        raise ValueError(message)
    currency = currency_of(amount.get("Ccy", ""))
    minor = minor_units(amount.text or "", currency)
    if minor < 0:
        message = "an amount is never negative here."
        raise ValueError(message)
    return (minor if side == "CRDT" else -minor), currency


def _part_minor(detail: Element, booked_minor: int, currency: str, *, is_only: bool) -> int:
    amount = detail.find("Amt")
    if amount is None:
        amount = detail.find("AmtDtls/TxAmt/Amt")
    if is_only or amount is None:
        if not is_only:
            message = "one of its several transactions names no amount."
            raise ValueError(message)
        return booked_minor
    if currency_of(amount.get("Ccy", "")) != currency:
        message = "its transactions are in another currency than what was booked."
        raise ValueError(message)
    minor = minor_units(amount.text or "", currency)
    side = _text(detail, "CdtDbtInd")
    is_debit = side == "DBIT" if side else booked_minor < 0
    return -minor if is_debit else minor


def _is_booked(entry: Element) -> bool:
    return (_text(entry, "Sts/Cd") or _text(entry, "Sts")) == "BOOK"


def _moment(entry: Element) -> datetime:
    """Read when it was booked.

    :raises ValueError: with a sentence
    """
    told = _text(entry, "BookgDt/Dt") or _text(entry, "BookgDt/DtTm")
    try:
        return iso_moment(told)
    except ValueError:
        message = f"“{told[:24]}” is not the day it was booked."
        raise ValueError(message) from None


def _text(element: Element, path: str) -> str:
    return (element.findtext(path) or "").strip()


def _value_on(entry: Element) -> date | None:
    told = _text(entry, "ValDt/Dt") or _text(entry, "ValDt/DtTm")
    return date.fromisoformat(told[:10]) if told else None


def _instructed(detail: Element) -> Customer:
    """Read what was instructed, where that was another currency than the account's."""
    amount = detail.find("AmtDtls/InstdAmt/Amt")
    if amount is None:
        return {}
    currency = currency_of(amount.get("Ccy", ""))
    return {"customer_minor": minor_units(amount.text or "", currency), "customer_currency": currency}
