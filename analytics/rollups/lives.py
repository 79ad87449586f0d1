"""How long each step of a request took, read from what the ledger says of its transitions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from approvals.clock import ROUND_THE_CLOCK
from refunds.vocabulary import State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from approvals.clock import Hours

A_SECOND = timedelta(seconds=1)

STEP_OF = {
    State.EXCEPTION_REVIEW: "review",
    State.AWAITING_APPROVAL: "approval",
    State.NEEDS_INFO: "info",
    State.ON_HOLD: "hold",
    State.APPROVED: "queue",
    State.PROCESSING: "processing",
    State.FAILED: "processing",
}
"""Which step a state is; a draft and the policy's own moment are none."""


@dataclass(frozen=True, slots=True)
class Move:
    """One transition: where to, and when."""

    to: str
    at: datetime


@dataclass(slots=True)
class Life:
    """Whole seconds spent in each step until the money first left, or until now that it has ended without.

    `decided` and `paid` count from the submit, without the time in which the customer was asked something; `working`
    counts of that only the hours in which the team worked by its calendar of the submit.
    """

    seconds: dict[str, int] = field(default_factory=dict)
    decided_seconds: int | None = None
    paid_seconds: int | None = None
    decided_working_seconds: int | None = None
    paid_working_seconds: int | None = None
    was_asked: bool = False


_DECIDES = frozenset({State.APPROVED, State.DECLINED, State.BLOCKED})
_ENDS = frozenset({State.REFUNDED, State.DECLINED, State.BLOCKED, State.EXPIRED, State.WITHDRAWN})


def life_of(moves: Iterable[Move], hours_at: Callable[[datetime], Hours]) -> Life:
    """Add up the steps between the submit and the first end; what is still under way is not counted yet."""
    life, before, begun = Life(), None, None
    asked = timedelta()
    spent: dict[str, timedelta] = {}
    hours, worked = ROUND_THE_CLOCK, 0
    for move in moves:
        if begun is None:
            if move.to == State.POLICY_CHECK:
                begun, before, hours = move.at, move, hours_at(move.at)
            continue
        if before is not None and before.to in STEP_OF:
            step = STEP_OF[State(before.to)]
            spent[step] = spent.get(step, timedelta()) + max(move.at - before.at, timedelta())
            asked = spent.get("info", timedelta())
        if before is not None and before.to != State.NEEDS_INFO:
            worked += max(hours.seconds_left(at=before.at, due_at=move.at), 0)
        life.was_asked = life.was_asked or move.to == State.NEEDS_INFO
        if move.to in _DECIDES:
            life.decided_seconds = max(move.at - begun - asked, timedelta()) // A_SECOND
            life.decided_working_seconds = worked
        if move.to == State.REFUNDED:
            life.paid_seconds = max(move.at - begun - asked, timedelta()) // A_SECOND
            life.paid_working_seconds = worked
        before = move
        if move.to in _ENDS:
            break
    life.seconds = {step: length // A_SECOND for step, length in spent.items()}
    return life


def moves_of(entries: Iterable[Mapping[str, object]], at: Iterable[datetime]) -> list[Move]:
    """Pick the transitions out of a request's entries; whatever else was recorded moves nothing."""
    return [
        Move(str(data["to"]), moment)
        for data, moment in zip(entries, at, strict=True)
        if "to" in data and "from" in data and "verb" in data
    ]
