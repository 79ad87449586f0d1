"""Tell colleagues what waits for them: one notice for each person, route, kind and level, in the portal and by mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from approvals.models import ApprovalRoute, Notice, NoticeSetting
from approvals.permissions import why_not_decide
from approvals.roles import DIRECTOR, MANAGER
from approvals.staff import Staff
from approvals.vocabulary import NoticeKind, NoticeWish, RouteState, StepState
from config.kernel.outbox import publish
from config.kernel.people import User, people_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from approvals.models import ApprovalStep

MOST_PEOPLE = 50
"""Whoever tells more people tells nobody."""


def tell_who_decides(*, route: ApprovalRoute, kind: NoticeKind, at: datetime) -> int:
    """Tell everybody who may sign an open step of the route and is not away. Answers how many were told.

    Each step in turn; after it went up only the role above hears of it. Somebody a step was asked of hears that she
    was asked, and the others of that step hear nothing.
    """
    if route.state != RouteState.OPEN:
        return 0
    return sum(_tell_about(route, step, kind, at) for step in route.steps.filter(state=StepState.OPEN))


def _tell_about(route: ApprovalRoute, step: ApprovalStep, kind: NoticeKind, at: datetime) -> int:
    if kind is NoticeKind.ESCALATED and step.escalated_at is None:
        return 0
    if step.asked_of is not None:
        told = NoticeKind.ASKED if kind is NoticeKind.WAITING else kind
        return tell(people=[step.asked_of], route=route, kind=told, level=step.level, at=at)
    return tell(people=signers_of(route, step, at=at), route=route, kind=kind, level=step.level, at=at)


def signers_of(route: ApprovalRoute, step: ApprovalStep, *, at: datetime) -> list[User]:
    """List who may sign a step now, in the order of their limits: not the conflicted, the spent, or the absent."""
    staff = Staff(route.team, at=at)
    able: dict[int, tuple[int, User]] = {}
    for signature in staff.signatures(category=route.category, currency=route.currency):
        person = signature.signer
        fits = step.role in signature.roles and signature.single_minor >= route.amount_minor
        if fits and person.pk not in able and staff.away_until(person, needed_by=at) is None:
            able[person.pk] = signature.single_minor, person
    # The least authority that is enough comes first: the director hears of it when nobody below her can.
    found: list[User] = []
    for _, person in sorted(able.values(), key=lambda each: (each[0], each[1].pk)):
        if len(found) < MOST_PEOPLE and not why_not_decide(person, route, at=at):
            found.append(person)
    return found


def tell_managers(*, route: ApprovalRoute, at: datetime) -> int:
    """Tell the managers and directors of the team that something stays overdue and nobody is above it."""
    people = people_of(route.team).filter(groups__name__in=[MANAGER, DIRECTOR]).distinct().order_by("pk")
    others = people.exclude(pk=route.requested_by_id)[:MOST_PEOPLE]
    return tell(people=others, route=route, kind=NoticeKind.OVERDUE, level=route.current_level, at=at)


def tell_lapsed(*, route: ApprovalRoute, at: datetime) -> int:
    """Tell whoever asked, and whoever was told that it waited for her."""
    told = Notice.objects.filter(route=route).values("user")
    people = User.objects.filter(pk__in=told) | User.objects.filter(pk=route.requested_by_id)
    kept = people.filter(is_active=True, is_service_account=False).order_by("pk")[:MOST_PEOPLE]
    return tell(people=kept, route=route, kind=NoticeKind.LAPSED, level=route.current_level, at=at)


@transaction.atomic
def tell(*, people: Iterable[User], route: ApprovalRoute, kind: NoticeKind, level: int, at: datetime) -> int:
    """Write a notice for each of these people and have it mailed to those who want each by itself.

    Whoever was told this before is not told again. Answers how many were told.
    """
    wanted = [Notice(user=user, route=route, kind=kind, level=level, written_at=at) for user in people]
    Notice.objects.bulk_create(wanted, ignore_conflicts=True)
    written = Notice.objects.filter(pk__in=[notice.pk for notice in wanted])
    by_themselves = _who_want_each({notice.user_id for notice in written})
    for notice in written:
        if notice.user_id in by_themselves:
            publish("notice.written", notice_id=notice.pk)
    return len(written)


def _who_want_each(user_ids: set[int]) -> set[int]:
    others = NoticeSetting.objects.filter(user__in=user_ids).exclude(wish=NoticeWish.EACH)
    return user_ids - set(others.values_list("user", flat=True))


def open_route_about(subject_id: UUID | str) -> ApprovalRoute | None:
    """Find the open route of a subject, with its team."""
    return ApprovalRoute.objects.filter(subject_id=subject_id, state=RouteState.OPEN).select_related("team").first()


@transaction.atomic(durable=True)
def set_wish(*, wish: NoticeWish, actor: User) -> None:
    """Say how one wants to be told by mail."""
    NoticeSetting.objects.update_or_create(user=actor, defaults={"wish": wish})


@transaction.atomic(durable=True)
def mark_read(*, actor: User, notice_ids: Iterable[UUID], at: datetime) -> int:
    """Mark some of one's own notices as read. Answers how many were new."""
    return Notice.objects.filter(user=actor, pk__in=list(notice_ids), read_at__isnull=True).update(read_at=at)
