"""What evidence a person may read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from .permissions import messages_visible_to

if TYPE_CHECKING:
    from uuid import UUID

    from config.kernel.people import User

    from .models import CustomerMessage

MESSAGES_PER_PAGE = 25


@dataclass(frozen=True, slots=True)
class MessagePage:
    """Some messages, newest first, and the id after which the next page begins; None at the end."""

    messages: list[CustomerMessage]
    older_than: UUID | None


def page_of_messages(*, viewer: User, wanted: str = "", older_than: UUID | None = None) -> MessagePage:
    """Messages to customers, newest first; `wanted` is part of a reference or of the recipient's address or name."""
    found = messages_visible_to(viewer).select_related("team").order_by("-written_at", "-pk")
    if wanted:
        found = found.filter(Q(reference__istartswith=wanted) | Q(to__icontains=wanted) | Q(customer__icontains=wanted))
    last = None if older_than is None else messages_visible_to(viewer).filter(pk=older_than).first()
    if last is not None:
        found = found.filter(Q(written_at__lt=last.written_at) | Q(written_at=last.written_at, pk__lt=last.pk))
    messages = list(found[: MESSAGES_PER_PAGE + 1])
    has_more = len(messages) > MESSAGES_PER_PAGE
    shown = messages[:MESSAGES_PER_PAGE]
    return MessagePage(shown, shown[-1].pk if has_more else None)
