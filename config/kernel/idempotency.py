"""Idempotency keys of API callers: the first answer is stored and given again, word for word, for a day."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import models

from .people import User
from .refusals import OutOfDate, Refused

if TYPE_CHECKING:
    from datetime import datetime

KEPT_FOR = timedelta(hours=24)
STUCK_AFTER = timedelta(minutes=2)
"""A call that ran this long died with its process; its key may be used again."""

LONGEST_KEY = 255


class StoredAnswer(models.Model):
    """What a caller was told under one key; `status` stays empty while the first call still runs."""

    caller = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=LONGEST_KEY)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.BinaryField(default=b"")
    content_type = models.CharField(max_length=80, default="")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["caller", "key"], name="one_answer_per_caller_and_key")]

    def __str__(self) -> str:
        return f"{self.key} of {self.caller_id}"


@dataclass(frozen=True, slots=True)
class Answer:
    """A stored answer to be given again."""

    status: int
    body: bytes
    content_type: str


def fingerprint_of(*, method: str, path: str, body: bytes) -> str:
    """Hash what makes two calls the same call."""
    return hashlib.sha256(b"\n".join((method.encode(), path.encode(), body))).hexdigest()


def begin(*, caller: User, key: str, fingerprint: str, at: datetime) -> Answer | None:
    """Take the key for this call, or hand back the answer of the call that had it.

    :raises Refused: `idempotency_key_reused` when the same key came with another body
    :raises OutOfDate: `idempotency_in_progress` while the first call still runs
    """
    if not key or len(key) > LONGEST_KEY:
        raise Refused("invalid", f"An Idempotency-Key has 1 to {LONGEST_KEY} characters.", field="Idempotency-Key")
    StoredAnswer.objects.filter(caller=caller, key=key, created_at__lt=at - KEPT_FOR).delete()
    StoredAnswer.objects.filter(caller=caller, key=key, status=None, created_at__lt=at - STUCK_AFTER).delete()
    stored, is_first = StoredAnswer.objects.get_or_create(
        caller=caller, key=key, defaults={"fingerprint": fingerprint, "created_at": at}
    )
    if is_first:
        return None
    if stored.fingerprint != fingerprint:
        raise Refused("idempotency_key_reused", "This Idempotency-Key was used for another request.")
    if stored.status is None:
        raise OutOfDate("idempotency_in_progress", "The first call with this Idempotency-Key is still running.")
    return Answer(stored.status, bytes(stored.body), stored.content_type)


def keep(*, caller: User, key: str, answer: Answer) -> None:
    """Store what the caller was told."""
    StoredAnswer.objects.filter(caller=caller, key=key).update(
        status=answer.status, body=answer.body, content_type=answer.content_type
    )


def forget(*, caller: User, key: str) -> None:
    """Give the key back: the call ended in nothing worth repeating."""
    StoredAnswer.objects.filter(caller=caller, key=key, status=None).delete()
