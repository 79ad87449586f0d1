"""What a policy is told of an action when nothing more is known than what was asked or seen."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from policies.engine.facts import RefundFacts

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.money import Money
    from config.kernel.people import Team


def plain_facts(
    *, team: Team, category: str, amount: Money, reason: str, at: datetime, dispute_due_at: datetime | None = None
) -> RefundFacts:
    """Freeze the facts of an action at `at`, on the clock of its team."""
    here = at.astimezone(ZoneInfo(team.time_zone))
    return RefundFacts(
        category=category,
        amount_minor=amount.minor,
        currency=amount.currency,
        reason=reason,
        dispute_due_in_hours=None if dispute_due_at is None else (dispute_due_at - at) // timedelta(hours=1),
        asked_weekday=here.isoweekday(),
        asked_minute=here.hour * 60 + here.minute,
        asked_on=here.date(),
    )
