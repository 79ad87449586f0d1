"""Short-lived addresses of files: signed, for one person, good for minutes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse

from .models.attachment import page_of_shown, small_of_shown
from .permissions import visible_to
from .vocabulary import SHOWN_STATES

if TYPE_CHECKING:
    from config.kernel.people import User

    from .models import Attachment

SMALL: Final = 0
"""Stands for the thumbnail where a link names a page."""

_SALT: Final = "evidence.file"


@dataclass(frozen=True, slots=True)
class Link:
    """What an address leads to, for whom: page `page` of a file, or its thumbnail."""

    attachment: Attachment
    page: int

    @property
    def stored(self) -> str:
        """The name in storage of what is to be served."""
        shown = str(self.attachment.shown)
        return small_of_shown(shown) if self.page == SMALL else page_of_shown(shown, self.page)


def link_to(attachment: Attachment, *, viewer: User, page: int = 1) -> str:
    """Write an address under which this person, logged in, gets a page of a file (or `SMALL`) for some minutes."""
    return reverse("evidence:file", args=[token_for(attachment, viewer=viewer, page=page)])


def token_for(attachment: Attachment, *, viewer: User, page: int = 1) -> str:
    """Sign who may see which page from now on for a while."""
    return signing.dumps([attachment.pk.hex, viewer.pk, page], salt=_SALT)


def viewer_in(token: str, *, seconds: int) -> int | None:
    """Read for whom a token was signed; None when it is bent or too old."""
    signed = _signed(token, seconds)
    return None if signed is None else signed[1]


def link_in(token: str, *, viewer: User, seconds: int | None = None) -> Link | None:
    """Read an address that was signed for this person; None when it is bent, old, for somebody else or of no use.

    What she may see is asked anew: a right that was taken meanwhile is gone, and so is a file put away meanwhile.
    """
    signed = _signed(token, settings.EVIDENCE_LINK_SECONDS if seconds is None else seconds)
    if signed is None or signed[1] != viewer.pk:
        return None
    attachment = visible_to(viewer).filter(pk=UUID(signed[0]), scan_state__in=SHOWN_STATES).first()
    if attachment is None or not SMALL <= signed[2] <= attachment.page_count:
        return None
    return Link(attachment, signed[2])


def _signed(token: str, seconds: int) -> tuple[str, int, int] | None:
    try:
        attachment, viewer, page = signing.loads(token, salt=_SALT, max_age=seconds)
    except signing.BadSignature:
        return None
    return attachment, viewer, page
