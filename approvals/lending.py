"""Which authority somebody holds for another person right now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from .models import Delegation
from .vocabulary import DelegationState

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.people import User


@dataclass(frozen=True, slots=True)
class Loan:
    """A delegation in force: in whose name, where, for what, and up to how much of which currency."""

    lent_by: User
    team_ids: frozenset[int]
    categories: frozenset[str]
    currency: str
    single_minor: int | None

    def covers(self, *, team_id: int, category: str) -> bool:
        """Tell whether it holds here; without teams or categories it holds in all of them."""
        return team_id in (self.team_ids or {team_id}) and category in (self.categories or {category})

    def ceiling_minor(self, currency: str) -> int | None:
        """Answer its own ceiling in minor units: nothing at all in another currency than the ceiling's."""
        if self.single_minor is None:
            return None
        return self.single_minor if currency == self.currency else 0


def loans_of(user: User, *, at: datetime) -> list[Loan]:
    """List the delegations this person holds in force at `at`, by lender; asked once for each loaded person."""
    known = cast("list[Delegation] | None", user.__dict__.get("_delegations_held"))
    if known is None:
        accepted = Delegation.objects.filter(
            lent_to=user, state=DelegationState.ACCEPTED, until_at__gt=at, lent_by__is_active=True
        )
        known = list(accepted.select_related("lent_by").prefetch_related("teams").order_by("lent_by", "pk"))
        user.__dict__["_delegations_held"] = known
    return [
        Loan(
            lent_by=delegation.lent_by,
            team_ids=frozenset(team.pk for team in delegation.teams.all()),
            categories=frozenset(delegation.categories),
            currency=delegation.currency,
            single_minor=delegation.single_minor,
        )
        for delegation in known
        if delegation.from_at <= at < delegation.until_at
    ]
