"""By when the signatures of a plan are had if everybody takes the time there is: a level begins where the last ends."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Protocol, TypeVar

from .services.routing import HOUR
from .vocabulary import RouteState, StepState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from uuid import UUID

    from .clock import Hours
    from .models import ApprovalRoute


class Planned(Protocol):
    """A signature that is planned, wherever it is written down."""

    @property
    def level(self) -> int:
        """Its place; those of one level are waited for together."""

    @property
    def sla_hours(self) -> int:
        """How many hours of working time it has."""


Step = TypeVar("Step", bound=Planned)


def expected(plan: Iterable[Step], hours: Hours, *, at: datetime) -> list[tuple[Step, datetime]]:
    """Say by when each signature of a plan is due that begins at `at`."""
    found = []
    for _, level in groupby(plan, key=lambda step: step.level):
        due = [(step, hours.promise(at=at, seconds=step.sla_hours * HOUR).due_at) for step in level]
        at = max(due_at for _, due_at in due)
        found += due
    return found


def expected_of(route: ApprovalRoute, hours: Hours, *, at: datetime) -> Mapping[UUID, datetime]:
    """Say by when the steps of an open route are signed: those that are open as promised, the others after them.

    What is overdue is expected from `at` on. An ended route expects nothing.
    """
    if route.state != RouteState.OPEN:
        return {}
    steps = list(route.steps.all())
    found = {step.pk: step.due_at for step in steps if step.state == StepState.OPEN and step.due_at is not None}
    waiting = [step for step in steps if step.state == StepState.WAITING]
    following = expected(waiting, hours, at=max([at, *found.values()]))
    return found | {step.pk: due_at for step, due_at in following}
