"""Which authority somebody holds for another person right now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from django.db.models import Exists, OuterRef

from config.kernel.people import team_ids_of

from .models import Delegation, FreezeSwitch
from .vocabulary import DelegationState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import TypedDict

    from django.db.models import QuerySet
    from django_stubs_ext import WithAnnotations

    from config.kernel.people import User

    class _Freezing(TypedDict):
        is_lender_frozen: bool

    _Held = WithAnnotations[Delegation, _Freezing]

SIGNS = "approvals.decide_approvalstep"


@dataclass(frozen=True, slots=True)
class Loan:
    """A delegation in force: in whose name, where, for what, up to how much of which currency, and until when."""

    lent_by: User
    team_ids: frozenset[int]
    categories: frozenset[str]
    currency: str
    single_minor: int | None
    until_at: datetime
    is_frozen: bool = False

    def covers(self, *, team_id: int, category: str) -> bool:
        """Tell whether it holds here; without teams or categories it holds in all of them."""
        return team_id in (self.team_ids or {team_id}) and category in (self.categories or {category})

    def is_backed(self, *, team_id: int) -> bool:
        """Tell whether the lender may still sign for this team: what she lost or is frozen, nobody has from her."""
        return not self.is_frozen and team_id in team_ids_of(self.lent_by) and self.lent_by.has_perm(SIGNS)

    def ceiling_minor(self, currency: str) -> int | None:
        """Answer its own ceiling in minor units: nothing at all in another currency than the ceiling's."""
        if self.single_minor is None:
            return None
        return self.single_minor if currency == self.currency else 0


def loans_of(user: User, *, at: datetime) -> list[Loan]:
    """List the delegations this person holds in force at `at`, by lender; asked once for each loaded person.

    Those of a lender who left are among them: they lend nothing any more, but still keep the holder from deciding what
    that lender entered.
    """
    return [
        Loan(
            lent_by=delegation.lent_by,
            team_ids=frozenset(team.pk for team in delegation.teams.all()),
            categories=frozenset(delegation.categories),
            currency=delegation.currency,
            single_minor=delegation.single_minor,
            until_at=delegation.until_at,
            is_frozen=delegation.is_lender_frozen,
        )
        for delegation in _known(user, at)
        if delegation.state == DelegationState.ACCEPTED and delegation.from_at <= at < delegation.until_at
    ]


def offers_to(user: User, *, at: datetime) -> Sequence[Delegation]:
    """List what was offered to this person and waits for her answer; asked together with her loans."""
    return [delegation for delegation in _known(user, at) if delegation.state == DelegationState.OFFERED]


def hold_loans(user: User, *, at: datetime) -> None:
    """Lock what this person holds until the transaction ends, and know it as it is now.

    Whoever ends a delegation in the same instant waits for the signature, or the signature sees the end.
    """
    held = _held(user, at).select_for_update(of=("self",), no_key=True).order_by("pk")
    user.__dict__["_delegations_held"] = sorted(held, key=lambda delegation: (delegation.lent_by_id, delegation.pk))


def _known(user: User, at: datetime) -> list[_Held]:
    known = cast("list[_Held] | None", user.__dict__.get("_delegations_held"))
    if known is None:
        known = list(_held(user, at).order_by("lent_by", "pk"))
        user.__dict__["_delegations_held"] = known
    return [delegation for delegation in known if at < delegation.until_at]


def _held(user: User, at: datetime) -> QuerySet[_Held]:
    freezes = FreezeSwitch.objects.filter(agent=OuterRef("lent_by"), lifted_at__isnull=True)
    return (
        Delegation.objects.filter(
            lent_to=user, state__in=[DelegationState.OFFERED, DelegationState.ACCEPTED], until_at__gt=at
        )
        .annotate(is_lender_frozen=Exists(freezes))
        .select_related("lent_by")
        .prefetch_related("teams")
    )
