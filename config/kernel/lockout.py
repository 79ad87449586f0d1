"""Five wrong tries in a quarter of an hour, then a pause: of passwords and of codes, on every web process together."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db import models

from .refusals import NotPermitted
from .wording import said

if TYPE_CHECKING:
    from datetime import datetime

MOST_WRONG: Final = 5
WITHIN: Final = timedelta(minutes=15)
TOO_MANY: Final = said(
    "That were {most} wrong tries in {minutes} minutes. Wait a while.",
    most=MOST_WRONG,
    minutes=int(WITHIN.total_seconds() // 60),
)


class WrongTry(models.Model):
    """One try to be somebody that is under way or was wrong; `whose` is a hash, so it keeps no mistyped secret."""

    whose = models.CharField(max_length=64)
    tried_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(name="wrong_tries_lately", fields=["whose", "tried_at"])]

    def __str__(self) -> str:
        return f"{self.whose[:8]} at {self.tried_at:%H:%M}"


def begin_try(whose: str, *, at: datetime) -> None:
    """Let somebody try once; until `forgive` it counts as wrong.

    The try is on the table before the secret is looked at, so that many at once do not all be the fifth. Tries that
    are refused leave nothing: who is locked out is so for a quarter of an hour and no longer.

    :raises NotPermitted: `too_many_tries`, even with the right secret
    """
    key = _hashed(whose)
    row = WrongTry.objects.create(whose=key, tried_at=at)
    if WrongTry.objects.filter(whose=key, tried_at__gt=at - WITHIN).count() > MOST_WRONG:
        row.delete()
        raise NotPermitted("too_many_tries", TOO_MANY)


def forgive(whose: str) -> None:
    """Forget the tries of somebody who was right."""
    WrongTry.objects.filter(whose=_hashed(whose)).delete()


def forget_tries(*, at: datetime) -> None:
    """Delete what counts no longer."""
    WrongTry.objects.filter(tried_at__lte=at - WITHIN).delete()


def _hashed(whose: str) -> str:
    return hashlib.sha256(whose.casefold().encode()).hexdigest()
