"""Days, moments and numbers as the reader writes them: Babel prints, the language of the page decides how."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from babel import Locale
from babel.dates import parse_pattern
from babel.numbers import format_decimal, format_percent
from django.utils import timezone
from django.utils.translation import get_language, get_language_bidi, to_locale

if TYPE_CHECKING:
    from decimal import Decimal

    from babel.dates import DateTimePattern

SOURCE_LOCALE: Final = "en_GB"
PSEUDO: Final = "qps"
"""A language for trying pages out, right to left and longer than any; its code is one of those kept for private use."""

ISOLATE: Final = "\N{FIRST STRONG ISOLATE}"
END_OF_ISOLATE: Final = "\N{POP DIRECTIONAL ISOLATE}"

DAYS: Final = {
    "day": "yMMMd",
    "short_day": "MMMd",
    "long_day": "long",
    "month": "yMMMM",
    "minute": "yMMMd",
    "short": "MMMd",
    "long_minute": "long",
    "zoned": "yMMMd",
    "short_zoned": "MMMd",
    "long_zoned": "long",
    "full": "full",
    "month_alone": "MMMM",
}
"""Which parts of a day each style says, in CLDR's letters, or which of a language's own formats it is."""

HOURS: Final = {
    "minute": "%H:%M",
    "short": "%H:%M",
    "long_minute": "%H:%M",
    "time": "%H:%M",
    "clock": "%H:%M:%S %Z",
    "zoned": "%H:%M %Z",
    "short_zoned": "%H:%M %Z",
    "long_zoned": "%H:%M %Z",
    "full": "%H:%M:%S %Z",
}
"""And of a moment; every language here counts twenty-four hours."""


def reader_locale() -> str:
    """Name the locale of whoever reads, as Babel knows it."""
    language = get_language() or SOURCE_LOCALE
    return SOURCE_LOCALE if language == PSEUDO else to_locale(language)


def language_tag(language: str) -> str:
    """Name a language as browsers know it: the made-up one is English with other letters."""
    return "en-XB" if language == PSEUDO else language


def isolated(text: str) -> str:
    """Keep an amount, a day or a name whole within a language that runs from right to left.

    Without this the signs of "-£9.00" and the parts of "14 Nov, 12:04" change places there. Each takes the direction
    of its own first letter, and what has none runs from left to right.
    """
    return f"{ISOLATE}{text}{END_OF_ISOLATE}" if text and get_language_bidi() else text


def printed(moment: datetime | date | None, style: str = "day") -> str:
    """Print a day or a moment in the reader's zone: `day` 14 Nov 2026, `minute` 14 Nov 2026, 12:04, and so on."""
    if not moment:
        return ""
    if isinstance(moment, datetime):
        moment = timezone.localtime(moment) if timezone.is_aware(moment) else moment
        clock = HOURS.get(style, "").replace("%Z", zone_name(moment))
        day, hour = moment.date(), moment.strftime(clock)
    else:
        day, hour = moment, ""
    said = _printed_day(day, DAYS[style], reader_locale()) if style in DAYS else ""
    return f"{said}, {hour}" if said and hour else said or hour


def zone_name(moment: datetime) -> str:
    """Name the zone of a moment: GMT, CEST, and UTC+14 where it has no letters of its own."""
    name = moment.tzname() or ""
    return f"UTC{name}" if name[:1] in {"+", "-"} else name


def printed_number(number: Decimal | float, digits: int | None = None) -> str:
    """Print a number with the reader's marks for thousands and decimals."""
    pattern = None if digits is None else "#,##0" + ("." + "0" * digits if digits else "")
    return str(format_decimal(number, format=pattern, locale=reader_locale()))


def printed_percent(share: Decimal | float, digits: int = 0) -> str:
    """Print a share of one as a percentage: 0.125 with one digit is 12.5 %, as the reader writes it."""
    pattern = Locale.parse(reader_locale()).percent_formats[None].pattern
    decimals = "." + "0" * digits if digits else ""
    return str(format_percent(share, format=pattern.replace("#,##0", "#,##0" + decimals), locale=reader_locale()))


@lru_cache(maxsize=4096)
def _printed_day(day: date, parts: str, locale: str) -> str:
    return str(_pattern(parts, locale).apply(day, locale))


@lru_cache
def _pattern(parts: str, locale: str) -> DateTimePattern:
    ours = Locale.parse(locale)
    if parts in ours.date_formats:
        found = ours.date_formats[parts]
    else:
        found = ours.datetime_skeletons[parts] if parts in ours.datetime_skeletons else parse_pattern(parts)
    return found  # type: ignore[no-any-return]
