"""Amounts, times and words as a policy prints them: code first, no locale, exact."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from config.kernel.money import minor_digits
from policies.engine.words import EvidenceKind

if TYPE_CHECKING:
    from collections.abc import Iterable


@lru_cache(maxsize=65_536)
def amount_words(minor: int, currency: str) -> str:
    """Print minor units with their code: `GBP 1,240.50`, `JPY 500`, `KWD 1.250`.

    A code that is no currency is printed as a count of minor units, so that a finding about it can still be written.
    """
    try:
        digits = minor_digits(currency)
    except ValueError:
        return f"{currency} {minor:,} minor units"
    if not digits:
        return f"{currency} {minor:,}"
    whole, rest = divmod(abs(minor), 10**digits)
    sign = "-" if minor < 0 else ""
    return f"{currency} {sign}{whole:,}.{rest:0{digits}}"


@lru_cache(maxsize=4096)
def counted(count: int, noun: str) -> str:
    """Print a number of things: `1 outflow`, `9 outflows`."""
    return f"1 {noun}" if count == 1 else f"{count} {noun}s"


def day_words(count: int) -> str:
    """Print a number of days: `1 day`, `9 days`."""
    return counted(count, "day")


def hour_words(count: int) -> str:
    """Print a number of hours: `1 hour`, `48 hours`."""
    return counted(count, "hour")


def spoken_day(iso: str) -> str:
    """Print a day of the calendar: `25 December 2026`."""
    day = date.fromisoformat(iso)
    return f"{day.day} {day:%B %Y}"


@lru_cache(maxsize=1024)
def share_words(basis_points: int) -> str:
    """Print a share given in basis points: `15 %`, `12.5 %`."""
    whole, rest = divmod(basis_points, 100)
    return f"{whole}.{rest:02}".rstrip("0").rstrip(".") + " %"


def listed(words: list[str], last: str = "and") -> str:
    """Join words as a sentence does: `a, b and c`."""
    if len(words) < 2:  # noqa: PLR2004 - two words need a joint, one does not
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def articled(kinds: Iterable[str]) -> str:
    """Name kinds of evidence as a sentence does: `a photo and a receipt`, `other evidence`."""
    return listed(["other evidence" if kind == EvidenceKind.OTHER else f"a {spoken(kind)}" for kind in sorted(kinds)])


def spoken(code: str) -> str:
    """Read a code as words: `not_as_described` becomes `not as described`."""
    return code.replace("_", " ")
