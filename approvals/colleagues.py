"""Who else could sign what waits on a route: shown before the click to whoever may not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .dead_ends import pasts_of, why_not_signed
from .staff import Staff

if TYPE_CHECKING:
    from datetime import datetime

    from .models import ApprovalRoute
    from .staff import Signature

MOST_NAMED = 5


def who_could_sign(route: ApprovalRoute, *, at: datetime) -> list[Signature]:
    """List who is here and could sign an open step of a route, the lowest limit that suffices first."""
    staff = Staff(route.team, at=at)
    past = pasts_of([route])[route.subject_id]
    able = [
        signature
        for signature in staff.signatures(category=route.category, currency=route.currency)
        if signature.roles & set(route.open_roles) and not why_not_signed(route, signature, staff, past)
    ]
    return sorted(able, key=lambda signature: (signature.single_minor, signature.signer.pk))[:MOST_NAMED]
