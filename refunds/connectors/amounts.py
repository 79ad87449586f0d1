"""What shops write as money, read without a float: text in one, JSON numbers in the other."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from config.kernel.money import LARGEST_MINOR, Money, known_currency, minor_digits

from .base import OddAnswer

NOISE = Decimal("0.0001")
"""Of a minor unit: 29.990000000000002 is 29.99; 29.995 is nothing that was ever paid."""

LONGEST_ID = 40
_EMAIL = re.compile(r"[^@\s\x00]{1,64}@[^@\s\x00]{1,189}")


def money_of(told: Any, currency: Any) -> Money:
    """Read an amount in major units.

    :raises OddAnswer: for what is no amount, below zero, or finer than the currency
    """
    if not isinstance(currency, str) or not known_currency(currency):
        raise OddAnswer("The shop names a currency that there is not.")
    if isinstance(told, bool) or not isinstance(told, str | int | Decimal):
        raise OddAnswer("The shop names no amount.")
    try:
        exact = Decimal(told).scaleb(minor_digits(currency))
        minor = exact.to_integral_value()
        is_noise = abs(exact - minor) <= NOISE
    except ArithmeticError:
        raise OddAnswer("The shop names no amount.") from None
    if not exact.is_finite() or not is_noise or not 0 <= minor <= LARGEST_MINOR:
        raise OddAnswer("The shop names an amount that cannot have been paid.")
    return Money(int(minor), currency)


def moment_of(told: Any) -> datetime:
    """Read a moment; one without a zone is in UTC.

    :raises OddAnswer: for anything else
    """
    try:
        moment = datetime.fromisoformat(told)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise OddAnswer("The shop does not say when, or at no moment there is.") from None


def id_of(told: Any) -> str:
    """Read an id: a whole number, or text without blanks; empty for anything else."""
    if isinstance(told, int) and not isinstance(told, bool) and 0 < told < 10**20:
        return str(told)
    if isinstance(told, str) and 0 < len(told) <= LONGEST_ID and told.isascii() and told.isalnum():
        return told
    return ""


def email_of(told: Any) -> str:
    """Read an e-mail address; empty for anything else, which keeps no order out."""
    return told if isinstance(told, str) and _EMAIL.fullmatch(told) else ""
