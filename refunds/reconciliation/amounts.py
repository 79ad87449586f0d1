"""Amounts as a processor's file prints them: major units, a point, no thousands; exact or refused."""

from __future__ import annotations

import re
from decimal import Decimal

from config.kernel.money import known_currency, minor_digits

_PRINTED = re.compile(r"-?[0-9]{1,13}(?:\.[0-9]{1,4})?")


class UnreadableAmount(ValueError):
    """A cell that is no amount of its currency; says why in a sentence."""


def currency_of(text: str) -> str:
    """Read an ISO code in either case.

    :raises UnreadableAmount: for a code without a known number of decimals
    """
    code = text.strip().upper()
    if not known_currency(code):
        message = f"“{text[:12]}” is not a currency we know the decimals of."
        raise UnreadableAmount(message)
    return code


def minor_units(text: str, currency: str) -> int:
    """Read `-19.99` of GBP as -1999: a comma, an exponent or one decimal too many is refused, never guessed at.

    :raises UnreadableAmount:
    """
    cell = text.strip()
    if not _PRINTED.fullmatch(cell):
        message = f"“{text[:24]}” is not an amount; expected something like -19.99."
        raise UnreadableAmount(message)
    digits = minor_digits(currency)
    scaled = Decimal(cell).scaleb(digits)
    if scaled != scaled.to_integral_value():
        message = f"“{cell}” has more decimals than {currency}, which has {digits}."
        raise UnreadableAmount(message)
    return int(scaled)
