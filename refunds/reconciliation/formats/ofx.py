"""A bank's statement as OFX, in its old clothes (1.x, SGML without closing tags) or its new ones (2.x, XML).

Read here and not by a library: of the two there are, one may not be shipped by everybody (GPL-3), and the other guesses
what a broken file may have meant. What we need of OFX is flat: named values inside one block a line.
Source: OFX 1.6 and 2.3, sections 2.3 (tags), 3.2.8 (dates and amounts) and 11.4 (bank statements).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import unescape
from typing import TYPE_CHECKING

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
    from collections.abc import Iterator

STATEMENTS = frozenset({"STMTRS", "CCSTMTRS"})
LINE = "STMTTRN"
CHARGES = frozenset({"SRVCHG", "FEE", "INT"})
NOT_PLAIN = {
    "CORRECTFITID": "corrects an earlier line; take the bank's next whole statement instead",
    "CURRENCY": "is in another currency than its account",
}
_TAG = re.compile(r"<(/?)([A-Za-z0-9_.]{1,40})>([^<]*)")
_DAY = re.compile(r"[0-9]{8}(?:[0-9]{4,6}(?:\.[0-9]{1,3})?)?(?:\[[^\]]{1,12}\])?")


class OpenFinancialExchange:
    """OFX: the lines of an account and the balance after them; the balance before them follows from both."""

    name = "ofx"
    label = "OFX"
    account = "bank"
    suffixes = (".ofx", ".qfx")

    def detect(self, head: bytes) -> Confidence:
        """Look for the mark of either age and for a bank's statement."""
        marks = (b"OFXHEADER", b"<OFX>", b"STMTRS>")
        found = sum(1 for mark in marks if mark in head.upper())
        return Confidence(found * 33, f"{found} of the 3 marks of an OFX statement are there.")

    def read(self, content: bytes) -> Report:
        """Read every account of a file.

        :raises BrokenReport: with every problem
        """
        text, warnings = decoded(content)
        if "</OFX>" not in text.upper():
            raise BrokenReport([Problem(0, "The file does not end as OFX does (</OFX>); it may be cut off.")])
        accounts = _accounts(text)
        problems: list[Problem] = []
        lines: list[ReportLine] = []
        balances: list[Balance] = []
        for one in accounts:
            try:
                read = list(_lines(one, problems))
                balances += _balance(one, sum(line.net_minor for line in read))
                lines += read
            except ValueError as error:
                problems.append(Problem(one.number, str(error)))
        if not problems and not lines:
            problems.append(Problem(0, "The file holds no booked line."))
        if problems:
            raise BrokenReport(problems[:MOST_PROBLEMS_SHOWN], total=len(problems))
        warnings.append(
            "OFX tells no balance before its lines; that none is missing or changed shows only beside the statement "
            "before it."
        )
        return report_of(self.name, lines, warnings=warnings, balances=balances)


@dataclass(slots=True)
class _Block:
    """Named values, on which line of the file they begin, and where each of them stands."""

    number: int
    told: dict[str, str] = field(default_factory=dict)

    def of(self, name: str) -> str:
        """Answer a value; empty when it is not told."""
        return self.told.get(name, "")


@dataclass(slots=True)
class _Account(_Block):
    """One account's statement."""

    lines: list[_Block] = field(default_factory=list)


class _Reader:
    """Puts each value into the line or the account that it stands in; a balance's values are named by its block."""

    def __init__(self) -> None:
        """Begin outside every account."""
        self.accounts: list[_Account] = []
        self._inside: list[str] = []
        self._block: _Block | None = None

    def opens(self, name: str, number: int) -> None:
        """Step into a block. :raises BrokenReport: where the line before it did not end"""
        self._inside.append(name)
        if name in STATEMENTS:
            account = _Account(number)
            self.accounts.append(account)
            self._block = account
        elif name == LINE and self.accounts:
            if self._block is not self.accounts[-1]:
                raise BrokenReport([Problem(number, "A line begins before the one before it ends.")])
            self._block = _Block(number)
            self.accounts[-1].lines.append(self._block)
        elif name in NOT_PLAIN:
            self.tells(name, "yes")

    def closes(self, name: str) -> None:
        """Step out of a block, and of all in it that nobody closed; values of the old kind are never closed."""
        if name in self._inside:
            self._inside = self._inside[: len(self._inside) - 1 - self._inside[::-1].index(name)]
        if name == LINE and self.accounts:
            self._block = self.accounts[-1]

    def tells(self, name: str, value: str) -> None:
        """Keep a value; the first of a name counts."""
        if self._block is not None:
            of_balance = next((block for block in self._inside[-1:] if block.endswith("BAL")), "")
            self._block.told.setdefault(f"{of_balance}.{name}" if of_balance else name, value[:400])


