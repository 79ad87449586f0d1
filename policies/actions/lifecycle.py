"""The one door through which a governed action changes its state; shaped as the one of refund requests is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.db import connection

from config.kernel.refusals import NotPermitted, OutOfDate
from config.kernel.wording import inside, said
from evidence import ledger
from policies.models import GovernedAction
from policies.vocabulary import ActionState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from config.kernel.people import Actor, User


def hold_locked(*, action_id: UUID | str) -> GovernedAction:
    """Lock an action for change and answer it fresh from the database. Lock order: action, route, step, execution.

    :raises GovernedAction.DoesNotExist: when there is none
    """
    if not connection.in_atomic_block:
        message = "A governed action is locked inside a transaction or not at all."
        raise RuntimeError(message)
    action = (
        GovernedAction.objects.select_for_update(of=("self",))
        .select_related("team", "decision__version__policy")
        .get(pk=action_id)
    )
    action.is_locked = True
    return action


def check_may_speak(actor: Actor, verb: str) -> None:
    """Ask for the permission, before any state is looked at.

    :raises NotPermitted: naming the right that is missing
    """
    permission = str(next(iter(_meta(verb).transitions.values())).permission)
    if not actor.has_perm(permission):
        raise NotPermitted(
            "not_permitted",
            said("{verb} needs the right “{right}”.", verb=verb.replace("_", " ").capitalize(), right=permission),
        )


def knows(action: GovernedAction, verb: str) -> bool:
    """Tell whether the action is in a state that knows the verb."""
    return bool(_meta(verb).has_transition(action.state))


def check_knows(action: GovernedAction, verb: str) -> None:
    """Ask whether the action is in a state that knows the verb.

    :raises OutOfDate: with what happened meanwhile
    """
    if not knows(action, verb):
        label = inside(ActionState(action.state).label)
        words = verb.replace("_", " ")
        raise OutOfDate(
            "out_of_date",
            said(
                "{reference} is {state} by now; it cannot be asked to {verb}.",
                reference=action.reference,
                state=label,
                verb=words,
            ),
        )


def advance(
    action: GovernedAction,
    verb: str,
    *,
    actor: Actor,
    at: datetime,
    sentence: str,
    data: Mapping[str, object] | None = None,
    columns: Mapping[str, object] | None = None,
    acting_for: User | None = None,
) -> None:
    """Move a locked action by one verb and put it on record.

    1. Ask the permission, then the state.
    2. Set `columns`, run the transition, save the row under its lock.
    3. Append to the ledger and publish the news of `NEWS`.

    :raises NotPermitted: when the actor may not speak this verb
    :raises OutOfDate: when the action is not in a state that knows the verb
    """
    if not action.is_locked:
        message = f"{action} must be locked before it may {verb}."
        raise RuntimeError(message)
    check_may_speak(actor, verb)
    check_knows(action, verb)
    before = ActionState(action.state)
    for name, value in (columns or {}).items():
        setattr(action, name, value)
    cast("Any", getattr(action, verb))(actor=actor, at=at)
    action.updated_at = at
    action.save()
    ledger.record(
        subject=action.subject,
        kind=NEWS[verb],
        actor=actor,
        acting_for=acting_for,
        at=at,
        sentence=sentence,
        data={"from": before.value, "to": str(action.state), "verb": verb, **(data or {})},
    )


def _meta(verb: str) -> Any:
    return cast("Any", getattr(GovernedAction, verb))._django_fsm  # noqa: SLF001 - fsm has no public door


NEWS = {
    "watch": "governed_action.watched",
    "allow": "governed_action.allowed",
    "block": "governed_action.blocked",
    "route_to_approval": "governed_action.routed",
    "approve": "governed_action.allowed",
    "refuse": "governed_action.refused",
    "lapse": "governed_action.lapsed",
    "start": "governed_action.started",
    "confirm": "governed_action.done",
    "fail": "governed_action.failed",
    "explain": "governed_action.explained",
}
"""The news each verb is told by."""
