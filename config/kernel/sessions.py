"""Sessions that know their person: they end when nobody was seen for a while, and after a day's work in any case."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, cast
from uuid import UUID, uuid4

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone

from .devices import device_named
from .people import User
from .sign_in_log import Happening, note_event

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponseBase

IDLE: Final = timedelta(minutes=30)
"""How long a session lives without a sign of its person (OWASP ASVS 5.0, 7.3.1)."""

LONGEST: Final = timedelta(hours=12)
"""How long a session lives at most, however busy (OWASP ASVS 5.0, 7.3.2)."""

NOTED_EVERY: Final = timedelta(minutes=1)
DEVICE, ADDRESS = "device", "address"
DEVICE_LENGTH: Final = 200
BY_ITSELF, BY_HERSELF, BY_AN_ADMINISTRATOR = "by itself", "by herself, elsewhere", "by an administrator"
NEW_MEANS: Final = "new means of signing in"
TOO_MANY_AT_ONCE: Final = "too many at once"
"""Why a session ended."""
NOT_A_SIGN: Final = ("/live/", "/account/session/left/")
"""What a page asks by itself, with nobody in front of it."""


class Session(AbstractBaseSession):
    """One browser of somebody; `seen_at` is exact to a minute. Lists name it by `public_id`: its key is a secret."""

    # Not unique: while a session takes a new name, for a moment both rows are there.
    public_id = models.UUIDField(default=uuid4, db_index=True, editable=False)
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="sessions")
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta(AbstractBaseSession.Meta):
        abstract = False

    @classmethod
    def get_session_store_class(cls) -> type[SessionStore]:
        """Name the store that reads the data."""
        return SessionStore


class SessionStore(DatabaseStore):
    """Django's store, which finds only sessions that have not ended."""

    began: tuple[str, datetime, UUID] | None = None
    seen_at: datetime | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Name the model."""
        return Session

    @classmethod
    def clear_expired(cls) -> None:
        """Delete what has ended."""
        now = timezone.now()
        ended = (
            models.Q(expire_date__lte=now) | models.Q(seen_at__lte=now - IDLE) | models.Q(began_at__lte=now - LONGEST)
        )
        end_sessions(Session.objects.filter(ended), why=BY_ITSELF, at=now)

    def _validate_session_key(self, key: str) -> bool:
        """Look for no key that was never given out: a cookie may hold a NUL, and PostgreSQL reads none."""
        return bool(super()._validate_session_key(key)) and key.isascii() and key.isalnum()  # type: ignore[misc]  # the stubs leave it out

    def _get_session_from_db(self) -> Session | None:
        row = cast("Session | None", super()._get_session_from_db())  # type: ignore[misc]  # the stubs leave it out
        if row is None:
            return None
        now = timezone.now()
        if row.seen_at <= now - IDLE or row.began_at <= now - LONGEST:
            self._session_key = None
            return None
        self.began = (str(row.user_id or ""), row.began_at, row.public_id)
        self.seen_at = row.seen_at
        return row

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        """Carry on when it began while it is the same person's; a new name of it (`cycle_key`) is no new session."""
        row = cast("Session", super().create_model_instance(data))
        now = timezone.now()
        whose = str(data.get(SESSION_KEY, ""))
        known = self.began if self.began is not None and self.began[0] == whose else (whose, now, row.public_id)
        if whose:
            row.user_id = int(whose)
            self.began = known
        _, row.began_at, row.public_id = known
        row.seen_at = self.seen_at = now
        return row


def sessions_of(user: User, *, at: datetime) -> QuerySet[Session]:
    """Select the sessions of a person that have not ended, the last seen first."""
    alive = Session.objects.filter(user=user, expire_date__gt=at, seen_at__gt=at - IDLE, began_at__gt=at - LONGEST)
    return alive.order_by("-seen_at", "pk")


def end_sessions(sessions: QuerySet[Session], *, why: str, at: datetime) -> int:
    """End these sessions and keep of each that it ended and why; answer how many of people there were.

    One that a new name (`cycle_key`) is just taking over may be there twice; that is one session.
    """
    ended = list(sessions.select_related("user").order_by())
    Session.objects.filter(pk__in=[one.pk for one in ended]).delete()
    of_people = {one.public_id: one for one in ended if one.user is not None}
    for one in of_people.values():
        told = one.get_decoded()
        note_event(
            Happening.ENDED,
            means=why,
            at=at,
            user=one.user,
            address=str(told.get(ADDRESS, "")) or None,
            device=device_named(str(told.get(DEVICE, ""))),
        )
    return len(of_people)


def note_device(request: HttpRequest, *, address: str) -> None:
    """Remember with the session where it was begun, so that its person knows it again in a list."""
    request.session[DEVICE] = request.headers.get("User-Agent", "")[:DEVICE_LENGTH]
    request.session[ADDRESS] = address


class SeenLately:
    """Notes that somebody is there, at most once a minute; what a page asks by itself is no sign of anybody."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Stand before the views."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, then note it."""
        response = self.get_response(request)
        store = request.session
        seen = getattr(store, "seen_at", None)
        if seen is None or store.modified or request.path.startswith(NOT_A_SIGN):
            return response
        now = timezone.now()
        if now - seen >= NOTED_EVERY:
            Session.objects.filter(pk=store.session_key, seen_at__lt=now).update(seen_at=now)
        return response
