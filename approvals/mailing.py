"""Notices by mail: each by itself, or all of a day together. No customer and no text of a person is in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

from config.kernel.outbox import publish
from config.kernel.people import Team, User, team_ids_of
from config.kernel.wording import printed_for_keeps

from . import links
from .models import Notice, NoticeSetting
from .permissions import why_not_decide
from .vocabulary import NoticeKind, NoticeWish, RouteState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from django.db.models import QuerySet

DIGEST_AT = time(8)
OLDEST = timedelta(days=7)
"""Older notices are no news; nor would their links open anything."""

MOST_IN_A_DIGEST = 200
WITHOUT_LINK = frozenset({NoticeKind.LAPSED, NoticeKind.OVERDUE})
"""Told to people who need not be able to sign: they get the plain address of the page."""


@dataclass(frozen=True, slots=True)
class Line:
    """One notice as mail prints it: what happened, the reference, the amount, by when, and where to look."""

    words: str
    reference: str
    amount: str
    due: str
    address: str


def line_of(notice: Notice) -> Line:
    """Put a notice into words; its route comes with its team."""
    route = notice.route
    kind = NoticeKind(notice.kind)
    is_plain = kind in WITHOUT_LINK
    return Line(
        words=str(kind.label),
        reference=route.reference,
        amount=str(route.amount),
        due=f"{route.due_at.astimezone(ZoneInfo(route.team.time_zone)):%a %d %b %Y, %H:%M} ({route.team.time_zone})",
        address=links.absolute(route.page)
        if is_plain
        else links.address_for(route=route, level=notice.level, user=notice.user),
    )


def compose(lines: Sequence[Line]) -> tuple[str, str]:
    """Write the mail of some notices. Answers the subject line and the body."""
    text = printed_for_keeps(
        "approvals/mail/notices.txt", {"lines": lines, "only": lines[0] if len(lines) == 1 else None}
    )
    subject_line, _, body = text.strip().partition("\n")
    return subject_line.strip(), body.strip() + "\n"


def mail_notice(*, notice_id: UUID | str, at: datetime) -> bool:
    """Mail one notice, once, to somebody who wants each by itself. Answers whether it went."""
    notice = _unmailed().filter(pk=notice_id).first()
    if notice is None or not _is_current(notice, at) or _wants_otherwise(notice.user):
        return False
    if not _sent([notice], notice.user, f"notice-{notice.pk}"):
        return False
    return bool(Notice.objects.filter(pk=notice.pk, mailed_at__isnull=True).update(mailed_at=at))


def mail_digest(*, user_id: int | str, digest_at: datetime) -> bool:
    """Mail the notices that were claimed for this digest. Answers whether it went."""
    claimed = Notice.objects.filter(user_id=int(user_id), mailed_at=digest_at).select_related("route__team", "user")
    current = [
        notice
        for notice in claimed.order_by("route__due_at", "pk")[:MOST_IN_A_DIGEST]
        if _is_current(notice, digest_at)
    ]
    return bool(current) and _sent(current, current[0].user, f"digest-{user_id}-{digest_at:%Y%m%dT%H%M}")


def sweep_digests(*, at: datetime) -> int:
    """Claim what was written before eight in the morning, person by person, and have it mailed. Answers how many."""
    wanted = _unmailed().filter(user__notice_setting__wish=NoticeWish.DIGEST, written_at__gt=at - OLDEST)
    people = User.objects.filter(pk__in=wanted.order_by().values("user"), is_active=True).order_by("pk")
    return sum(_claimed(user, at) for user in people)


@transaction.atomic
def _claimed(user: User, at: datetime) -> bool:
    digest_at = last_eight(user, at=at)
    waiting = Notice.objects.filter(
        user=user, mailed_at__isnull=True, written_at__lt=digest_at, written_at__gt=at - OLDEST
    )
    # What one mail does not hold goes with the next sweep.
    found = waiting.select_for_update(skip_locked=True).order_by("pk")[:MOST_IN_A_DIGEST]
    held = [notice.pk for notice in found]
    if not held:
        return False
    Notice.objects.filter(pk__in=held).update(mailed_at=at)
    publish("digest.due", user_id=str(user.pk), digest_at=at.isoformat())
    return True


def last_eight(user: User, *, at: datetime) -> datetime:
    """Find when it was last eight in the morning where the person's first team is."""
    team = Team.objects.filter(pk__in=team_ids_of(user)).order_by("pk").first()
    there = at.astimezone(ZoneInfo(team.time_zone if team is not None else settings.TIME_ZONE))
    morning = datetime.combine(there.date(), DIGEST_AT, tzinfo=there.tzinfo)
    return morning if morning <= at else datetime.combine(there.date() - timedelta(days=1), DIGEST_AT, there.tzinfo)


def _unmailed() -> QuerySet[Notice]:
    return Notice.objects.filter(mailed_at__isnull=True).select_related("route__team", "user")


def _is_current(notice: Notice, at: datetime) -> bool:
    """Tell whether it is still news: nobody is called to what is over, waits for others, or is of a team she left."""
    if notice.route.team_id not in team_ids_of(notice.user):
        return False
    if notice.kind == NoticeKind.LAPSED:
        return True
    is_open = notice.route.state == RouteState.OPEN
    return is_open and (notice.kind in WITHOUT_LINK or not why_not_decide(notice.user, notice.route, at=at))


def _wants_otherwise(user: User) -> bool:
    """Ask again right before: she may have changed her mind while the mail server was down."""
    return NoticeSetting.objects.filter(user=user).exclude(wish=NoticeWish.EACH).exists()


def _sent(notices: Sequence[Notice], user: User, name: str) -> bool:
    """Send outside any transaction; should it go twice, then with one Message-ID, which mail programs show once."""
    if settings.MAIL_IS_KEPT or not user.email or not user.is_active:
        return False
    subject_line, body = compose([line_of(notice) for notice in notices])
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ")
    EmailMessage(subject=subject_line, body=body, to=[user.email], headers={"Message-ID": f"<{name}@{domain}>"}).send()
    return True
