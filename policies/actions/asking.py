"""Ask the policy about a money action before it is done; where people must decide, their route is opened at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from django.urls import reverse

from approvals.brief import Brief
from approvals.freezing import check_not_frozen
from approvals.services.routing import open_route
from config.kernel.refusals import NotPermitted
from config.kernel.wording import said
from evidence import ledger
from policies import judging
from policies.machines import JUDGE
from policies.models import GovernedAction
from policies.vocabulary import Mode, Outcome

from . import lifecycle
from .references import next_reference
from .undertaking import undertaking_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from approvals.vocabulary import Category
    from config.kernel.money import Money
    from config.kernel.people import Team, User
    from policies.engine.facts import RefundFacts
    from policies.engine.verdict import Verdict
    from policies.models import PolicyVersion

ASKS = "policies.ask_governedaction"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants to do; `about` is the processor's id of what it is done to, `destination` where it goes.

    With `is_to_be_executed` we carry it out as soon as it is allowed.
    """

    team: Team
    category: Category
    amount: Money
    reason: str
    gateway: str
    about: str = ""
    destination: str = ""
    customer: str = ""
    dispute_due_at: datetime | None = None
    is_to_be_executed: bool = False


def ask(*, wish: Wish, facts: RefundFacts, actor: User, at: datetime) -> GovernedAction:
    """Judge a wish and act on the verdict. Call it in the transaction that answers.

    In shadow the verdict is only kept, unless we are to carry it out: then people decide, as they do for refunds.
    What the engine refers (`exception`) goes to people too: there is no review between the policy and the signatures.

    :raises NotPermitted: `not_permitted`, or `frozen` while a freeze is on
    :raises Refused: for a team without a policy
    """
    if not actor.has_perm(ASKS):
        raise NotPermitted("not_permitted", said("Asking needs the right “{right}”.", right=ASKS))
    version = judging.version_in_force(wish.team.pk)
    action = _write_down(wish, actor, at)
    check_not_frozen(undertaking_of(action, "ask", actor))
    verdict = judging.judge(version, facts)
    action.decision = judging.decide(
        version=version,
        facts=facts,
        verdict=verdict,
        subject=action.subject,
        reference=action.reference,
        page=action.get_absolute_url(),
        at=at,
    )
    _act_on(action, version, facts, verdict, at)
    return action


def _write_down(wish: Wish, actor: User, at: datetime) -> GovernedAction:
    action = GovernedAction.objects.create(
        reference=next_reference(),
        team=wish.team,
        category=wish.category,
        amount_minor=wish.amount.minor,
        currency=wish.amount.currency,
        reason=wish.reason,
        gateway=wish.gateway,
        about=wish.about,
        destination=wish.destination,
        customer=wish.customer,
        dispute_due_at=wish.dispute_due_at,
        is_to_be_executed=wish.is_to_be_executed,
        requested_by=actor,
        created_at=at,
        updated_at=at,
    )
    # Nobody else can see the row before this transaction ends.
    action.is_locked = True
    ledger.record(
        subject=action.subject,
        kind="governed_action.asked",
        actor=actor,
        at=at,
        sentence=f"asked about {action.amount}: {action.get_category_display().lower()}.",
        data={
            "category": action.category,
            "amount_minor": action.amount_minor,
            "currency": action.currency,
            "reason": action.reason,
            "gateway": action.gateway,
            "about": action.about,
            "destination": action.destination,
            "execute": action.is_to_be_executed,
        },
    )
    return action


def _act_on(action: GovernedAction, version: PolicyVersion, facts: RefundFacts, verdict: Verdict, at: datetime) -> None:
    outcome = Outcome(verdict.outcome)
    mode = judging.mode_of(version, action.category)
    told: dict[str, object] = {
        "decision": str(action.decision_id),
        "outcome": outcome.value,
        "mode": mode.value,
        "policy": version.policy.slug,
        "version": version.number,
        "matched_rule": verdict.matched_rule,
    }
    if mode is Mode.SHADOW:
        would = outcome.label.lower()
        if action.is_to_be_executed:
            _route(action, version, facts, verdict, at, f"would have said “{would}”; a person decides.", told)
        else:
            sentence = f"would have said “{would}”; nothing was stopped."
            lifecycle.advance(action, "watch", actor=JUDGE, at=at, sentence=sentence, data=told)
        return
    match outcome:
        case Outcome.ALLOW:
            sentence = f"allowed {action.amount} within policy."
            lifecycle.advance(action, "allow", actor=JUDGE, at=at, sentence=sentence, data=told)
        case Outcome.REQUIRE_APPROVAL | Outcome.EXCEPTION:
            _route(action, version, facts, verdict, at, "sent it to approval.", told)
        case Outcome.BLOCK:
            lifecycle.advance(action, "block", actor=JUDGE, at=at, sentence="blocked it.", data=told)
        case _ as never:
            assert_never(never)


def _route(
    action: GovernedAction,
    version: PolicyVersion,
    facts: RefundFacts,
    verdict: Verdict,
    at: datetime,
    sentence: str,
    told: Mapping[str, object],
) -> None:
    plan = judging.plan_of(version, facts)
    route = open_route(brief=_brief_of(action, verdict), plan=plan, at=at)
    lifecycle.advance(
        action,
        "route_to_approval",
        actor=JUDGE,
        at=at,
        sentence=sentence,
        data={**told, "route": str(route.pk)},
        columns={"route": route},
    )


def _brief_of(action: GovernedAction, verdict: Verdict) -> Brief:
    reason = action.reason.replace("_", " ")
    return Brief(
        subject=action.subject,
        reference=action.reference,
        title=f"{action.get_category_display()}: {reason}" if reason else action.get_category_display(),
        customer=action.customer,
        category=action.category,
        reason=action.reason,
        exception_code="",
        risk=str(verdict.risk),
        amount=action.amount,
        team_id=action.team_id,
        requested_by_id=_asker_of(action),
        reviewed_by_id=None,
        page=action.get_absolute_url(),
        panel=reverse("policies:action_panel", args=[action.reference]),
    )


def _asker_of(action: GovernedAction) -> int:
    if action.requested_by_id is None:
        message = f"{action} was never asked about."
        raise ValueError(message)
    return action.requested_by_id
