"""What a statement file says, whatever its format: lines in minor units, sums per currency, or why it is refused."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from config.kernel.money import Money
from config.kernel.wording import said

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

MOST_PROBLEMS_SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLine:
    """One line as the file has it, in ISO minor units, `net = gross - fee`, `number` counts file lines.

    `category` is Stripe's word, whatever the file says (`told_category`); `exchange_rate` stays the text it was.
    """

    number: int
    external_id: str
    category: str
    source_id: str
    operation_ref: str
    payment_ref: str
    booked_at: datetime
    gross_minor: int
    fee_minor: int
    net_minor: int
    currency: str
    payout_ref: str = ""
    merchant_ref: str = ""
    own_account: str = ""
    told_category: str = ""
    text: str = ""
    value_on: date | None = None
    customer_minor: int | None = None
    customer_currency: str = ""
    exchange_rate: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What was on one account of ours, in one currency, before and after the lines of a file."""

    own_account: str
    currency: str
    opening_minor: int
    closing_minor: int


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a file is refused: the line (0 for the whole file) and a sentence."""

    line: int
    sentence: str

    def __str__(self) -> str:
        return str(self.words)

    @property
    def words(self) -> str:
        """Say the line and the sentence, in the reader's language where a page prints it."""
        if not self.line:
            return self.sentence
        return said("Line {number}: {sentence}", number=self.line, sentence=self.sentence)


class BrokenReport(Exception):
    """A file that is refused whole; nothing of it may be stored."""

    def __init__(self, problems: list[Problem], *, total: int | None = None) -> None:
        """Keep every problem found; `total` counts those that are not listed."""
        super().__init__(str(problems[0]))
        self.problems = problems
        self.total = total or len(problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a file that holds together adds up to, without its lines."""

    format: str
    line_count: int
    net_minor: Mapping[str, int]
    from_at: datetime
    to_at: datetime
    warnings: tuple[str, ...] = ()
    balances: tuple[Balance, ...] = ()

    @property
    def currencies(self) -> tuple[str, ...]:
        """The currencies in it, in alphabetical order."""
        return tuple(sorted(self.net_minor))

    @property
    def sums(self) -> tuple[Money, ...]:
        """What its lines add up to in each currency."""
        return tuple(Money(self.net_minor[currency], currency) for currency in self.currencies)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A file that holds together: its lines, what they add up to, and what a reader should know about it."""

    format: str
    lines: tuple[ReportLine, ...]
    net_minor: Mapping[str, int]
    warnings: tuple[str, ...] = field(default=())
    balances: tuple[Balance, ...] = field(default=())

    @property
    def currencies(self) -> tuple[str, ...]:
        """The currencies in it, in alphabetical order."""
        return tuple(sorted(self.net_minor))

    @property
    def summary(self) -> Summary:
        """Say the same without the lines."""
        return Summary(
            format=self.format,
            line_count=len(self.lines),
            net_minor=self.net_minor,
            from_at=min(line.booked_at for line in self.lines),
            to_at=max(line.booked_at for line in self.lines),
            warnings=self.warnings,
            balances=self.balances,
        )


def report_of(
    name: str, lines: Sequence[ReportLine], *, warnings: Sequence[str] = (), balances: Sequence[Balance] = ()
) -> Report:
    """Put lines that hold together into a report, numbered in their order.

    :raises BrokenReport: when two of them have one id
    """
    counts = Counter(line.external_id for line in lines)
    problems = [Problem(0, f"The entry {name} is there {count} times.") for name, count in counts.items() if count > 1]
    if problems:
        raise BrokenReport(problems[:MOST_PROBLEMS_SHOWN], total=len(problems))
    sums: Counter[str] = Counter()
    for line in lines:
        sums[line.currency] += line.net_minor
    numbered = tuple(line if line.number else replace(line, number=place) for place, line in enumerate(lines, start=1))
    return Report(
        format=name, lines=numbered, net_minor=dict(sums), warnings=tuple(warnings), balances=joined(balances)
    )


def joined(balances: Iterable[Balance]) -> tuple[Balance, ...]:
    """Put statements that follow each other, forwards or backwards, into one for each account and currency.

    :raises BrokenReport: when one closes with another amount than the next opens with, so that one is missing
    """
    groups: dict[tuple[str, str], list[Balance]] = {}
    for balance in balances:
        groups.setdefault((balance.own_account, balance.currency), []).append(balance)
    return tuple(_chained(group) for group in groups.values())


def _chained(group: list[Balance]) -> Balance:
    for order in (group, group[::-1]):
        if all(before.closing_minor == after.opening_minor for before, after in pairwise(order)):
            return replace(order[0], closing_minor=order[-1].closing_minor)
    sentence = f"The statements of {group[0].own_account} in {group[0].currency} do not follow each other: one closes "
    raise BrokenReport([Problem(0, f"{sentence}with another amount than the next opens with, so one is missing.")])
