"""Who came in, who tried to, and whose sessions ended: kept for some months, beside the ledger and not on it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import structlog
from django.conf import settings
from django.db import models
from django.db.models import F
from django.utils.crypto import salted_hmac

from .pace import seconds_to_wait
from .people import User
from .wording import said

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

TOGETHER: Final = timedelta(minutes=15)
"""The same failure within this time is one row that counts."""

HOUR: Final = timedelta(hours=1)
MOST_NEW_OF_STRANGERS: Final = 2000
MOST_NEW_OF_ONE_PERSON: Final = 100
"""So many new rows an hour failures may make, of names nobody has and of one person; what is beyond is only counted."""

CALLED_LENGTH: Final = 16
MEANS_LENGTH, DEVICE_LENGTH = 60, 60

logger = structlog.get_logger(__name__)


class Happening(models.TextChoices):
    """What happened at the door."""

    SIGNED_IN = "signed_in", said("Signed in")
    CONFIRMED = "confirmed", said("Showed once more who it is")
    SIGNED_OUT = "signed_out", said("Signed out")
    ENDED = "ended", said("Session ended")
    WRONG = "wrong", said("Wrong try")
    SHUT = "shut", said("Shut after wrong tries")
    REFUSED = "refused", said("Refused")


FAILURES: Final = frozenset({Happening.WRONG, Happening.SHUT, Happening.REFUSED})


class SignInEvent(models.Model):
    """One thing that happened at the door; a failure that is repeated is one row with a count.

    A name that nobody has may be a mistyped password, so of it only a hash with our key is kept (`called`).
    """

    happening = models.CharField(max_length=12, choices=Happening.choices)
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="sign_ins")
    called = models.CharField(max_length=CALLED_LENGTH)
    means = models.CharField(max_length=MEANS_LENGTH)
    address = models.GenericIPAddressField(null=True)
    device = models.CharField(max_length=DEVICE_LENGTH)
    count = models.PositiveIntegerField(default=1)
    at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(name="sign_ins_of_one_person", fields=["user", "-id"]),
            models.Index(name="sign_ins_of_one_kind", fields=["happening", "last_at"]),
            models.Index(name="sign_ins_by_age", fields=["last_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.get_happening_display()} at {self.at:%Y-%m-%d %H:%M}"


def note_event(
    happening: Happening,
    *,
    means: str,
    at: datetime,
    user: User | None = None,
    name: str = "",
    address: str | None = None,
    device: str = "",
) -> None:
    """Keep what happened at the door, to `user` or to a `name` that nobody has, and write a line of it to the log.

    Failures are bounded: whoever tries without end makes counts grow, never the table.
    """
    words: dict[str, Any] = {
        "happening": happening,
        "user": user,
        "called": "" if user is not None or not name else hash_of_name(name),
        "means": means[:MEANS_LENGTH],
        "address": address,
    }
    logger.info("sign_in", happening=happening.value, person=user.pk if user is not None else None, means=means)
    if happening in FAILURES:
        if user is None:
            whose, most = "strangers", MOST_NEW_OF_STRANGERS
        else:
            whose, most = f"person {user.pk}", MOST_NEW_OF_ONE_PERSON
        if _counted(words, at=at):
            return
        if seconds_to_wait(caller=f"sign-in log of {whose}", most=most, window=HOUR) is not None:
            words |= {"called": "", "address": None}
            if _counted(words, at=at):
                return
            device = ""
    SignInEvent.objects.create(**words, device=device[:DEVICE_LENGTH], at=at, last_at=at)


def _counted(words: dict[str, Any], *, at: datetime) -> bool:
    known = SignInEvent.objects.filter(**words, at__gt=at - TOGETHER).order_by("-pk").values("pk")[:1]
    return bool(SignInEvent.objects.filter(pk__in=known).update(count=F("count") + 1, last_at=at))


def hash_of_name(name: str) -> str:
    """Say a name so that the same one is known again, by whoever holds our key alone."""
    return salted_hmac("redress tried names", name.strip().casefold(), algorithm="sha256").hexdigest()[:CALLED_LENGTH]


def events_of(user: User) -> QuerySet[SignInEvent]:
    """Select what happened at the door to one person, the newest first."""
    return SignInEvent.objects.filter(user=user).order_by("-pk")


def forget_events(*, at: datetime) -> None:
    """Delete what is kept no longer (`SIGN_IN_KEEP_DAYS`): addresses are personal data."""
    SignInEvent.objects.filter(last_at__lt=at - timedelta(days=settings.SIGN_IN_KEEP_DAYS)).delete()
