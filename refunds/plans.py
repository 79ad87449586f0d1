"""Who signs next and by when, in a sentence on the clock of the team; and when nobody could."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils.http import urlencode

from approvals import clock
from approvals.planning import expected, expected_of
from approvals.staff import Need, Staff, can_be_had
from approvals.vocabulary import RouteState, StepState, Verdict
from config.kernel.wording import said
from policies import judging
from policies.vocabulary import Mode, Outcome

from .plan_words import hours, listed, moment_words, one_after_another, people

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from approvals.models import ApprovalRoute
    from approvals.staff import Signature
    from config.kernel.money import Money
    from policies.engine.verdict import PlannedStep

    from .judgement import Judged
    from .models import RefundRequest


@dataclass(frozen=True, slots=True)
class ShownPlan:
    """A plan in one sentence; `zone` names the clock it goes by, `nobody` says why it could not be signed now."""

    sentence: str
    zone: str
    nobody: str = ""


@dataclass(frozen=True, slots=True)
class PartOf:
    """Which part of something larger a request is, and where the others are listed."""

    number: int
    together: Money
    page: str


def plan_before_submitting(refund_request: RefundRequest, judged: Judged, *, at: datetime) -> ShownPlan | None:
    """Say who would sign if a draft were submitted at `at`; None when nobody would be asked."""
    steps = judging.signatures(judged.version, judged.facts)
    zone = refund_request.team.time_zone
    outcome = Outcome(judged.verdict.outcome)
    if judged.mode is not Mode.SHADOW and outcome is Outcome.EXCEPTION:
        return ShownPlan(
            said("With an exception it then needs {turns}.", turns=_in_hours(steps)),
            "",
            _why_nobody(refund_request, steps, at),
        )
    asks_people = outcome is Outcome.REQUIRE_APPROVAL or judged.is_held_for_reuse
    if judged.mode is not Mode.SHADOW and not asks_people:
        return None
    due = expected(steps, clock.hours_of(refund_request.team_id), at=at)
    who = [(step.level, people(step.role, step.quorum, step.out_of), due_at) for step, due_at in due]
    return ShownPlan(
        said("Needs {turns}.", turns=_in_turn(who, zone, at)), zone, _why_nobody(refund_request, steps, at)
    )


def plan_of_route(route: ApprovalRoute, *, at: datetime) -> ShownPlan | None:
    """Say who signs next on an open route; None when it has ended."""
    if route.state != RouteState.OPEN:
        return None
    prefetch_related_objects([route], "steps", "decisions")
    due = expected_of(route, clock.hours_of(route.team_id), at=at)
    ayes = [signed.step_id for signed in route.decisions.all() if signed.verdict == Verdict.APPROVE]
    zone = route.team.time_zone
    who = []
    for step in route.steps.all():
        if step.state in {StepState.OPEN, StepState.WAITING}:
            is_signed = step.pk in ayes
            words = people(
                step.role,
                step.quorum - ayes.count(step.pk),
                None if is_signed else step.out_of,
                is_one_more=is_signed,
            )
            who.append((step.level, words, due.get(step.pk, route.due_at)))
    return ShownPlan(said("Needs {turns}.", turns=_in_turn(who, zone, at)), zone)


def part_of(refund_request: RefundRequest) -> PartOf | None:
    """Say which part of something larger a request is, as its route was opened; None for a whole."""
    route = refund_request.route
    if route is None or route.part_number == 1:
        return None
    whose = refund_request.customer or refund_request.order
    of = whose.external_id if whose is not None else ""
    return PartOf(route.part_number, route.together, f"{reverse('refunds:requests')}?{urlencode({'q': of})}")


def _in_turn(who: Iterable[tuple[int, str, datetime]], zone: str, at: datetime) -> str:
    """Join levels by `then` and what is waited for together by `and`; a moment they share is said once."""
    turns = []
    for _, level in groupby(who, key=lambda entry: entry[0]):
        shared = [
            said(
                "{people} by {moment}",
                people=listed([words for _, words, _ in group]),
                moment=moment_words(due_at, zone, at),
            )
            for due_at, group in groupby(level, key=lambda entry: entry[2])
        ]
        turns.append(listed(shared))
    return one_after_another(turns)


def _in_hours(steps: Sequence[PlannedStep]) -> str:
    turns = []
    for _, level in groupby(steps, key=lambda step: step.level):
        words = [
            said(
                "{people} within {hours}",
                people=people(step.role, step.quorum, step.out_of),
                hours=hours(step.sla_hours),
            )
            for step in level
        ]
        turns.append(listed(words))
    return one_after_another(turns)


def _why_nobody(refund_request: RefundRequest, steps: Sequence[PlannedStep], at: datetime) -> str:
    """Say why the people of the team could not sign a plan now; empty when they could."""
    staff, amount = Staff(refund_request.team, at=at), refund_request.amount
    able = [
        signature
        for signature in staff.signatures(category=refund_request.category, currency=amount.currency)
        if signature.single_minor >= amount.minor and not _is_barred(signature, refund_request)
    ]
    here = [signature for signature in able if staff.away_until(signature.signer, needed_by=at) is None]
    needs = [Need(step.role, step.quorum) for step in steps]
    if can_be_had(needs, here):
        return ""
    title = said("Nobody can approve this today") if can_be_had(needs, able) else said("Nobody can approve this")
    short = next((step for step in steps if not can_be_had([Need(step.role, step.quorum)], here)), None)
    if short is None:
        names = sorted({str(signature.signer) for signature in here})
        count = sum(need.count for need in needs)
        return said(
            "{title}: {count} different people sign, and only {names} can.",
            title=title,
            count=count,
            names=listed(names),
        )
    some = sorted({str(signature.signer) for signature in here if short.role in signature.roles})
    who = people(short.role, short.quorum)
    if not some:
        return said("{title}: it needs {who} who may sign for {amount}.", title=title, who=who, amount=amount)
    return said(
        "{title}: it needs {who} who may sign for {amount}, and only {names} can.",
        title=title,
        who=who,
        amount=amount,
        names=listed(some),
    )


def _is_barred(signature: Signature, refund_request: RefundRequest) -> bool:
    """Tell whether somebody entered or judged this herself, or stands in for who did."""
    parts = {refund_request.requested_by_id, refund_request.reviewed_by_id}
    return not parts.isdisjoint(signature.people) or refund_request.requested_by_id in signature.lenders
