"""How long each step of a request took, read from what the ledger says of its transitions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from refunds.vocabulary import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

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

    `decided` and `paid` count from the submit, without the time in which the customer was asked something.
    """

    seconds: dict[str, int] = field(default_factory=dict)
    decided_seconds: int | None = None
    paid_seconds: int | None = None
    was_asked: bool = False


_DECIDES = frozenset({State.APPROVED, State.DECLINED, State.BLOCKED})
_ENDS = frozenset({State.REFUNDED, State.DECLINED, State.BLOCKED, State.EXPIRED, State.WITHDRAWN})


def life_of(moves: Iterable[Move]) -> Life:
    """Add up the steps between the submit and the first end; what is still under way is not counted yet."""
    life, before, begun = Life(), None, None
    asked = timedelta()
    spent: dict[str, timedelta] = {}
    for move in moves:
        if begun is None:
            if move.to == State.POLICY_CHECK:
                begun, before = move.at, move
            continue
        if before is not None and before.to in STEP_OF:
            step = STEP_OF[State(before.to)]
            spent[step] = spent.get(step, timedelta()) + max(move.at - before.at, timedelta())
            asked = spent.get("info", timedelta())
        life.was_asked = life.was_asked or move.to == State.NEEDS_INFO
        if move.to in _DECIDES:
            life.decided_seconds = max(move.at - begun - asked, timedelta()) // A_SECOND
        if move.to == State.REFUNDED:
            life.paid_seconds = max(move.at - begun - asked, timedelta()) // A_SECOND
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
