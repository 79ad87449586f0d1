"""Record one person's decision on an open step of a route."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from approvals.authority import signed_today
from approvals.dead_ends import REMAINING
from approvals.lending import hold_loans
from approvals.models import ApprovalDecision, ApprovalRoute, ApprovalStep
from approvals.permissions import DECIDED_BEFORE, decided_before, matter_of, warrant_for
from approvals.places import place_of
from approvals.vocabulary import RouteState, StepState, Verdict
from config.kernel.money import Money
from config.kernel.people import User
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from config.kernel.wording import said

from .routing import end, finish, open_level, open_route_of, tell_what_is_open

if TYPE_CHECKING:
    from datetime import datetime

    from approvals.permissions import Warrant
    from config.kernel.subjects import Subject


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a decision did to its route: `ended` says how it ended, None while signatures are still needed.

    `agreed` is the least that anybody signed for: nobody's name stands under more than she approved.
    """

    decision: ApprovalDecision
    ended: RouteState | None
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
    """Decide on an open step of the subject's route. Call it inside the transaction that moves the subject.

    1. Lock the route, then its open steps, then what others lent this person.
    2. Ask what this person's signature rests on, on the values as locked.
    3. Record the decision; the database checks once more that she is a stranger to the matter.
    4. End the step when its quorum is met or out of reach, open the next level or end the route.

    :raises NotPermitted: `self_approval`, `over_authority` or `not_permitted`
    :raises OutOfDate: `already_decided` when no step is open any more
    :raises Refused: when this person, or somebody in her name, decided on it before
    """
    route = open_route_of(subject)
    if route is None:
        raise OutOfDate("already_decided", _who_was_faster(subject))
    left = list(ApprovalStep.objects.select_for_update().filter(route=route, state__in=REMAINING).order_by("place"))
    steps = [step for step in left if step.state == StepState.OPEN]
    matter = matter_of(route)
    hold_loans(actor, at=at)
    warrant = warrant_for(actor, matter, at=at)
    if decided_before(actor, matter):
        raise Refused("refused", DECIDED_BEFORE)
    step = place_of(actor, steps, warrant, route=route, at=at)
    if verdict is Verdict.APPROVE:
        _check_day(route, warrant, amount, at)
    decision = ApprovalDecision.objects.create(
        route=route,
        step=step,
        decided_by=actor,
        acting_for=warrant.acting_for,
        requested_by_id=route.requested_by_id,
        reviewed_by_id=route.reviewed_by_id,
        verdict=verdict,
        amount_minor=amount.minor,
        currency=amount.currency,
        code=code,
        rationale=rationale,
        role_at_time=step.role,
        limit_at_time_minor=warrant.single_minor,
        evidence_opened=evidence_opened,
        decided_at=at,
    )
    votes = list(route.decisions.values_list("step_id", "verdict", "amount_minor"))
    agreed = min([minor for _, verdict, minor in votes if verdict == Verdict.APPROVE], default=amount.minor)
    said_here = [verdict for step_id, verdict, _ in votes if step_id == step.pk]
    ended = _advance(route, step, left, said_here, at)
    return Outcome(decision, ended=ended, agreed=Money(agreed, amount.currency))


def _check_day(route: ApprovalRoute, warrant: Warrant, amount: Money, at: datetime) -> None:
    """Want room in the day of everybody whose limit binds: of the signer, and of whom she signs for."""
    # One signature of a person at a time, or two in the same instant would both fit into her day.
    people = User.objects.select_for_update(no_key=True).filter(pk__in=[person.pk for person, _ in warrant.limits])
    list(people.order_by("pk"))
    for person, limit in warrant.limits:
        signed = signed_today(person, category=route.category, currency=route.currency, at=at)
        if signed + amount.minor > limit.daily_minor:
            left = Money(max(limit.daily_minor - signed, 0), route.currency)
            no = said("Your limit for today leaves {left}; this is {amount}.", left=left, amount=amount)
            if person == warrant.acting_for:
                no = said(
                    "The limit of {person} for today leaves {left}; this is {amount}.",
                    person=person,
                    left=left,
                    amount=amount,
                )
            raise NotPermitted("over_authority", no)


def _advance(
    route: ApprovalRoute, step: ApprovalStep, left: list[ApprovalStep], votes: list[str], at: datetime
) -> RouteState | None:
    """Count the votes of a step; answer how the route ended, or None. `left` are the steps that were not over."""
    noes, ayes = votes.count(Verdict.DECLINE), votes.count(Verdict.APPROVE)
    if noes > (step.out_of or step.quorum) - step.quorum:
        _end_step(step, StepState.DECLINED)
        finish(route=route, state=RouteState.DECLINED, at=at)
        return RouteState.DECLINED
    if ayes < step.quorum:
        _let_go(step)
        return None
    _end_step(step, StepState.APPROVED)
    if any(other.state == StepState.OPEN for other in left):
        tell_what_is_open(route, left)
        route.save(update_fields=["current_level", "current_role", "open_roles", "due_at"])
        return None
    following = min([other.level for other in left if other.state == StepState.WAITING], default=None)
    if following is None:
        end(route=route, state=RouteState.APPROVED, at=at)
        return RouteState.APPROVED
    open_level(route, level=following, at=at)
    return None


def _end_step(step: ApprovalStep, state: StepState) -> None:
    step.state = state
    step.asked_of = None
    _let_go(step, "state", "asked_of")


def _let_go(step: ApprovalStep, *changed: str) -> None:
    """Free a step whose holder has answered, for whoever signs it next."""
    step.leased_by = None
    step.leased_until = None
    step.save(update_fields=[*changed, "leased_by", "leased_until"])


def _who_was_faster(subject: Subject) -> str:
    last = (
        ApprovalDecision.objects.filter(route__subject_kind=subject.kind, route__subject_id=subject.id)
        .select_related("decided_by")
        .order_by("-decided_at", "-pk")
        .first()
    )
    if last is None:
        return said("This request no longer waits for a decision.")
    who, time, day = last.decided_by, f"{last.decided_at:%H:%M}", f"{last.decided_at:%d %B}"
    if last.verdict == Verdict.APPROVE:
        return said("{who} approved this already, at {time} UTC on {day}.", who=who, time=time, day=day)
    return said("{who} declined this already, at {time} UTC on {day}.", who=who, time=time, day=day)
