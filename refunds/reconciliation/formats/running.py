"""Balances that a file names after every line: each follows from the one before, in the one order or the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from refunds.reconciliation.report import Balance

if TYPE_CHECKING:
    from refunds.reconciliation.report import ReportLine

    from .reading import Reading


@dataclass(slots=True)
class RunningBalance:
    """The balance of one currency as it was followed so far; a file is in order, or the other way round."""

    first: ReportLine
    first_balance: int
    last: ReportLine
    last_balance: int
    count: int = 1
    forwards_breaks_at: int = 0
    backwards_breaks_at: int = 0

    @property
    def is_backwards(self) -> bool:
        """Tell whether the newest line comes first; where both orders add up, the clock decides."""
        return bool(self.forwards_breaks_at) or (
            not self.backwards_breaks_at and self.first.booked_at > self.last.booked_at
        )

    def follow(self, line: ReportLine, balance: int) -> None:
        """Hear of the next line."""
        if self.last_balance + line.net_minor != balance:
            self.forwards_breaks_at = self.forwards_breaks_at or line.number
        if balance + self.last.net_minor != self.last_balance:
            self.backwards_breaks_at = self.backwards_breaks_at or line.number
        self.last, self.last_balance = line, balance
        self.count += 1


class RunningBalances:
    """Those of every currency of a file."""

    def __init__(self) -> None:
        """Begin with nothing seen."""
        self._of: dict[str, RunningBalance] = {}

    def see(self, line: ReportLine, balance: int) -> None:
        """Hear of the next line and the balance after it."""
        known = self._of.get(line.currency)
        if known is None:
            self._of[line.currency] = RunningBalance(line, balance, line, balance)
        else:
            known.follow(line, balance)

    def finish(self, reading: Reading) -> None:
        """Refuse a file whose balances do not follow; of any other, say where they began and ended."""
        for currency, one in self._of.items():
            if one.forwards_breaks_at and one.backwards_breaks_at:
                breaks_at = max(one.forwards_breaks_at, one.backwards_breaks_at)
                reading.refuse(breaks_at, f"The balance in {currency} does not follow from the line before it.")
                continue
            opening, closing = one.first_balance - one.first.net_minor, one.last_balance
            if one.is_backwards:
                opening, closing = one.last_balance - one.last.net_minor, one.first_balance
            reading.balances.append(
                Balance(
                    own_account=one.first.own_account,
                    currency=currency,
                    opening_minor=opening,
                    closing_minor=closing,
                )
            )
            if one.count == 1:
                reading.warn(f"There is one line in {currency}; its balance follows from nothing.")
