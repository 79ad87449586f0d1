"""Stripe's webhook signature: an HMAC over the time and the raw body, in one header.

Written out rather than taken from the SDK: that one raises four kinds of exception besides its own on garbled input,
takes the first of several timestamps and accepts any future one. A test holds both to the same answers.
"""

from __future__ import annotations

import hmac
import re
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

OLDEST_SECONDS = 300
FUTURE_SECONDS = 60

_TIMESTAMP = re.compile(r"[0-9]{1,12}")


class BadSignature(ValueError):
    """The header does not vouch for these bytes now."""


def signature_header(raw: bytes, secret: str, timestamp: int) -> str:
    """Compute the `Stripe-Signature` header for a body sent at `timestamp` (Unix seconds)."""
    return f"t={timestamp},v1={_digest(raw, secret, timestamp)}"


def check_signature(header: str, raw: bytes, secrets: Iterable[str], now: float) -> None:
    """Accept the body when any active secret signed it, no longer ago than 300 s and no more than 60 s ahead.

    :raises BadSignature:
    """
    timestamp, signatures = _parse(header)
    # Several secrets are active while one is being rotated out; an empty one would let anybody sign.
    expected = [_digest(raw, secret, timestamp) for secret in secrets if secret.strip()]
    if not any(hmac.compare_digest(one, other) for one in expected for other in signatures):
        message = "No active secret made this signature."
        raise BadSignature(message)
    if not -OLDEST_SECONDS <= timestamp - now <= FUTURE_SECONDS:
        message = "The signature is too old or from the future."
        raise BadSignature(message)


def _parse(header: str) -> tuple[int, list[str]]:
    if not header.isascii():
        message = "The signature header is not ASCII."
        raise BadSignature(message)
    pairs = [part.strip().partition("=") for part in header.split(",")]
    timestamps = [value for name, _, value in pairs if name == "t"]
    signatures = [value for name, _, value in pairs if name == "v1" and value]
    # With two timestamps one could be checked and the other believed.
    if len(timestamps) != 1 or not _TIMESTAMP.fullmatch(timestamps[0]) or not signatures:
        message = "The signature header is not one timestamp and at least one v1 signature."
        raise BadSignature(message)
    return int(timestamps[0]), signatures


def _digest(raw: bytes, secret: str, timestamp: int) -> str:
    return hmac.new(secret.encode(), b"%d.%s" % (timestamp, raw), sha256).hexdigest()
