"""What a person does with an action whose outcome nobody knows: look again, or confirm that nothing moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from evidence import ledger
from policies.actions import lifecycle
from policies.actions.deciding import locked_for
from refunds.models import ActionExecution
from refunds.vocabulary import OperationState

from .executing import NOTHING_THERE, fail

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.people import User
    from policies.models import GovernedAction

RESOLVES = "policies.explain_governedaction"


@transaction.atomic(durable=True)
def look_again(*, reference: str, actor: User, at: datetime) -> GovernedAction:
    """Let the worker ask the processor once more; where the key is too old it only looks.

    :raises NotPermitted: without the right, or to whoever asked or signed
    :raises OutOfDate: when nothing waits for a person
    """
    action, execution = _waiting(reference, actor)
    execution.state, execution.next_try_at = OperationState.UNKNOWN, at
    execution.save(update_fields=["state", "next_try_at"])
    _tell(action, execution, "governed_action.taken_up", "let the worker look at the processor again.", actor, at)
    return action


@transaction.atomic(durable=True)
def confirm_nothing_moved(*, reference: str, actor: User, at: datetime) -> GovernedAction:
    """End an action whose last look-up found nothing; whoever still wants it asks anew.

    :raises NotPermitted: without the right, or to whoever asked or signed
    :raises OutOfDate: when nothing waits for a person
    :raises Refused: when the last try was not a look-up that found nothing
    """
    action, execution = _waiting(reference, actor)
    if execution.last_answer != NOTHING_THERE:
        raise Refused("refused", "Let the worker look at the processor first; give up only what is not there.")
    _tell(action, execution, "governed_action.given_up", "confirmed that the processor shows nothing of it.", actor, at)
    execution.state = OperationState.REJECTED
    execution.save(update_fields=["state"])
    fail(action, "nothing moved", at)
    return action


def _waiting(reference: str, actor: User) -> tuple[GovernedAction, ActionExecution]:
    action = locked_for(reference, actor)
    if not actor.has_perm(RESOLVES):
        raise NotPermitted("not_permitted", f"This needs the right “{RESOLVES}”.")
    if actor.pk in {action.requested_by_id, action.approved_by_id}:
        raise NotPermitted("self_approval", "Whoever asked or approved does not pay. Somebody else does this.")
    waiting = ActionExecution.objects.select_for_update().filter(action=action, state=OperationState.NEEDS_PERSON)
    execution = waiting.first()
    if execution is None or not lifecycle.knows(action, "fail"):
        raise OutOfDate("out_of_date", f"Nothing of {reference} waits for a person any more.")
    return action, execution


def _tell(
    action: GovernedAction, execution: ActionExecution, kind: str, sentence: str, actor: User, at: datetime
) -> None:
    data = {"idempotency_key": execution.idempotency_key}
    ledger.record(subject=action.subject, kind=kind, actor=actor, at=at, sentence=sentence, data=data)
