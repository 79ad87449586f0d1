"""Send a signature up to the next level: because its time is over, or because somebody asks for it.

From then on the step waits for the role above, with a promise of its own. Whoever holds only the role it left signs no
more; what was signed before counts on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from approvals import clock
from approvals.lending import SIGNS
from approvals.models import ApprovalRoute, ApprovalStep, Snooze
from approvals.permissions import visible_to
from approvals.vocabulary import RouteState, StepState
from config.kernel.people import Machine, User
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from config.kernel.wording import said
from evidence import ledger
from evidence.text import refuse_card_number

from .routing import HOUR, tell_what_is_open

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from config.kernel.people import Actor

CLOCK = Machine("clock")
LONGEST_NOTE = 400


@transaction.atomic(durable=True)
def escalate_step(*, route: ApprovalRoute, actor: User, note: str, at: datetime) -> list[ApprovalStep]:
    """Send every open step of a route that may go up to the next level. Answers the steps that went.

    :raises NotPermitted: `not_permitted` without the right to sign, or for a team of others
    :raises OutOfDate: `already_decided` when nothing is open any more
    :raises Refused: when the plan names nobody above, or the note is no note
    """
    held = hold_to_send_on(route, note=note, actor=actor)
    above = [step for step in open_steps_of(held) if step.escalates_to]
    if not above:
        raise Refused("refused", said("The plan of this request names no level above the one it waits for."))
    move_up(held, above, actor=actor, why="asked for the next level", note=note, at=at)
    return above


def hold_to_send_on(route: ApprovalRoute, *, note: str, actor: User) -> ApprovalRoute:
    """Lock an open route that its holder sends somewhere else, with a note.

    :raises NotPermitted: `not_permitted` without the right to sign, or for a team of others
    :raises OutOfDate: `already_decided` when nothing is open any more
    :raises Refused: when the note is no note
    """
    if not actor.has_perm(SIGNS) or not visible_to(actor).filter(pk=route.pk).exists():
        raise NotPermitted(
            "not_permitted", said("Sending it on needs the right “{right}” in the team of the request.", right=SIGNS)
        )
    refuse_card_number(note, field="note")
    if len(note) > LONGEST_NOTE:
        raise Refused("invalid", said("Say it in at most {most} characters.", most=LONGEST_NOTE), "note")
    held = ApprovalRoute.objects.select_for_update().filter(pk=route.pk, state=RouteState.OPEN).first()
    if held is None:
        raise OutOfDate("already_decided", said("This request no longer waits for a decision."))
    return held


def open_steps_of(route: ApprovalRoute) -> list[ApprovalStep]:
    """Lock and list the open steps of a locked route."""
    return list(ApprovalStep.objects.select_for_update().filter(route=route, state=StepState.OPEN).order_by("place"))


def move_up(
    route: ApprovalRoute, steps: Sequence[ApprovalStep], *, actor: Actor, why: str, at: datetime, note: str = ""
) -> None:
    """Let open steps of a locked route wait for the roles above, each with a promise as long as its first one.

    A step goes up once: the plan names one role above it.
    """
    hours = clock.hours_of(route.team_id)
    left = [step.role for step in steps]
    for step in steps:
        promise = hours.promise(at=at, seconds=step.sla_hours * HOUR)
        step.role, step.escalates_to = step.escalates_to, ""
        step.due_at, step.remind_at, step.reminded_at = promise.due_at, promise.remind_at, None
        step.escalated_at = at
        step.asked_of = step.leased_by = step.leased_until = None
    ApprovalStep.objects.bulk_update(
        steps,
        [
            "role",
            "escalates_to",
            "due_at",
            "remind_at",
            "reminded_at",
            "escalated_at",
            "asked_of",
            "leased_by",
            "leased_until",
        ],
    )
    # Whoever put it off did so while others could still sign.
    Snooze.objects.filter(route=route).delete()
    tell_what_is_open(route, open_steps_of(route))
    route.save(update_fields=["current_level", "current_role", "open_roles", "due_at"])
    went = ", ".join(f"from {before} to {step.role}" for before, step in zip(left, steps, strict=True))
    ledger.record(
        subject=route.subject,
        kind="approval.escalated",
        actor=actor,
        at=at,
        sentence=f"{why}; the signature went up {went}.",
        data={
            "route": str(route.pk),
            "steps": [{"step": str(step.pk), "to": step.role} for step in steps],
            "note_sha256": ledger.salted_digest(route.subject, note),
        },
    )
