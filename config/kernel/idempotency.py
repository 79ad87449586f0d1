"""Idempotency keys of API callers: the first answer is stored and given again, word for word, for a day."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import connection, models

from .people import User
from .refusals import OutOfDate, Refused

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

KEPT_FOR = timedelta(hours=24)
STUCK_AFTER = timedelta(minutes=2)
"""A call that ran this long died with its process; its key may be used again."""

LONGEST_KEY = 255
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


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


def fingerprint_of(*, method: str, path: str, parts: Iterable[bytes]) -> str:
    """Hash what makes two calls the same call. Each part is hashed by itself, so that none can run into the next."""
    digests = (hashlib.sha256(part).digest() for part in parts)
    return hashlib.sha256(b"\n".join((method.encode(), path.encode("utf-8", "replace"), *digests))).hexdigest()


def begin(*, caller: User, key: str, fingerprint: str, at: datetime) -> Answer | None:
    """Take the key for this call, or hand back the answer of the call that had it.

    One statement takes a key that is free, forgotten or stuck; of any number of callers exactly one hears that it did.

    :raises Refused: `idempotency_key_reused` when the same key came with another body
    :raises OutOfDate: `idempotency_in_progress` while the first call still runs
    """
    if not _KEY.fullmatch(key):
        message = f"An Idempotency-Key has 1 to {LONGEST_KEY} printable ASCII characters without spaces."
        raise Refused("invalid", message, field="Idempotency-Key")
    if _take(caller, key, fingerprint, at):
        return None
    stored = StoredAnswer.objects.filter(caller=caller, key=key).first()
    if stored is not None and stored.fingerprint != fingerprint:
        raise Refused("idempotency_key_reused", "This Idempotency-Key was used for another request.")
    if stored is None or stored.status is None:
        raise OutOfDate("idempotency_in_progress", "The first call with this Idempotency-Key is still running.")
    return Answer(stored.status, bytes(stored.body), stored.content_type)


def _take(caller: User, key: str, fingerprint: str, at: datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO kernel_storedanswer AS held
                   (caller_id, key, fingerprint, status, body, content_type, created_at)
            VALUES (%(caller)s, %(key)s, %(fingerprint)s, NULL, '', '', %(at)s)
            ON CONFLICT (caller_id, key) DO UPDATE
               SET fingerprint = EXCLUDED.fingerprint, status = NULL, body = '', content_type = '',
                   created_at = EXCLUDED.created_at
             WHERE held.created_at < %(forgotten_before)s
                OR (held.status IS NULL AND held.created_at < %(stuck_before)s)
            """,
            {
                "caller": caller.pk,
                "key": key,
                "fingerprint": fingerprint,
                "at": at,
                "forgotten_before": at - KEPT_FOR,
                "stuck_before": at - STUCK_AFTER,
            },
        )
        return bool(cursor.rowcount == 1)


def keep(*, caller: User, key: str, answer: Answer) -> None:
    """Store what the caller was told."""
    StoredAnswer.objects.filter(caller=caller, key=key).update(
        status=answer.status, body=answer.body, content_type=answer.content_type
    )


def forget(*, caller: User, key: str) -> None:
    """Give the key back: the call ended in nothing worth repeating."""
    StoredAnswer.objects.filter(caller=caller, key=key, status=None).delete()
