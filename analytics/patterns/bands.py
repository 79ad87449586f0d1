"""Amount bands that are the same for every currency and team: each four times as wide as the one below."""

from __future__ import annotations

from config.kernel.money import Money


def band_of(amount_minor: int) -> int:
    """Number the band of an amount: every two halvings of the money are one band down."""
    return (amount_minor.bit_length() + 1) // 2


def band_in_words(amount_minor: int, currency: str) -> str:
    """Say from which amount to which the band of an amount reaches."""
    band = band_of(amount_minor)
    if not band:
        return "nothing"
    return f"{Money(4 ** (band - 1), currency)} to {Money(4**band - 1, currency)}"
