"""Limits: how much may this person sign for, here, in this currency, and what is left of it today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from django.db.models import Q, Sum

from config.kernel.people import User, forget_rights

from .models import ApprovalDecision, AuthorityLimit
from .vocabulary import RouteState, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.db.models import QuerySet


@dataclass(frozen=True, slots=True)
class Limit:
    """The limit that counts for one person in one team, category and currency, in minor units."""

    single_minor: int
    daily_minor: int


def limits_of(user: User) -> list[AuthorityLimit]:
    """List every limit that names this person or one of her roles; asked once for each loaded person."""
    known = cast("list[AuthorityLimit] | None", user.__dict__.get("_authority_limits"))
    if known is None:
        known = list(AuthorityLimit.objects.filter(Q(user=user) | Q(role__in=user.role_names)))
        user.__dict__["_authority_limits"] = known
    return known


def forget_authority(user: User) -> None:
    """Ask anew for everything a loaded person may do and sign for: what she knew may be over since."""
    user.__dict__.pop("_authority_limits", None)
    forget_rights(user)


def load_limits(users: Sequence[User]) -> None:
    """Load the roles and limits of many people with two queries, where each would be asked for her own."""
    held: dict[int, set[str]] = {user.pk: set() for user in users}
    for pk, role in User.objects.filter(pk__in=held, groups__isnull=False).values_list("pk", "groups__name"):
        held[pk].add(role)
    roles = {role for names in held.values() for role in names}
    limits = list(AuthorityLimit.objects.filter(Q(user__in=held) | Q(role__in=roles)))
    for user in users:
        user.__dict__["_role_names"] = frozenset(held[user.pk])
        user.__dict__["_authority_limits"] = [
            limit for limit in limits if limit.user_id == user.pk or limit.role in held[user.pk]
        ]


def limit_for(user: User, *, team_id: int, category: str, currency: str) -> Limit | None:
    """Find the limit that counts: a personal one before the role's, the team's own before the general one."""
    fitting = [
        limit
        for limit in limits_of(user)
        if limit.category == category and limit.currency == currency and limit.team_id in {None, team_id}
    ]
    if not fitting:
        return None
    closest = max(fitting, key=lambda limit: (limit.user_id is not None, limit.team_id is not None))
    return Limit(closest.single_minor, closest.daily_minor)


def signed_today(user: User, *, category: str, currency: str, at: datetime) -> int:
    """Sum what was approved by this person or in her name on the UTC day of `at`, in minor units of `currency`."""
    approved = _signed_on_day(user, at).filter(currency=currency, route__category=category)
    return int(approved.aggregate(total=Sum("amount_minor"))["total"] or 0)


def within_room_today(user: User, *, at: datetime) -> Q:
    """Select the routes whose amount this person's own day still holds: whoever she signs for, her own day binds."""
    sums = _signed_on_day(user, at).values_list("route__category", "currency").annotate(Sum("amount_minor"))
    signed = {(category, currency): total for category, currency, total in sums}
    daily: dict[tuple[str, str], int] = {}
    for limit in limits_of(user):
        kind = (limit.category, limit.currency)
        daily[kind] = max(limit.daily_minor, daily.get(kind, 0))
    room = Q(pk__in=[])
    for (category, currency), most in sorted(daily.items()):
        left = most - signed.get((category, currency), 0)
        room |= Q(category=category, currency=currency, amount_minor__lte=left)
    return room


def _signed_on_day(user: User, at: datetime) -> QuerySet[ApprovalDecision]:
    """Select what uses the day up: approvals on routes that came to nothing, and so moved no money, do not."""
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return ApprovalDecision.objects.filter(
        Q(decided_by=user) | Q(acting_for=user),
        decided_at__gte=midnight,
        decided_at__lt=midnight + timedelta(days=1),
        verdict=Verdict.APPROVE,
        route__state__in=[RouteState.OPEN, RouteState.APPROVED],
    )
