"""Which policies may this person see: those of the teams she works for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.kernel.people import team_ids_of

from .models import GovernedAction, Policy, PolicyDecision, PolicyVersion

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from config.kernel.people import User


def policies_visible_to(user: User) -> QuerySet[Policy]:
    """Narrow policies to this person's teams."""
    return Policy.objects.filter(team_id__in=team_ids_of(user))


def versions_visible_to(user: User) -> QuerySet[PolicyVersion]:
    """Narrow versions to this person's teams."""
    return PolicyVersion.objects.filter(policy__team_id__in=team_ids_of(user))


def decisions_visible_to(user: User) -> QuerySet[PolicyDecision]:
    """Narrow decisions to this person's teams."""
    return PolicyDecision.objects.filter(version__policy__team_id__in=team_ids_of(user))


def actions_visible_to(user: User) -> QuerySet[GovernedAction]:
    """Narrow governed actions to this person's teams; a service account sees only what it asked about itself."""
    if not user.has_perm("policies.view_governedaction"):
        return GovernedAction.objects.none()
    actions = GovernedAction.objects.filter(team_id__in=team_ids_of(user))
    return actions.filter(requested_by=user) if user.is_service_account else actions
