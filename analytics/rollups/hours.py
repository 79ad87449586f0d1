"""When a team worked at some moment of the past, read from what the ledger says of its calendar."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, time
from typing import TYPE_CHECKING, Any

from approvals.clock import ROUND_THE_CLOCK, Hours
from approvals.services.calendars import KIND, subject_of
from approvals.working_time import WorkingWeek
from config.kernel.people import Team
from evidence.models import LedgerEntry

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Calendars:
    """The calendars of some teams, each with the moment from which it was in force, oldest first.

    A calendar that changes later changes no length that was counted before, so that facts stay equal to a recount.
    """

    by_team: Mapping[int, list[tuple[datetime, Hours]]]

    def hours_of(self, team_id: int, at: datetime) -> Hours:
        """Answer when the team worked then; round the clock before it had a calendar."""
        found = ROUND_THE_CLOCK
        for since, hours in self.by_team.get(team_id, ()):
            if since > at:
                break
            found = hours
        return found


def calendars_of(team_ids: Collection[int]) -> Calendars:
    """Read every calendar these teams ever had, in one query."""
    subjects = {subject_of(Team(pk=team_id)).id: team_id for team_id in team_ids}
    found: dict[int, list[tuple[datetime, Hours]]] = defaultdict(list)
    rows = (
        LedgerEntry.objects.filter(subject_kind=KIND, subject_id__in=list(subjects))
        .order_by("at", "pk")
        .values_list("subject_id", "at", "payload")
    )
    for subject_id, at, payload in rows:
        found[subjects[subject_id]].append((at, _hours_in(json.loads(payload)["data"])))
    return Calendars(found)


def _hours_in(told: Mapping[str, Any]) -> Hours:
    return Hours(
        WorkingWeek(
            zone=told["zone"],
            weekdays=frozenset(told["weekdays"]),
            opens_at=time.fromisoformat(told["opens_at"]),
            closes_at=time.fromisoformat(told["closes_at"]),
            holidays=frozenset(map(date.fromisoformat, told["holidays"])),
        )
    )
