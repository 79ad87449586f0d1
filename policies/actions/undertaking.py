"""What a freeze is asked about a governed action."""

from __future__ import annotations

from typing import TYPE_CHECKING

from approvals.freezing import Undertaking

if TYPE_CHECKING:
    from config.kernel.people import User
    from policies.models import GovernedAction


def undertaking_of(action: GovernedAction, verb: str, actor: User | None) -> Undertaking:
    """Tell what somebody is about to do with an action, and on whom it hangs."""
    people = {action.requested_by_id, action.approved_by_id, actor.pk if actor is not None else None}
    return Undertaking(
        verb=verb,
        subject=action.subject,
        reference=action.reference,
        page=action.get_absolute_url(),
        team_id=action.team_id,
        category=action.category,
        amount=action.amount,
        agent_ids=frozenset(pk for pk in people if pk is not None),
        actor=actor,
    )
