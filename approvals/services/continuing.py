"""What an earlier route of the same subject left behind: how much of the promise, when it lapses, what had gone up.

The clock stands while a subject waits for information or on hold, and goes on with exactly what was left; what was
overdue stays overdue. So neither a question nor a hold makes time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from approvals.clock import Promise
from approvals.models import ApprovalRoute
from approvals.vocabulary import RouteState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from approvals.clock import Hours
    from config.kernel.subjects import Subject

LEAST_BEFORE_LAPSE = timedelta(days=1)
"""Whoever answers at the last moment still finds somebody who can decide."""


@dataclass(frozen=True, slots=True)
class Rest:
    """What is left of an earlier route; nothing is, for a subject that never had one.

    `seconds` of working time are negative when it was overdue. `went_up` tells by level and role which signatures were
    sent up to that role, and when.
    """

    seconds: int | None = None
    before_lapse: timedelta | None = None
    went_up: Mapping[tuple[int, str], datetime] = field(default_factory=dict)

    def promise(self, hours: Hours, *, at: datetime, seconds: int) -> Promise:
        """Reckon the promise of a step that has `seconds` of working time when nothing was used up yet."""
        if self.seconds is not None and self.seconds <= 0:
            overdue_since = at + timedelta(seconds=self.seconds)
            return Promise(overdue_since, overdue_since)
        return hours.promise(at=at, seconds=seconds if self.seconds is None else min(self.seconds, seconds))

    def lapses_at(self, hours: Hours, *, at: datetime) -> datetime | None:
        """Tell when the route ends that goes on at `at`; None when the team lets nothing lapse."""
        latest = hours.lapses_at(opened_at=at)
        if latest is None or self.before_lapse is None:
            return latest
        return min(latest, at + max(self.before_lapse, LEAST_BEFORE_LAPSE))


FRESH = Rest()


def rest_of(subject: Subject) -> Rest:
    """Find what was left when the last route of this subject was closed or recalled."""
    last = (
        ApprovalRoute.objects.filter(
            subject_kind=subject.kind, subject_id=subject.id, state__in=[RouteState.CLOSED, RouteState.RECALLED]
        )
        .order_by("-closed_at", "-pk")
        .first()
    )
    if last is None:
        return FRESH
    gone_up = last.steps.filter(escalated_at__isnull=False).values_list("level", "role", "escalated_at")
    return Rest(
        seconds=last.seconds_left,
        before_lapse=last.lapses_at - last.closed_at if last.lapses_at and last.closed_at else None,
        went_up={(level, role): escalated_at for level, role, escalated_at in gone_up if escalated_at},
    )
