"""The one door through which a remediation item changes its state."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from django.db import connection

from analytics.models import RemediationItem
from config.kernel.refusals import NotPermitted, OutOfDate, Reason, Refused
from config.kernel.wording import said
from evidence import ledger

from .vocabulary import ItemState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from config.kernel.people import Actor

    from .guards import Guard


def hold_locked(*, item_id: UUID) -> RemediationItem:
    """Lock an item for change and answer it fresh from the database.

    :raises Refused: `unknown_item` where there is none
    """
    if not connection.in_atomic_block:
        message = "A remediation item is locked inside a transaction or not at all."
        raise RuntimeError(message)
    found = RemediationItem.objects.select_for_update(of=("self",)).select_related("owner", "proposed_by")
    item = found.filter(pk=item_id).first()
    if item is None:
        raise Refused("unknown_item", said("There is no such remediation item."))
    item.is_locked = True
    return item


def check_may_speak(actor: Actor, verb: str) -> None:
    """Ask for the permission, before any state is looked at.

    :raises NotPermitted: naming the right that is missing, or to a service account
    """
    permission = next(iter(_meta(verb).transitions.values())).permission
    if not actor.has_perm(permission):
        raise NotPermitted(
            "not_permitted",
            said(
                "{verb} needs the right “{permission}”.",
                verb=verb.replace("_", " ").capitalize(),
                permission=permission,
            ),
        )
    if getattr(actor, "is_service_account", False):
        raise NotPermitted("not_permitted", said("Remediation is done by people."))


def advance(
    item: RemediationItem,
    verb: str,
    *,
    actor: Actor,
    at: datetime,
    sentence: str,
    data: Mapping[str, object] | None = None,
    columns: Mapping[str, object] | None = None,
) -> None:
    """Move a locked item by one verb and put it on record.

    1. Ask the permission, then the state, then each guard; refuse with a sentence.
    2. Set `columns`, run the transition, and give a step that somebody has to do next a promise of its own.
    3. Save the row under its lock, append to the ledger and publish the news of `NEWS`.

    :raises NotPermitted: when the actor may not speak this verb
    :raises OutOfDate: when the item is not in a state that knows the verb
    :raises Refused: with the sentence of every guard that does not hold
    """
    if not item.is_locked:
        message = f"{item} must be locked before it may {verb}."
        raise RuntimeError(message)
    check_may_speak(actor, verb)
    before = ItemState(item.state)
    check_knows(item, verb)
    for name, value in (columns or {}).items():
        setattr(item, name, value)
    failed = [one for one in _guards(item, verb) if not one(item)]
    if failed:
        raise Refused.of(Reason("refused", one.sentence) for one in failed)
    cast("Any", getattr(item, verb))(actor=actor, at=at)
    if item.state != before and item.is_unfinished:
        item.due_at = at + timedelta(hours=item.promise_hours)
        item.overdue_told_at = item.escalated_at = None
    item.save()
    ledger.record(
        subject=item.subject,
        kind=NEWS[verb],
        actor=actor,
        at=at,
        sentence=sentence,
        data={"from": before.value, "to": str(item.state), "verb": verb, "round": item.round, **(data or {})},
    )


def check_knows(item: RemediationItem, verb: str) -> None:
    """Ask whether the item is in a state that knows the verb.

    :raises OutOfDate: with the state it is in
    """
    if not _meta(verb).has_transition(item.state):
        state = item.get_state_display().lower()
        raise OutOfDate("out_of_date", said("This item is in another state by now: {state}.", state=state))


def _guards(item: RemediationItem, verb: str) -> list[Guard]:
    return cast("list[Guard]", list(_meta(verb).get_transition(item.state).conditions))


def _meta(verb: str) -> Any:
    return cast("Any", getattr(RemediationItem, verb))._django_fsm  # noqa: SLF001 - fsm has no public door


NEWS = {
    "find_cause": "remediation_item.cause_found",
    "make_change": "remediation_item.changed",
    "propose_closing": "remediation_item.closing_proposed",
    "decline_closing": "remediation_item.closing_declined",
    "confirm_closing": "remediation_item.verifying",
    "settle": "remediation_item.closed",
    "reopen": "remediation_item.reopened",
}
"""The news each verb is told by."""
