"""Addresses of bundles: signed, for one person, good for minutes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse

from evidence.models import Bundle

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.people import User

_SALT: Final = "evidence.bundle"


def address_of(bundle: Bundle) -> str:
    """Write an address under which whoever asked for a bundle, logged in, takes it for some minutes."""
    return reverse("refunds:bundle_file", args=[token_for(bundle)])


def token_for(bundle: Bundle) -> str:
    """Sign who may take which bundle from now on for a while."""
    return signing.dumps([bundle.pk.hex, bundle.asked_by_id], salt=_SALT)


def bundle_in(token: str, *, viewer: User, at: datetime) -> Bundle | None:
    """Read an address that was signed for this person; None when it is bent, old, for somebody else or of no use."""
    try:
        bundle_id, person_id = signing.loads(token, salt=_SALT, max_age=settings.EVIDENCE_LINK_SECONDS)
    except signing.BadSignature:
        return None
    if person_id != viewer.pk:
        return None
    waiting = Bundle.objects.filter(asked_by=viewer, expires_at__gt=at, removed_at__isnull=True)
    return waiting.filter(pk=UUID(bundle_id)).select_related("asked_by").first()
