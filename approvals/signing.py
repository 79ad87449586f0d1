"""What somebody may sign for here and in whose name, said before she does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.kernel.money import Money
from config.kernel.refusals import NotPermitted

from .authority import signed_today
from .permissions import DECIDED_BEFORE, decided_before, matter_of, warrant_for

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.people import User

    from .models import ApprovalRoute
    from .permissions import Warrant


@dataclass(frozen=True, slots=True)
class Basis:
    """Up to how much for one request, what is left of today, and whose authority is used until when.

    `own` and `lent` are the single limits of the signer and of the lender; `lent` is None in one's own name.
    """

    most: Money
    left_today: Money
    own: Money
    acting_for: User | None = None
    lent: Money | None = None
    until_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody stands with a route: why she may not decide, or what her signature would rest on."""

    why_not: str
    basis: Basis | None = None


def standing_of(user: User, route: ApprovalRoute, *, at: datetime) -> Standing:
    """Tell whether this person may decide on the route, and if so on which authority."""
    matter = matter_of(route)
    try:
        warrant = warrant_for(user, matter, at=at)
    except NotPermitted as no:
        return Standing(no.detail)
    if decided_before(user, matter):
        return Standing(DECIDED_BEFORE)
    return Standing("", _basis(warrant, route, at))


def _basis(warrant: Warrant, route: ApprovalRoute, at: datetime) -> Basis:
    left = min(
        max(limit.daily_minor - signed_today(person, category=route.category, currency=route.currency, at=at), 0)
        for person, limit in warrant.limits
    )
    singles = [Money(limit.single_minor, route.currency) for _, limit in warrant.limits]
    return Basis(
        most=Money(warrant.single_minor, route.currency),
        left_today=Money(left, route.currency),
        own=singles[0],
        acting_for=warrant.acting_for,
        lent=singles[1] if warrant.loan is not None else None,
        until_at=None if warrant.loan is None else warrant.loan.until_at,
    )
