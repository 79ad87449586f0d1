"""Amounts and days as a policy prints them: code first, no locale, exact."""

from __future__ import annotations

from functools import lru_cache

from config.kernel.money import minor_digits


@lru_cache(maxsize=4096)
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


def day_words(count: int) -> str:
    """Print a number of days: `1 day`, `9 days`."""
    return "1 day" if count == 1 else f"{count} days"


def share_words(basis_points: int) -> str:
    """Print a share given in basis points: `15 %`, `12.5 %`."""
    whole, rest = divmod(basis_points, 100)
    return f"{whole}.{rest:02}".rstrip("0").rstrip(".") + " %"


def listed(words: list[str], last: str = "and") -> str:
    """Join words as a sentence does: `a, b and c`."""
    if len(words) < 2:  # noqa: PLR2004 - two words need a joint, one does not
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def spoken(code: str) -> str:
    """Read a code as words: `not_as_described` becomes `not as described`."""
    return code.replace("_", " ")
