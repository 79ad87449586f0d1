"""The amounts above which somebody else has a say, as policies and authority limits say them today."""

from __future__ import annotations

from typing import TYPE_CHECKING

from approvals.models import AuthorityLimit
from policies.judging import document_of
from policies.models import PolicyVersion
from policies.vocabulary import Category, VersionState

from .rows import Limit

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet


def limits_of(places: AbstractSet[tuple[int, str]]) -> list[Limit]:
    """List the limits on refunds of these teams and currencies, smallest first within each."""
    found: set[Limit] = set()
    versions = PolicyVersion.objects.filter(policy__team_id__in={team for team, _ in places})
    for version in versions.filter(state=VersionState.PUBLISHED).select_related("policy"):
        team = version.policy.team_id
        document = document_of(version)
        for currency in {currency for one, currency in places if one == team}:
            threshold = document.threshold_for(Category.REFUND, currency)
            if threshold is not None:
                bands = (threshold.auto_up_to_minor, threshold.approve_up_to_minor)
                found |= {Limit(team, currency, minor) for minor in bands}
    authority = AuthorityLimit.objects.filter(category=Category.REFUND, currency__in={one for _, one in places})
    for of_team, currency, minor in authority.values_list("team_id", "currency", "single_minor").distinct():
        found |= {Limit(team, currency, minor) for team, one in places if one == currency and of_team in {None, team}}
    return sorted(limit for limit in found if limit.minor)