def _accounts(text: str) -> list[_Account]:
    """Read the accounts of a file with their lines.

    :raises BrokenReport: where a line does not end, or nothing is told of any account
    """
    reader = _Reader()
    number, last = 1, 0
    for tag in _TAG.finditer(text):
        number += text.count("\n", last, tag.start())
        last = tag.start()
        name, value = tag[2].upper(), unescape(tag[3]).strip()
        if tag[1]:
            reader.closes(name)
        elif value:
            reader.tells(name, value)
        else:
            reader.opens(name, number)
    if not reader.accounts:
        raise BrokenReport([Problem(0, "The file holds no statement of an account.")])
    return reader.accounts


def _lines(account: _Account, problems: list[Problem]) -> Iterator[ReportLine]:
    """Read the lines of one account; what is wrong with one is added to `problems`.

    :raises ValueError: for an account in no currency
    """
    currency, own = currency_of(account.of("CURDEF")), _own(account)
    said = ["|".join(f"{name}={value}" for name, value in sorted(one.told.items())) for one in account.lines]
    keys = keys_of([Entry(own, one.of("FITID"), words) for one, words in zip(account.lines, said, strict=True)])
    for one, key in zip(account.lines, keys, strict=True):
        try:
            yield _line(one, key, currency, own)
        except ValueError as error:
            problems.append(Problem(one.number, str(error)))


def _line(told: _Block, key: str, currency: str, own: str) -> ReportLine:
    """Read one line. :raises ValueError: with a sentence"""
    for name, why in NOT_PLAIN.items():
        if told.of(name):
            message = f"“{told.of('FITID')[:40]}” {why}."
            raise ValueError(message)
    minor = _minor(told.of("TRNAMT"), currency)
    words = [told.of(name) for name in ("REFNUM", "CHECKNUM", "MEMO", "NAME")]
    inside = [word for text in words for word in re.split(r"[\s+:,;/]+", text)]
    ours = next((found for word in inside if (found := operation_in(word))), "")
    payout, kind = payout_in(*words), told.of("TRNTYPE").upper()
    return ReportLine(
        number=told.number,
        external_id=key[:120],
        category=category_at_bank(minor, is_ours=bool(ours), is_payout=bool(payout), is_fee=kind in CHARGES),
        source_id=told.of("FITID")[:120],
        operation_ref=ours,
        payment_ref=(told.of("REFNUM") or told.of("MEMO"))[:120],
        booked_at=_day(told.of("DTPOSTED")),
        gross_minor=minor,
        fee_minor=0,
        net_minor=minor,
        currency=currency,
        payout_ref=payout,
        own_account=own,
        told_category=kind[:80],
        text=" ".join(filter(None, (told.of("NAME"), told.of("MEMO"))))[:400],
        value_on=_day(told.of("DTAVAIL") or told.of("DTPOSTED")).date(),
    )


def _balance(account: _Account, moved_minor: int) -> list[Balance]:
    """Answer the balance after the lines, and before them as it follows; nothing where the bank tells none.

    :raises ValueError: for what is no amount
    """
    closing = account.of("LEDGERBAL.BALAMT")
    if not closing:
        return []
    currency = currency_of(account.of("CURDEF"))
    minor = _minor(closing, currency)
    return [
        Balance(own_account=_own(account), currency=currency, opening_minor=minor - moved_minor, closing_minor=minor)
    ]


def _own(account: _Account) -> str:
    return f"{account.of('BANKID')}{account.of('ACCTID')}"[:40]


def _minor(printed: str, currency: str) -> int:
    """Read an amount; OFX lets a comma be the point, and a plus stand before it. :raises ValueError:"""
    plain = printed.removeprefix("+")
    return minor_units(plain if "." in plain else plain.replace(",", ".", 1), currency)


def _day(printed: str) -> datetime:
    """Read the day as the bank printed it, whatever its zone. :raises ValueError: with a sentence"""
    try:
        if _DAY.fullmatch(printed):
            return datetime.strptime(printed[:8], "%Y%m%d").replace(tzinfo=UTC)
    except ValueError:
        pass
    message = f"“{printed[:24]}” is not a day; expected something like 20261118."
    raise ValueError(message)
