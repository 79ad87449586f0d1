"""Identifiers: time-ordered UUIDs for rows, short spoken references for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from uuid_utils.compat import uuid7

if TYPE_CHECKING:
    from uuid import UUID

SPOKEN = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's alphabet: no I, L, O or U, so a reference survives the telephone."""

_SCRAMBLE = 0x9E37_79B1
"""An odd factor is invertible modulo a power of two: neighbours in the sequence do not look alike."""


def new_id() -> UUID:
    """Make a UUIDv7: unique, and in the order of creation so that indexes stay warm."""
    return uuid7()


def spoken_reference(prefix: str, number: int) -> str:
    """Turn the n-th number of a sequence into `RR-7F3K`; a one-to-one mapping, four places for the first million."""
    bits = 20
    while number >> bits:
        bits += 5
    scrambled = number * _SCRAMBLE % (1 << bits)
    places = []
    for _ in range(bits // 5):
        scrambled, place = divmod(scrambled, 32)
        places.append(SPOKEN[place])
    return f"{prefix}-{''.join(reversed(places))}"
