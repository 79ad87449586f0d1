"""Amount bands that are the same for every currency and team: each twice as wide as the one below."""

from __future__ import annotations


def band_of(amount_minor: int) -> int:
    """Number the band of an amount: every two halvings of the money are one band down."""
    return (amount_minor.bit_length() + 1) // 2
