"""What one person was told, newest first, and how much of it is new."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from config.kernel.people import team_ids_of

from .models import Notice, NoticeSetting
from .vocabulary import NoticeKind, NoticeWish, RouteState

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from config.kernel.people import User

COUNT_UP_TO = 100
CURRENT = Q(route__state=RouteState.OPEN) | Q(kind=NoticeKind.LAPSED)
"""What is over needs nobody any more, read or not; a lapse is news by itself."""


def notices_of(viewer: User) -> QuerySet[Notice]:
    """Select what this person was told, newest first; what a team she left was about is not hers to see any more."""
    return _of(viewer).select_related("route__team").order_by("-written_at", "-pk")


def unread_count(viewer: User) -> int:
    """Count what is new to this person and not over, up to `COUNT_UP_TO`."""
    unread = _of(viewer).filter(CURRENT, read_at__isnull=True)
    return len(unread.order_by().values_list("pk", flat=True)[:COUNT_UP_TO])


def _of(viewer: User) -> QuerySet[Notice]:
    return Notice.objects.filter(user=viewer, route__team__in=team_ids_of(viewer))


def wish_of(viewer: User) -> NoticeWish:
    """Tell how this person wants to be told by mail."""
    setting = NoticeSetting.objects.filter(user=viewer).first()
    return NoticeWish.EACH if setting is None else NoticeWish(setting.wish)
