"""Publishing: on the third of a month the month before is kept, once for each team."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Final

from django.db import transaction

from analytics.machines import CLOCK
from analytics.models import Scorecard
from analytics.rollups.following import catch_up
from analytics.rollups.marking import wait_to_be_alone
from config.kernel.people import Team
from evidence import ledger

from .counting import lines_of, sha256_of
from .measures import worst_of

if TYPE_CHECKING:
    from datetime import date, datetime

SETTLED_ON: Final = 3
"""The day of the month on which the month before is told: news of its last days may be late by two."""


def publish_due(*, at: datetime) -> int:
    """Publish the month before for every team that has anything to tell of; answers how many were published."""
    today = at.astimezone(UTC).date()
    if today.day < SETTLED_ON:
        return 0
    catch_up(at=at)
    month = month_before(today)
    return sum(publish(team=team, month=month, at=at) is not None for team in Team.objects.order_by("pk"))


@transaction.atomic(durable=True)
def publish(*, team: Team, month: date, at: datetime) -> Scorecard | None:
    """Keep a team's month as it is counted now; None when it was kept before, or there is nothing to tell."""
    # Whoever counts would change the sums between two of our questions.
    wait_to_be_alone()
    if Scorecard.objects.filter(team=team, month=month).exists():
        return None
    lines = lines_of(team.pk, month)
    if not lines:
        return None
    kept = Scorecard.objects.create(
        team=team,
        month=month,
        lines=[asdict(line) for line in lines],
        colour=worst_of([line.colour for line in lines]),
        sha256=sha256_of(team.slug, month, lines),
        published_at=at,
    )
    ledger.record(
        subject=kept.subject,
        kind="scorecard.published",
        actor=CLOCK,
        at=at,
        sentence=f"published the scorecard of {team.name} for {month:%B %Y}.",
        data={
            "team": team.slug,
            "month": month.isoformat(),
            "colour": str(kept.colour),
            "sha256": kept.sha256,
        },
    )
    return kept


def month_before(today: date) -> date:
    """Answer the first day of the month before."""
    return (today.replace(day=1) - timedelta(days=1)).replace(day=1)
