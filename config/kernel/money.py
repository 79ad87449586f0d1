"""Money: an integer count of minor units and a currency that never mix."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.numbers import format_currency
from moneyed import CURRENCIES

LARGEST_MINOR = 10**14
"""More than any payment; keeps a typing slip away from the edge of a 64-bit column."""


class CurrencyMismatch(ValueError):
    """Two currencies met in one sum."""


@lru_cache
def minor_digits(currency: str) -> int:
    """Count the decimals of a currency by ISO 4217: 2 for GBP, 0 for JPY, 3 for KWD.

    py-moneyed agrees with ISO; CLDR (Babel) does not, so it only prints.
    :raises ValueError: for a code that is no currency
    """
    known = CURRENCIES.get(currency)
    if known is None:
        message = f"{currency!r} is not an ISO 4217 currency."
        raise ValueError(message)
    return len(str(known.sub_unit)) - 1


def known_currency(code: str) -> bool:
    """Tell whether `code` is an ISO 4217 currency in capitals."""
    return code in CURRENCIES


# A comma stands before three digits or not at all: "12,50" is twelve and a half to some, never 1,250.
_TYPED = re.compile(r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,18})(?:\.[0-9]{1,8})?")


class NoAmount(ValueError):
    """What somebody typed is no amount; keeps the sentence and its parts, so that it can be told in her language."""

    def __init__(self, message: str, **parts: object) -> None:
        """Say it in English."""
        super().__init__(message.format(**parts))
        self.message, self.parts = message, parts


def parse_amount(text: str, currency: str) -> int:
    """Read what a person typed ("1,240.50") as minor units.

    :raises ValueError: with a sentence, when it is no amount or has more decimals than the currency
    """
    digits = minor_digits(currency)
    cleaned = text.strip().replace(" ", "")
    if not _TYPED.fullmatch(cleaned):
        raise NoAmount("Enter an amount such as {example}.", example=f"{Decimal(1250).scaleb(-digits):f}")
    amount = Decimal(cleaned.replace(",", ""))
    if abs(amount) >= LARGEST_MINOR:
        raise NoAmount("That is not an amount we can pay.")
    scaled = amount.scaleb(digits)
    if scaled != scaled.to_integral_value():
        raise NoAmount("{currency} has {digits} decimals.", currency=currency, digits=digits)
    return int(scaled)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of one currency; `minor` counts its smallest unit, so GBP 5.00 is `Money(500, "GBP")`."""

    minor: int
    currency: str

    def __str__(self) -> str:
        return self.format()

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other).minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other).minor

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other).minor

    def _same(self, other: Money) -> Money:
        if other.currency != self.currency:
            message = f"{self.currency} and {other.currency} do not add up."
            raise CurrencyMismatch(message)
        return other

    @property
    def major(self) -> Decimal:
        """The amount in major units, exact."""
        return Decimal(self.minor).scaleb(-minor_digits(self.currency))

    @property
    def plain(self) -> str:
        """Code and amount without a locale, as policies and the API print it: `GBP 1240.50`."""
        return f"{self.currency} {self.major:f}"

    def format(self, locale: str = "en_GB") -> str:
        """Print for a reader of `locale`: £1,240.50 in Britain, 1.240,50 £ in Germany."""
        return _printed(self.minor, self.currency, locale)


@lru_cache(maxsize=4096)
def _printed(minor: int, currency: str, locale: str) -> str:
    digits = minor_digits(currency)
    number = "#,##0" + ("." + "0" * digits if digits else "")
    stands_after = Locale.parse(locale).currency_formats["standard"].pattern.rstrip().endswith("¤")
    pattern = f"{number}\N{NO-BREAK SPACE}¤" if stands_after else f"¤{number}"
    amount = Decimal(minor).scaleb(-digits)
    return format_currency(amount, currency, format=pattern, locale=locale, currency_digits=False)
