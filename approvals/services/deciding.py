"""Record one person's decision on the open step of a route."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Min

from approvals.authority import signed_today
from approvals.models import ApprovalDecision, ApprovalRoute, ApprovalStep
from approvals.permissions import check_may_decide
from approvals.vocabulary import RouteState, StepState, Verdict
from config.kernel.money import Money
from config.kernel.people import User
from config.kernel.refusals import NotPermitted, OutOfDate, Refused

from .routing import finish, open_route_of

if TYPE_CHECKING:
    from datetime import datetime

    from approvals.authority import Limit
    from config.kernel.subjects import Subject


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a decision did to its route; `is_final` when no further signature is needed.

    `agreed` is the least that anybody signed for: nobody's name stands under more than she approved.
    """

    decision: ApprovalDecision
    is_final: bool
    agreed: Money


def decide_step(
    *,
    subject: Subject,
    verdict: Verdict,
    amount: Money,
    rationale: str,
    code: str,
    evidence_opened: list[str],
    actor: User,
    at: datetime,
) -> Outcome:
    """Decide on the open step of the subject's route. Call it inside the transaction that moves the subject.

    1. Lock the route, then its open step.
    2. Ask whether this person may, on the values as locked.
    3. Record the decision; the database checks four eyes once more.
    4. End the step when its quorum is met, open the next one or end the route.

    :raises NotPermitted: `self_approval`, `over_authority` or `not_permitted`
    :raises OutOfDate: `already_decided` when no step is open any more
    :raises Refused: when this person signed an earlier level
    """
    route = open_route_of(subject)
    if route is None:
        raise OutOfDate("already_decided", _who_was_faster(subject))
    step = ApprovalStep.objects.select_for_update().get(route=route, state=StepState.OPEN)
    limit = check_may_decide(
        actor,
        requested_by_id=route.requested_by_id,
        reviewed_by_id=route.reviewed_by_id,
        team_id=route.team_id,
        category=route.category,
        amount=route.amount,
    )
    _check_role_and_day(route, step, verdict, amount, limit, actor, at)
    if ApprovalDecision.objects.filter(route=route, decided_by=actor).exists():
        raise Refused("refused", "You signed an earlier level of this request; another person signs this one.")
    decision = ApprovalDecision.objects.create(
        route=route,
        step=step,
        decided_by=actor,
        requested_by_id=route.requested_by_id,
        reviewed_by_id=route.reviewed_by_id,
        verdict=verdict,
        amount_minor=amount.minor,
        currency=amount.currency,
        code=code,
        rationale=rationale,
        role_at_time=step.role,
        limit_at_time_minor=limit.single_minor,
        evidence_opened=evidence_opened,
        decided_at=at,
    )
    return Outcome(decision, is_final=_advance(route, step, verdict, at), agreed=_agreed(route, amount))


def _check_role_and_day(
    route: ApprovalRoute,
    step: ApprovalStep,
    verdict: Verdict,
    amount: Money,
    limit: Limit,
    actor: User,
    at: datetime,
) -> None:
    if step.role not in actor.role_names:
        raise NotPermitted("not_permitted", f"This step waits for somebody with the role “{step.role}”.")
    if verdict is Verdict.APPROVE:
        # One signature of a person at a time, or two in the same instant would both fit into her day.
        User.objects.select_for_update(no_key=True).get(pk=actor.pk)
        signed = signed_today(actor, category=route.category, currency=route.currency, at=at)
        if signed + amount.minor > limit.daily_minor:
            left = Money(max(limit.daily_minor - signed, 0), route.currency)
            raise NotPermitted("over_authority", f"Your limit for today leaves {left}; this is {amount}.")


def _agreed(route: ApprovalRoute, amount: Money) -> Money:
    signed = route.decisions.filter(verdict=Verdict.APPROVE).aggregate(least=Min("amount_minor"))["least"]
    return amount if signed is None else Money(signed, amount.currency)


def _advance(route: ApprovalRoute, step: ApprovalStep, verdict: Verdict, at: datetime) -> bool:
    if verdict is Verdict.DECLINE:
        _end_step(step, StepState.DECLINED)
        finish(route=route, state=RouteState.DECLINED, at=at)
        return True
    if step.decisions.filter(verdict=Verdict.APPROVE).count() < step.quorum:
        return False
    _end_step(step, StepState.APPROVED)
    following = route.steps.filter(state=StepState.WAITING).first()
    if following is None:
        finish(route=route, state=RouteState.APPROVED, at=at)
        return True
    following.state = StepState.OPEN
    following.due_at = at + timedelta(hours=following.sla_hours)
    following.save(update_fields=["state", "due_at"])
    route.current_level, route.current_role, route.due_at = following.level, following.role, following.due_at
    route.save(update_fields=["current_level", "current_role", "due_at"])
    return False


def _end_step(step: ApprovalStep, state: StepState) -> None:
    step.state = state
    step.leased_by = None
    step.leased_until = None
    step.save(update_fields=["state", "leased_by", "leased_until"])


def _who_was_faster(subject: Subject) -> str:
    last = (
        ApprovalDecision.objects.filter(route__subject_kind=subject.kind, route__subject_id=subject.id)
        .select_related("decided_by")
        .order_by("-decided_at", "-pk")
        .first()
    )
    if last is None:
        return "This request no longer waits for a decision."
    verb = {Verdict.APPROVE: "approved", Verdict.DECLINE: "declined"}[Verdict(last.verdict)]
    return f"{last.decided_by} {verb} this already, at {last.decided_at:%H:%M} UTC on {last.decided_at:%d %B}."
