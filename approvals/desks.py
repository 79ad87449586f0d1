"""What a viewer may do with a waiting route beside deciding: told before she clicks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Prefetch, prefetch_related_objects

from config.kernel.money import Money

from .colleagues import who_could_sign
from .lending import SIGNS
from .models import ApprovalStep, Snooze
from .services.desk import PAUSES
from .services.leasing import held_by_another
from .vocabulary import RouteState, StepState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from config.kernel.people import User

    from .models import ApprovalRoute


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who could sign, and up to how much."""

    signer: User
    most: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Who holds the route, whom it could go to, and what the viewer may do with it."""

    route: ApprovalRoute
    holder: str
    is_held_by_viewer: bool
    asked_of: User | None
    snoozed_until: datetime | None
    colleagues: Sequence[Colleague]
    is_a_dead_end: bool
    may_work: bool
    may_go_up: bool
    pauses: Mapping[str, str]


def desk_of(
    viewer: User, route: ApprovalRoute | None, *, may_decide: bool, is_put_off: bool, at: datetime
) -> Desk | None:
    """Gather what stands beside the decision form; None when nothing waits, or for whoever signs nothing.

    Whoever may not decide is told who could, and may send it there. `is_put_off` says that she looks at what she put
    off; only then is it asked until when.
    """
    if route is None or route.state != RouteState.OPEN or not viewer.has_perm(SIGNS):
        return None
    prefetch_related_objects(
        [route],
        Prefetch("steps", ApprovalStep.objects.select_related("leased_by", "asked_of").order_by("level", "place")),
    )
    steps = [step for step in route.steps.all() if step.state == StepState.OPEN]
    held = [words for step in steps if (words := held_by_another(step, viewer, at))]
    able = [] if may_decide else who_could_sign(route, at=at)
    snooze = Snooze.objects.filter(user=viewer, route=route, until_at__gt=at).first() if is_put_off else None
    return Desk(
        route=route,
        holder=held[0] if steps and len(held) == len(steps) else "",
        is_held_by_viewer=any(
            step.leased_by == viewer and step.leased_until is not None and step.leased_until > at for step in steps
        ),
        asked_of=next((step.asked_of for step in steps if step.asked_of is not None), None),
        snoozed_until=None if snooze is None else snooze.until_at,
        colleagues=[
            Colleague(one.signer, Money(one.single_minor, route.currency)) for one in able if one.signer != viewer
        ],
        is_a_dead_end=not may_decide and not able,
        may_work=may_decide,
        may_go_up=any(step.escalates_to for step in steps),
        pauses=PAUSES,
    )
