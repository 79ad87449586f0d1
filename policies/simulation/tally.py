"""What came of a backtest: counts, money per currency and signatures, added up slice by slice."""

from __future__ import annotations

from collections import Counter
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from policies.engine.words import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from policies.engine.signatures import Step
    from policies.simulation.slices import Sum

ENOUGH_DAYS: Final = 30
"""Fewer days of data say little of a month."""

MOVES: Final = {
    "to_automatic": Outcome.ALLOW,
    "to_people": Outcome.REQUIRE_APPROVAL,
    "to_reviewers": Outcome.EXCEPTION,
    "to_blocked": Outcome.BLOCK,
}


class Tally:
    """Adds slices up; as large as outcomes times currencies, however many decisions there are."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self.counts: Counter[tuple[str, str, str]] = Counter()
        self.amounts_minor: Counter[tuple[str, str, str]] = Counter()
        self.old_signatures: Counter[str] = Counter()
        self.new_signatures: Counter[str] = Counter()
        self.unknown: Counter[str] = Counter()
        self.first_at: datetime | None = None
        self.last_at: datetime | None = None

    @property
    def rows(self) -> int:
        """How many decisions were judged."""
        return self.counts.total()

    @property
    def flips(self) -> int:
        """How many of them would have come out another way."""
        return sum(count for (old, new, _), count in self.counts.items() if old != new)

    def add(self, sums: Iterable[Sum]) -> None:
        """Add a slice."""
        for part in sums:
            cell = (part.old, part.new, part.currency)
            self.counts[cell] += part.rows
            self.amounts_minor[cell] += part.amount_minor
            self.old_signatures += _signatures(part.old_steps, part.rows)
            self.new_signatures += _signatures(part.new_steps, part.rows)
            self.unknown.update(part.unknown)
            self.first_at = min(self.first_at or part.first_at, part.first_at)
            self.last_at = max(self.last_at or part.last_at, part.last_at)

    def result(self, time_zone: str) -> dict[str, object]:
        """Write everything as JSON types. Amounts are minor units of one currency each, never added across them.

        Days are those of the team's calendar from the first decision to the last; `extra_per_day` is a decimal number
        as text, with one digit, below zero when there are fewer signatures.
        """
        days = self._days(ZoneInfo(time_zone))
        return {
            "rows": self.rows,
            "flips": self.flips,
            "days_of_data": days,
            "is_short": days < ENOUGH_DAYS,
            "unknown": {rule: rows for rule, rows in sorted(self.unknown.items()) if rows},
            "cells": [
                {
                    "old": old,
                    "new": new,
                    "currency": currency,
                    "count": count,
                    "amount_minor": self.amounts_minor[old, new, currency],
                }
                for (old, new, currency), count in sorted(self.counts.items())
            ],
            "moved": [self._moved(currency) for currency in sorted({currency for *_, currency in self.counts})],
            "approvals": [
                self._approvals(role, days) for role in sorted(self.old_signatures.keys() | self.new_signatures.keys())
            ],
        }

    def _days(self, zone: ZoneInfo) -> int:
        if self.first_at is None or self.last_at is None:
            return 0
        return (self.last_at.astimezone(zone).date() - self.first_at.astimezone(zone).date()).days + 1

    def _moved(self, currency: str) -> dict[str, object]:
        moved: dict[str, object] = {"currency": currency}
        for words, outcome in MOVES.items():
            cells = [(old, str(outcome), currency) for old in Outcome if old is not outcome]
            moved[words] = {
                "count": sum(self.counts[cell] for cell in cells),
                "amount_minor": sum(self.amounts_minor[cell] for cell in cells),
            }
        return moved

    def _approvals(self, role: str, days: int) -> dict[str, object]:
        old, new = self.old_signatures[role], self.new_signatures[role]
        extra = (Decimal(new - old) / max(days, 1)).quantize(Decimal("0.1"), ROUND_HALF_EVEN)
        return {"role": role, "old_signatures": old, "new_signatures": new, "extra_per_day": str(extra)}


def _signatures(steps: Iterable[Step], count: int) -> Counter[str]:
    signed: Counter[str] = Counter()
    for step in steps:
        signed[step.role] += step.quorum * count
    return signed
