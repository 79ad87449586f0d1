"""Signing in under test: as at the door, whoever comes in has shown who she is just now."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.test import Client
from django.utils import timezone

from config.kernel.sessions import Session
from config.kernel.sign_in import SESSION_KEY

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.people import User

sign_in_alone = Client.force_login
"""Django's own, which shows nothing of her."""


def be_as_at_the_door() -> None:
    """Let every test client note with the sign-in when it was."""
    Client.force_login = _sign_in  # type: ignore[assignment, method-assign]  # one door for all tests


def make_stale(client: Client) -> None:
    """Let eleven minutes go by since she showed who she is."""
    _note(client, timezone.now() - timedelta(minutes=11))


def make_stale_everywhere(user: User) -> None:
    """Let eleven minutes go by in every browser of hers."""
    for key in Session.objects.filter(user=user).values_list("pk", flat=True):
        client = Client()
        client.cookies[settings.SESSION_COOKIE_NAME] = key
        make_stale(client)


def _sign_in(client: Client, user: User, backend: str | None = None) -> None:
    sign_in_alone(client, user, backend)
    _note(client, timezone.now())


def _note(client: Client, at: datetime) -> None:
    session = client.session
    session[SESSION_KEY] = at.isoformat()
    session.save()
