"""Signed links in mail: they name a route, a level and the one person they are for, and lead to a page; no more.

Whoever holds a link must still log in as that person, and decides on the page as always.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse

if TYPE_CHECKING:
    from approvals.models import ApprovalRoute
    from config.kernel.people import User

SALT = "approvals.links"
LASTS = timedelta(days=7)


class LinkBroken(Exception):
    """The link was changed on its way, or was never ours."""


class LinkExpired(Exception):
    """The link is ours and too old."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a link says: this route, at this level, for this person."""

    route_id: UUID
    level: int
    user_id: int


def token_for(*, route: ApprovalRoute, level: int, user: User) -> str:
    """Sign a link."""
    return signing.dumps([route.pk.hex, level, user.pk], salt=SALT)


def read_token(token: str) -> Link:
    """Read a link.

    :raises LinkBroken: when its signature is not ours
    :raises LinkExpired: after seven days
    """
    try:
        route_id, level, user_id = signing.loads(token, salt=SALT, max_age=LASTS)
    except signing.SignatureExpired as error:
        raise LinkExpired from error
    except signing.BadSignature as error:
        raise LinkBroken from error
    return Link(UUID(hex=route_id), int(level), int(user_id))


def address_for(*, route: ApprovalRoute, level: int, user: User) -> str:
    """Print the whole address of a signed link, as mail needs it."""
    return absolute(reverse("approvals:open_link", args=[token_for(route=route, level=level, user=user)]))


def absolute(path: str) -> str:
    """Put the portal's own address before a path."""
    return f"{settings.PORTAL_URL}{path}"
