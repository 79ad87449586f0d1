"""Amounts as people type them: with the marks of the page's language, or plainly, as an address carries them."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

from babel import Locale
from babel.numbers import get_currency_symbol
from django.utils.translation import gettext_noop

from .money import Money, NoAmount, minor_digits, parse_amount
from .printing import reader_locale

COULD_BE_TWO: Final = gettext_noop("“{typed}” could be {one} or {other}. Write all decimals of the amount you mean.")

PLAIN: Final = re.compile(r"[+-]?[0-9]{1,18}(?:\.[0-9]{1,8})?")
"""A number that needs no language: it has no mark but the point."""

UNSEEN: Final = re.compile(r"[\u200e\u200f\u2066-\u2069]")
"""What keeps an amount whole from right to left comes along when it is copied from a page."""

SPACE: Final = re.compile(r"\s")
MINUS: Final = "\N{MINUS SIGN}"


class Marks(NamedTuple):
    """How a language writes numbers, and what such a number looks like."""

    group: str
    decimal: str
    number: re.Pattern[str]

    def plainly(self, typed: str) -> str:
        """Write the same number with no mark but the point."""
        return typed.replace(" ", "").replace(self.group, "").replace(self.decimal, ".")


def read_amount(text: str, currency: str) -> int:
    """Read what the reader of a page typed, or copied from one, as minor units: `1.240,50` in German is 1240.50.

    The plain form, `1240.50`, is read in every language. A group has three digits. What is one amount in her language
    and another plainly, as `1.234` of a currency with three decimals is in German, is refused.
    :raises ValueError: with a sentence, when it is no amount, or two, or has more decimals than the currency
    """
    typed = _without_currency(text, currency)
    marks = _marks(reader_locale())
    forms = [marks.plainly(typed)] if marks.number.fullmatch(typed) else []
    forms += [typed] if PLAIN.fullmatch(typed) else []
    if not forms:
        example = _with_mark(Decimal(1250).scaleb(-minor_digits(currency)))
        raise NoAmount("Enter an amount such as {example}.", example=example)
    found, refused = _readings(forms, currency)
    if len(found) > 1:
        one, other = (Money(minor, currency) for minor in found)
        raise NoAmount(COULD_BE_TWO, typed=typed, one=one, other=other)
    if refused is not None and not found:
        raise refused
    return found[0]


def typed_amount(amount: Money) -> str:
    """Write an amount as its reader would type it, without groups: `1240,50` in German."""
    return _with_mark(amount.major)


def plain_number(text: str) -> str:
    """Write a number as its reader typed it with a point for its decimals: `12,5` in German is `12.5`."""
    typed = text.strip()
    return typed if "." in typed else typed.replace(_marks(reader_locale()).decimal, ".")


def typed_number(number: Decimal) -> str:
    """Write a number as its reader would type it: `12,5` in German."""
    return _with_mark(number)


def _readings(forms: list[str], currency: str) -> tuple[list[int], NoAmount | None]:
    """Read each form; answer the different amounts, and why one was none."""
    found: dict[int, None] = {}
    refused = None
    for form in forms:
        try:
            found[parse_amount(form, currency)] = None
        except NoAmount as no:
            refused = no
    return list(found), refused


def _without_currency(text: str, currency: str) -> str:
    """Leave the number of `-£1,240.50` or `1.240,50 GBP`, its spaces all of one kind."""
    typed = SPACE.sub(" ", UNSEEN.sub("", text)).replace(MINUS, "-").strip()
    sign = typed[:1] if typed[:1] in {"+", "-"} else ""
    typed = typed.removeprefix(sign)
    for mark in (get_currency_symbol(currency, reader_locale()), currency):
        typed = typed.removeprefix(mark).removesuffix(mark).strip()
    return sign + typed


def _with_mark(number: Decimal) -> str:
    return f"{number:f}".replace(".", _marks(reader_locale()).decimal)


@lru_cache
def _marks(locale: str) -> Marks:
    """Know the marks of a language; a space between groups is read in every one."""
    symbols = Locale.parse(locale).number_symbols["latn"]
    group, decimal = SPACE.sub(" ", symbols["group"]), symbols["decimal"]
    between = "|".join(f"[0-9]{{1,3}}(?:{re.escape(mark)}[0-9]{{3}})+" for mark in dict.fromkeys((group, " ")))
    whole = f"(?:{between}|[0-9]{{1,18}})"
    return Marks(group, decimal, re.compile(f"[+-]?{whole}(?:{re.escape(decimal)}[0-9]{{1,8}})?"))
