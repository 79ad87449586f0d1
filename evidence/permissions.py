"""Who may see which evidence: a right, and working for the team it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from config.kernel.people import User, team_ids_of

from .models import Attachment, CustomerMessage
from .vocabulary import SENSITIVE_KINDS

if TYPE_CHECKING:
    from django.db.models import QuerySet

VIEWS_SENSITIVE = "evidence.view_sensitive_attachment"


def may_see_attachment(user: User, attachment: Attachment) -> bool:
    """Tell whether this person may know of this file and open it."""
    if attachment.erased_at is not None:
        return False
    if not user.has_perm("evidence.view_attachment") or attachment.team_id not in team_ids_of(user):
        return False
    return attachment.kind not in SENSITIVE_KINDS or attachment.added_by_id == user.pk or user.has_perm(VIEWS_SENSITIVE)


def visible_to(user: User) -> QuerySet[Attachment]:
    """Find the files this person may know of and open; sensitive ones are narrower, but what one added one sees."""
    if not user.has_perm("evidence.view_attachment"):
        return Attachment.objects.none()
    found = Attachment.objects.filter(team_id__in=team_ids_of(user), erased_at=None)
    if user.has_perm(VIEWS_SENSITIVE):
        return found
    return found.filter(~Q(kind__in=SENSITIVE_KINDS) | Q(added_by=user))


def messages_visible_to(user: User) -> QuerySet[CustomerMessage]:
    """Find the messages to customers this person may read."""
    if not user.has_perm("evidence.view_customermessage"):
        return CustomerMessage.objects.none()
    return CustomerMessage.objects.filter(team_id__in=team_ids_of(user))
