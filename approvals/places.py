"""Which of several open signatures somebody gives: one that leaves the others possible."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .dead_ends import REMAINING, pasts_of, why_not_signed
from .staff import Need, Staff, can_be_had

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from config.kernel.people import User

    from .models import ApprovalRoute, ApprovalStep
    from .permissions import Warrant


def place_of(
    person: User, steps: Sequence[ApprovalStep], warrant: Warrant, *, route: ApprovalRoute, at: datetime
) -> ApprovalStep:
    """Choose among open steps the one this person signs; her warrant reaches one of them at least.

    What she holds or was asked for comes first, as long as others can still be had for what she leaves. Only somebody
    with two of the roles that are waited for has a choice, and only then the people of the team are looked at.
    """
    hers = [step for step in steps if step.role in warrant.roles]
    hers.sort(key=lambda step: (step.leased_by_id != person.pk, step.asked_of_id != person.pk, step.place))
    if len({step.role for step in hers}) > 1:
        staff, past = Staff(route.team, at=at), pasts_of([route])[route.subject_id]
        spent = {person.pk} | ({warrant.acting_for.pk} if warrant.acting_for is not None else set())
        others = [
            signature
            for signature in staff.signatures(category=route.category, currency=route.currency)
            if not signature.people & spent and not why_not_signed(route, signature, staff, past)
        ]
        remaining = list(route.steps.filter(state__in=REMAINING))
        for step in hers:
            left = [
                Need(each.role, each.quorum - past.ayes.get(each.pk, 0) - (each.pk == step.pk)) for each in remaining
            ]
            if can_be_had(left, others):
                return step
    return hers[0]
