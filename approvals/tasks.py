"""Thin entries for the worker and the outbox: ids in, one call."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from celery import shared_task
from django.utils import timezone

from . import looking, mailing
from .models import ApprovalRoute
from .services import notifying, sweeping
from .vocabulary import NoticeKind, RouteState


@shared_task(name="approvals.sweep")
def sweep(**_later: Any) -> None:
    """Remind, escalate, lapse, and send the digests of the morning."""
    at = timezone.now()
    sweeping.sweep_routes(at=at)
    mailing.sweep_digests(at=at)


@shared_task(name="approvals.look_for_dead_ends")
def look_for_dead_ends(**_later: Any) -> None:
    """Name every open route that nobody could finish."""
    looking.look_for_dead_ends(at=timezone.now())


def run_look(*, job_id: str, **_later: Any) -> None:
    """Hear `job.queued.dead_ends`."""
    looking.run_look(job_id=job_id, at=timezone.now())


def tell_opened(*, subject_id: str, **_later: Any) -> None:
    """Hear that a subject may wait for signatures."""
    _tell(subject_id, NoticeKind.WAITING)


def tell_escalated(*, subject_id: str, **_later: Any) -> None:
    """Hear `approval.escalated`."""
    _tell(subject_id, NoticeKind.ESCALATED)


def tell_due_soon(*, route_id: str, **_later: Any) -> None:
    """Hear `approval.due_soon`."""
    notifying.tell_who_decides(route=_route(route_id), kind=NoticeKind.REMINDER, at=timezone.now())


def tell_overdue(*, route_id: str, **_later: Any) -> None:
    """Hear `approval.overdue`."""
    notifying.tell_managers(route=_route(route_id), at=timezone.now())


def tell_lapsed(*, subject_id: str, **_later: Any) -> None:
    """Hear that a subject ended because its route lapsed."""
    lapsed = ApprovalRoute.objects.filter(subject_id=subject_id, state=RouteState.LAPSED).order_by("-closed_at", "-pk")
    route = lapsed.select_related("team").first()
    if route is not None:
        notifying.tell_lapsed(route=route, at=timezone.now())


def mail_notice(*, notice_id: str, **_later: Any) -> None:
    """Hear `notice.written`."""
    mailing.mail_notice(notice_id=notice_id, at=timezone.now())


def mail_digest(*, user_id: str, digest_at: str, **_later: Any) -> None:
    """Hear `digest.due`."""
    mailing.mail_digest(user_id=user_id, digest_at=datetime.fromisoformat(digest_at))


def _tell(subject_id: str, kind: NoticeKind) -> None:
    route = notifying.open_route_about(subject_id)
    if route is not None:
        notifying.tell_who_decides(route=route, kind=kind, at=timezone.now())


def _route(route_id: str) -> ApprovalRoute:
    return ApprovalRoute.objects.select_related("team").get(pk=route_id)
