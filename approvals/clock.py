"""Promises in the working time of a team: when something is due, and how much of a promise is left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Promise:
    """When a step is due, and when whoever should sign is reminded."""

    due_at: datetime
    remind_at: datetime


REMIND_WHEN_LEFT = 4
"""People are reminded when a quarter of the time is left."""


def promise(team_id: int, *, at: datetime, seconds: int) -> Promise:  # noqa: ARG001
    """Reckon a promise of so many seconds from `at`."""
    whole = timedelta(seconds=seconds)
    return Promise(at + whole, at + whole - whole / REMIND_WHEN_LEFT)


def seconds_left(team_id: int, *, at: datetime, due_at: datetime) -> int:  # noqa: ARG001
    """Tell how many seconds of working time lie between `at` and `due_at`; negative when it is overdue."""
    return int((due_at - at).total_seconds())


def lapses_at(team_id: int, *, opened_at: datetime) -> datetime | None:  # noqa: ARG001
    """Tell when a route ends that nobody finished; None when the team lets nothing lapse."""
    return None
