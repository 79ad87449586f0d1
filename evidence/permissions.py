"""Who may see which evidence: a right, and working for the team it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.kernel.people import User, team_ids_of

from .models import Attachment, CustomerMessage

if TYPE_CHECKING:
    from django.db.models import QuerySet


def may_see_attachment(user: User, attachment: Attachment) -> bool:
    """Tell whether this person may open this file."""
    return user.has_perm("evidence.view_attachment") and attachment.team_id in team_ids_of(user)


def visible_to(user: User) -> QuerySet[Attachment]:
    """Find the files this person may open."""
    if not user.has_perm("evidence.view_attachment"):
        return Attachment.objects.none()
    return Attachment.objects.filter(team_id__in=team_ids_of(user))


def messages_visible_to(user: User) -> QuerySet[CustomerMessage]:
    """Find the messages to customers this person may read."""
    if not user.has_perm("evidence.view_customermessage"):
        return CustomerMessage.objects.none()
    return CustomerMessage.objects.filter(team_id__in=team_ids_of(user))
