"""Letting an auditor compare texts with their salted digests in the ledger."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Any

from evidence.models import SubjectSalt

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from config.kernel.subjects import Subject

SEES_SALTS = "evidence.view_checkpoint"
"""Whoever has a salt can try texts that are not in the bundle, so it goes to those who look at proofs alone."""


def texts_with_salt(
    subject: Subject, texts: Iterable[str], payloads: Sequence[dict[str, Any]]
) -> tuple[str, list[dict[str, Any]]]:
    """Find which of these texts the entries of a subject hold digests of; answers its salt in hex, and what where.

    The salt is empty where it was erased or never made; it is never made here.
    """
    kept = SubjectSalt.objects.filter(subject_kind=subject.kind, subject_id=subject.id).first()
    if kept is None:
        return "", []
    salt = bytes(kept.salt)
    known = {hmac.new(salt, text.encode(), hashlib.sha256).hexdigest(): text for text in texts}
    return salt.hex(), [
        {"seq": place, "field": name, "text": known[value]}
        for place, payload in enumerate(payloads, start=1)
        for name, value in sorted(payload["data"].items())
        if isinstance(value, str) and value in known
    ]
