"""Axes in whole numbers."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from babel import Locale
from babel.numbers import format_compact_currency, format_currency

from config.kernel.wording import counted

if TYPE_CHECKING:
    from config.kernel.money import Money

MOST_TICKS = 5
LONG_NUMBER: Final = re.compile(r"\d{4}")


def nice_step(largest: int) -> int:
    """Find the smallest of 1, 2, 5, 10, 20, 50... that needs no more than `MOST_TICKS` steps to reach `largest`."""
    step = 1
    while True:
        for factor in (1, 2, 5):
            if largest <= factor * step * (MOST_TICKS - 1):
                return factor * step
        step *= 10


def ticks(largest: int) -> list[int]:
    """List the marks of an axis from zero to at least `largest`."""
    step = nice_step(max(largest, 1))
    count = -(-max(largest, 1) // step)
    return [step * place for place in range(count + 1)]


def short_money(money: Money, locale: str) -> str:
    """Print an axis label: £20K, £1.5M; in languages without a short form for thousands, 20.000 €."""
    short = format_compact_currency(money.major, money.currency, locale=locale, fraction_digits=1).replace(".0", "")
    if not LONG_NUMBER.search(short):
        return short
    whole = Locale.parse(locale).currency_formats["standard"].pattern.replace(".00", "")
    return format_currency(money.major, money.currency, whole, locale=locale, currency_digits=False)


def requests_in(count: int) -> str:
    """Say how many requests."""
    return counted("{number} request", "{number} requests", count, number=Decimal(count))
