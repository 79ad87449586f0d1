"""How complete the evidence of decided requests is, by the map as it stands now; worked out in the database, as sets.

A request passes decision points. Each point it passed creates records, and the catalogue and the policy that judged it
demand more: so many artifacts are needed, so many are there. An artifact counts once for a request.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection

from evidence.points import POINTS
from evidence.vocabulary import SHOWN_STATES, Artifact, DecisionPoint
from refunds.models.refund_request import KIND
from refunds.vocabulary import State

from .statements import BY_POINT, BY_TEAM_AND_MONTH, EACH

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime
    from uuid import UUID

NOT_DECIDED = (State.WITHDRAWN, State.EXPIRED)
"""Ends that nobody decided."""

PAID = (State.PROCESSING, State.REFUNDED, State.RECONCILED, State.FAILED)

HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Need:
    """One artifact that a decided request needs, at which point, and whether it is there."""

    point: DecisionPoint
    artifact: Artifact
    is_held: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many decided requests need how many artifacts, and how many of both are complete."""

    request_count: int
    complete_count: int
    needed_count: int
    held_count: int

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing."""
        return self.held_count == self.needed_count

    @property
    def percent(self) -> str:
        """The share of artifacts that are there, rounded down: 100 % means all of them."""
        return f"{HUNDRED * self.held_count // self.needed_count} %" if self.needed_count else "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Which decided requests are looked at: of these teams, decided in `[since, until)`, with this reason and code."""

    team_ids: frozenset[int]
    since: datetime
    until: datetime
    reason: str = ""
    exception_code: str = ""


def needs_of(request_ids: Iterable[UUID]) -> dict[UUID, list[Need]]:
    """List what each of these requests needs, in the order of its life, each artifact where it is needed first.

    Those not decided are left out. One query.
    """
    found: defaultdict[UUID, dict[str, Need]] = defaultdict(dict)
    order = {point.value: place for place, point in enumerate(DecisionPoint)}
    rows = _asked(EACH, {**_NO_SLICE, "ids": list(request_ids)})
    for request_id, point, artifact, is_held in sorted(rows, key=lambda row: (order[row[1]], row[2])):
        found[request_id].setdefault(artifact, Need(DecisionPoint(point), Artifact(artifact), is_held))
    return {request_id: list(needs.values()) for request_id, needs in found.items()}


def missing_of(needs: Iterable[Need]) -> list[Artifact]:
    """Name what is not there."""
    return [need.artifact for need in needs if not need.is_held]


def by_team_and_month(wanted: Slice) -> list[tuple[int, date, Counted]]:
    """Count by team and by the month of the decision in UTC, newest month first. One query."""
    return [(row[0], row[1], _counted(row[2:])) for row in _asked(BY_TEAM_AND_MONTH, _values_of(wanted))]


def by_point(wanted: Slice) -> dict[DecisionPoint, Counted]:
    """Count by decision point. One query."""
    return {DecisionPoint(row[0]): _counted(row[1:]) for row in _asked(BY_POINT, _values_of(wanted))}


_NO_SLICE: dict[str, Any] = {"teams": None, "since": None, "until": None, "reason": "", "exception_code": ""}


def _values_of(wanted: Slice) -> dict[str, Any]:
    return {
        "ids": None,
        "teams": sorted(wanted.team_ids),
        "since": wanted.since,
        "until": wanted.until,
        "reason": wanted.reason,
        "exception_code": wanted.exception_code,
    }


def _asked(statement: str, values: dict[str, Any]) -> list[Sequence[Any]]:
    created = [(point.value, artifact.value) for point, told in POINTS.items() for artifact in told.creates]
    constants: dict[str, Any] = {
        "kind": KIND,
        "not_decided": [state.value for state in NOT_DECIDED],
        "paid": [state.value for state in PAID],
        "shown": [state.value for state in SHOWN_STATES],
        "created_points": [point for point, _ in created],
        "created_artifacts": [artifact for _, artifact in created],
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, {**constants, **values})
        return list(cursor.fetchall())


def _counted(row: Sequence[int]) -> Counted:
    requests, complete, needed, held = (int(number or 0) for number in row)
    return Counted(request_count=requests, complete_count=complete, needed_count=needed, held_count=held)
