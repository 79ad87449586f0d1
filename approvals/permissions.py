"""May this person see this route, and may she decide on it: asked by the list, the page and the command alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from config.kernel.money import Money
from config.kernel.people import team_ids_of
from config.kernel.refusals import NotPermitted

from .authority import Limit, limit_for, limits_of
from .models import ApprovalRoute

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from config.kernel.people import User

SELF_APPROVAL = "You entered this request. Somebody else must decide."
OWN_REVIEW = "You judged the exception on this request. Somebody else must decide."


def visible_to(user: User) -> QuerySet[ApprovalRoute]:
    """Narrow routes to the teams this person works for."""
    if not user.has_perm("approvals.view_approvalroute"):
        return ApprovalRoute.objects.none()
    return ApprovalRoute.objects.filter(team_id__in=team_ids_of(user))


def within_authority(user: User) -> Q:
    """Select the open routes this person may decide: own teams, own roles, own limits, not her own requests."""
    teams = team_ids_of(user)
    scopes = Q(pk__in=[])
    for team_id, category, currency in _scopes(user, teams):
        limit = limit_for(user, team_id=team_id, category=category, currency=currency)
        if limit is not None:
            scopes |= Q(team_id=team_id, category=category, currency=currency, amount_minor__lte=limit.single_minor)
    mine = Q(requested_by=user) | Q(reviewed_by=user)
    return Q(state="open", current_role__in=user.role_names) & scopes & ~mine


def _scopes(user: User, teams: Iterable[int]) -> list[tuple[int, str, str]]:
    kinds = {(limit.category, limit.currency) for limit in limits_of(user)}
    return [(team_id, category, currency) for team_id in sorted(teams) for category, currency in sorted(kinds)]


def check_may_decide(
    user: User,
    *,
    requested_by_id: int,
    reviewed_by_id: int | None,
    team_id: int,
    category: str,
    amount: Money,
) -> Limit:
    """Answer the limit that covers this signature.

    Asked before any state, so that a person without the right hears the same in every state.

    :raises NotPermitted: `not_permitted`, `self_approval` or `over_authority`
    """
    if not user.has_perm("approvals.decide_approvalstep") or user.is_service_account:
        raise NotPermitted("not_permitted", "Deciding needs the role of an approver.")
    if user.pk == requested_by_id:
        raise NotPermitted("self_approval", SELF_APPROVAL)
    if user.pk == reviewed_by_id:
        raise NotPermitted("self_approval", OWN_REVIEW)
    limit = limit_for(user, team_id=team_id, category=category, currency=amount.currency)
    if limit is None:
        raise NotPermitted("over_authority", f"You have no authority for a {category} in {amount.currency}.")
    if amount.minor > limit.single_minor:
        allowed = Money(limit.single_minor, amount.currency)
        raise NotPermitted("over_authority", f"You may approve up to {allowed}; this is {amount}.")
    return limit


def why_not_decide(user: User, route: ApprovalRoute) -> str:
    """Say in a sentence why this person may not decide on this route; empty when she may."""
    try:
        check_may_decide(
            user,
            requested_by_id=route.requested_by_id,
            reviewed_by_id=route.reviewed_by_id,
            team_id=route.team_id,
            category=route.category,
            amount=route.amount,
        )
    except NotPermitted as no:
        return no.detail
    return (
        ""
        if route.current_role in user.role_names
        else f"This waits for somebody with the role “{route.current_role}”."
    )
