"""What somebody may sign for here and in whose name, said before she does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.kernel.money import Money
from config.kernel.refusals import NotPermitted

from .authority import signed_today
from .permissions import matter_of, warrant_for

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.people import User

    from .models import ApprovalRoute


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


def basis_of(user: User, route: ApprovalRoute, *, at: datetime) -> Basis | None:
    """Tell what this person's signature on the route would rest on; None when she may not sign."""
    try:
        warrant = warrant_for(user, matter_of(route), at=at)
    except NotPermitted:
        return None
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
