"""People decide on a governed action: the same authority, four eyes and freezes as on a refund."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from approvals.authority import forget_authority
from approvals.freezing import check_not_frozen, notes_what_is_frozen
from approvals.permissions import Matter, warrant_for
from approvals.rationale import check_rationale
from approvals.services.deciding import decide_step
from approvals.stepping_up import check_stepped_up
from approvals.vocabulary import RouteState, Verdict
from config.kernel.refusals import OutOfDate
from config.kernel.wording import said
from evidence import ledger
from policies.permissions import actions_visible_to
from policies.vocabulary import ActionState

from . import lifecycle
from .undertaking import undertaking_of

if TYPE_CHECKING:
    from datetime import datetime

    from approvals.services.deciding import Outcome
    from config.kernel.people import User
    from policies.models import GovernedAction

VERBS = {Verdict.APPROVE: "approve", Verdict.DECLINE: "refuse"}


@notes_what_is_frozen
@transaction.atomic(durable=True)
def decide(
    *,
    reference: str,
    verdict: Verdict,
    rationale: str,
    actor: User,
    at: datetime,
    signed_in_at: datetime | None = None,
) -> GovernedAction:
    """Approve an action as it was asked about, or refuse it; nobody signs for a part of it.

    :raises GovernedAction.DoesNotExist: to a stranger
    :raises NotPermitted: `self_approval`, `over_authority`, `not_permitted`, in every state the same
    :raises NotPermitted: `frozen` or `step_up_required`, for an approval of what waits for one
    :raises OutOfDate: `already_decided` when somebody was faster
    :raises Refused: `rationale_required`
    """
    action = locked_for(reference, actor)
    lifecycle.check_may_speak(actor, VERBS[verdict])
    if action.requested_by_id is None:
        raise OutOfDate(
            "out_of_date",
            said("{reference} left before anybody was asked; it can only be explained.", reference=reference),
        )
    warrant_for(actor, _matter_of(action, action.requested_by_id), at=at)
    is_approval = verdict is Verdict.APPROVE and action.state == ActionState.AWAITING_APPROVAL
    if is_approval:
        check_not_frozen(undertaking_of(action, "approve", actor))
    if verdict is Verdict.DECLINE or rationale:
        check_rationale(rationale)
    has_stepped_up = is_approval and check_stepped_up(action.amount, signed_in_at=signed_in_at, at=at)
    outcome = decide_step(
        subject=action.subject,
        verdict=verdict,
        amount=action.amount,
        rationale=rationale,
        code="",
        evidence_opened=[],
        actor=actor,
        at=at,
    )
    _act_on(action, outcome, rationale, actor, at, {"stepped_up": has_stepped_up})
    return action


def locked_for(reference: str, actor: User) -> GovernedAction:
    """Lock what the actor may see; to a stranger it does not exist.

    :raises GovernedAction.DoesNotExist: answered as 404
    """
    action_id = actions_visible_to(actor).values_list("pk", flat=True).get(reference=reference)
    action = lifecycle.hold_locked(action_id=action_id)
    # Whoever waited for the lock may have lost a role or a limit meanwhile.
    forget_authority(actor)
    return action


def _matter_of(action: GovernedAction, requested_by_id: int) -> Matter:
    return Matter(
        subject=action.subject,
        requested_by_id=requested_by_id,
        reviewed_by_id=None,
        team_id=action.team_id,
        category=action.category,
        amount=action.amount,
    )


def _act_on(
    action: GovernedAction, outcome: Outcome, rationale: str, actor: User, at: datetime, noted: dict[str, object]
) -> None:
    acting_for = outcome.decision.acting_for
    noted |= {"decision": str(outcome.decision.pk)}
    if outcome.ended is None:
        is_no = outcome.decision.verdict == Verdict.DECLINE
        ledger.record(
            subject=action.subject,
            kind="governed_action.signed",
            actor=actor,
            acting_for=acting_for,
            at=at,
            sentence="voted against it; the others may still agree."
            if is_no
            else f"signed for {action.amount}; more signatures are needed.",
            data={**noted, "verdict": str(outcome.decision.verdict), "amount_minor": action.amount_minor},
        )
        return
    is_yes = outcome.ended is RouteState.APPROVED
    lifecycle.advance(
        action,
        "approve" if is_yes else "refuse",
        actor=actor,
        acting_for=acting_for,
        at=at,
        sentence=f"approved {action.amount}." if is_yes else "refused it.",
        data={**noted, "rationale_sha256": ledger.salted_digest(action.subject, rationale)},
    )
