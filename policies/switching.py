"""Switch a category between watching and gating: one person proposes it, another answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from approvals.vocabulary import Category
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from config.kernel.wording import inside, said
from evidence import ledger
from evidence.text import refuse_card_number

from .drafting import subject_of
from .editions import check_right, locked_policy
from .models import ModeChange, Policy
from .vocabulary import Mode, ProposalState

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from config.kernel.people import User

PROPOSE = ("policies.publish_policyversion", "policies.change_policy")
ANSWER = "policies.answer_modechange"


@transaction.atomic(durable=True)
def propose_mode(*, policy_id: int, category: str, mode: str, why: str, actor: User, at: datetime) -> ModeChange:
    """Propose that a policy gates a category, or only watches it. Nothing changes until somebody else confirms.

    :raises NotPermitted: without the right to publish versions or to change policies
    :raises OutOfDate: while another proposal for this category waits
    :raises Refused: for an unknown category or mode, without a reason, and when the policy is in that mode already
    """
    check_may_propose(actor)
    policy = locked_policy(policy_id)
    if category not in Category.values:
        raise Refused("refused", said("There is no category “{category}”.", category=category), "category")
    if mode not in Mode.values:
        raise Refused("refused", said("There is no mode “{mode}”.", mode=mode), "mode")
    name, word = Category(category).label, inside(Mode(mode).label)
    if policy.mode_for(category) == mode:
        raise Refused("refused", said("{name} is in {word} already.", name=name, word=word), "mode")
    why = why.strip()
    if not why:
        raise Refused("refused", said("Say why."), "why")
    refuse_card_number(why, field="why")
    waiting = policy.mode_changes.filter(category=category, state=ProposalState.PROPOSED).first()
    if waiting is not None:
        raise OutOfDate(
            "out_of_date",
            said("{who} proposed a switch of {name} already. Answer that first.", who=waiting.proposed_by, name=name),
        )
    change = ModeChange.objects.create(
        policy=policy, category=category, mode=mode, why=why, proposed_by=actor, proposed_at=at
    )
    _record(change, policy, "mode_proposed", f"proposed to switch {name} to {word}.", actor, at)
    return change


@transaction.atomic(durable=True)
def confirm_mode(*, change_id: UUID, actor: User, at: datetime, answer: str = "") -> ModeChange:
    """Switch what somebody else proposed; requests in flight keep the verdict they have.

    :raises NotPermitted: without the right; `self_approval` for whoever proposed it
    :raises OutOfDate: when it was answered already
    """
    change, policy = _to_answer(change_id, actor)
    enforced = set(policy.enforced_categories) - {change.category}
    if change.mode == Mode.ENFORCE:
        enforced.add(change.category)
    policy.enforced_categories = sorted(enforced)
    policy.save(update_fields=["enforced_categories"])
    _answer(change, ProposalState.CONFIRMED, answer, actor, at)
    name, word = Category(change.category).label, inside(Mode(change.mode).label)
    _record(change, policy, "mode_switched", f"switched {name} to {word}.", actor, at)
    return change


@transaction.atomic(durable=True)
def refuse_mode(*, change_id: UUID, actor: User, at: datetime, answer: str) -> ModeChange:
    """Leave a category as it is, and say why.

    :raises NotPermitted: without the right; `self_approval` for whoever proposed it
    :raises OutOfDate: when it was answered already
    :raises Refused: without a reason
    """
    change, policy = _to_answer(change_id, actor)
    if not answer.strip():
        raise Refused("refused", said("Say why not."), "answer")
    _answer(change, ProposalState.REFUSED, answer, actor, at)
    name, word = Category(change.category).label, inside(Mode(change.mode).label)
    _record(change, policy, "mode_refused", f"refused to switch {name} to {word}.", actor, at)
    return change


def check_may_propose(actor: User) -> None:
    """Ask for either right.

    :raises NotPermitted: without both
    """
    check_right(actor, next((right for right in PROPOSE if actor.has_perm(right)), PROPOSE[0]))


def check_may_answer(actor: User, change: ModeChange) -> None:
    """Let in another person with the right, while the proposal waits.

    :raises NotPermitted: without the right; `self_approval` for whoever proposed it
    :raises OutOfDate: when it was answered already
    """
    if actor.pk == change.proposed_by_id:
        raise NotPermitted("self_approval", said("You proposed this switch. Somebody else must answer it."))
    check_right(actor, ANSWER)
    if change.state != ProposalState.PROPOSED:
        word = inside(ProposalState(change.state).label)
        raise OutOfDate(
            "out_of_date", said("This switch was {word} by {who} already.", word=word, who=change.answered_by)
        )


def _to_answer(change_id: UUID, actor: User) -> tuple[ModeChange, Policy]:
    policy = locked_policy(ModeChange.objects.values_list("policy_id", flat=True).get(pk=change_id))
    change = ModeChange.objects.select_for_update(no_key=True).get(pk=change_id)
    check_may_answer(actor, change)
    return change, policy


def _answer(change: ModeChange, state: ProposalState, answer: str, actor: User, at: datetime) -> None:
    refuse_card_number(answer, field="answer")
    change.state, change.answer, change.answered_by, change.answered_at = state, answer.strip(), actor, at
    change.save(update_fields=["state", "answer", "answered_by", "answered_at"])


def _record(change: ModeChange, policy: Policy, word: str, sentence: str, actor: User, at: datetime) -> None:
    ledger.record(
        subject=subject_of(policy),
        kind=f"policy.{word}",
        actor=actor,
        at=at,
        sentence=sentence,
        data={"policy": policy.slug, "category": change.category, "mode": change.mode, "change": str(change.pk)},
    )
