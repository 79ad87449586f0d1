"""Boxes for secrets at rest: the first key seals, every key opens; what one purpose sealed no other opens."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

if TYPE_CHECKING:
    from collections.abc import Iterable


def box(words: Iterable[str], *, purpose: str) -> MultiFernet:
    """Make the box that `words`, the newest first, open for one purpose; words need be no keys of a certain length."""
    return MultiFernet([Fernet(_key(word, purpose)) for word in words])


def _key(word: str, purpose: str) -> bytes:
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose.encode()).derive(word.encode())
    return base64.urlsafe_b64encode(derived)
