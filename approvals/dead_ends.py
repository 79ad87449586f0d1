"""Find routes that nobody could finish, given limits, roles, absences and conflicts as they stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from config.kernel.money import Money
from config.kernel.people import Team

from .models import ApprovalDecision, ApprovalRoute, Involvement
from .staff import Need, Staff, can_be_had
from .vocabulary import Part, RouteState, StepState, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from uuid import UUID

    from .models import ApprovalStep
    from .staff import Signature

CHUNK = 1000
REMAINING = (StepState.OPEN, StepState.WAITING)
MOST_NAMED = 6
PARTS = {
    Part.SUBMITTER: "handed it in",
    Part.REVIEWER: "judged its exception",
    Part.PAYER: "sent its money",
    Part.PROPOSER: "proposed how else to pay it",
}


@dataclass(slots=True)
class Past:
    """What happened to a subject so far: who entered it, who may not sign for it and why, which votes were given."""

    requested_by: int
    barred: dict[int, str] = field(default_factory=dict)
    ayes: dict[UUID, int] = field(default_factory=dict)

    def why_not(self, signature: Signature) -> str:
        """Say what keeps a signature from being had; empty when nothing does."""
        if self.requested_by in signature.lenders:
            return "stands in for whoever entered it"
        return next((self.barred[pk] for pk in sorted(signature.people) if pk in self.barred), "")


@dataclass(frozen=True, slots=True)
class Found:
    """A route nobody could finish: the level where it ends, and why."""

    route: ApprovalRoute
    level: int
    why: str


def dead_ends(*, at: datetime) -> Iterator[Found]:
    """Name every open route that cannot get its signatures, team by team."""
    for staff, routes in chunks_of_open_routes(at=at):
        yield from dead_ends_of(staff, routes)


def chunks_of_open_routes(*, at: datetime) -> Iterator[tuple[Staff, list[ApprovalRoute]]]:
    """Go through the open routes, a thousand of one team at a time, with the people of that team."""
    for team in Team.objects.order_by("pk"):
        staff = Staff(team, at=at)
        waiting = ApprovalRoute.objects.filter(team=team, state=RouteState.OPEN).order_by("pk")
        routes = list(waiting.prefetch_related("steps")[:CHUNK])
        while routes:
            yield staff, routes
            routes = list(waiting.filter(pk__gt=routes[-1].pk).prefetch_related("steps")[:CHUNK])


def dead_ends_of(staff: Staff, routes: Sequence[ApprovalRoute]) -> Iterator[Found]:
    """Name those of some routes of one team that its people cannot finish."""
    pasts = pasts_of(routes)
    for route in routes:
        dead = dead_end_of(route, list(route.steps.all()), staff, pasts[route.subject_id])
        if dead is not None:
            yield dead


def dead_end_of(route: ApprovalRoute, steps: Sequence[ApprovalStep], staff: Staff, past: Past) -> Found | None:
    """Tell why the people of a team cannot finish a route; None when they can."""
    signatures = staff.signatures(category=route.category, currency=route.currency)
    free = [signature for signature in signatures if not why_not_signed(route, signature, staff, past)]
    remaining = [step for step in steps if step.state in REMAINING]
    needs = [Need(step.role, step.quorum - past.ayes.get(step.pk, 0)) for step in remaining]
    if can_be_had(needs, free):
        return None
    for step, need in zip(remaining, needs, strict=True):
        if not can_be_had([need], free):
            able = {str(signature.signer) for signature in free if need.role in signature.roles}
            kept = [
                f"{_name(signature)} {why}"
                for signature in signatures
                if need.role in signature.roles and (why := why_not_signed(route, signature, staff, past))
            ]
            return Found(route, step.level, _sentence(route, need, sorted(able), kept, staff))
    wanted = " and ".join(f"{need.count} with the role “{need.role}”" for need in needs if need.count > 0)
    roles = {need.role for need in needs}
    names = sorted({f"{_name(each)} ({', '.join(sorted(each.roles & roles))})" for each in free if each.roles & roles})
    why = (
        f"What is left needs {wanted}, all different people; only {', '.join(names)} can sign, and nobody signs twice."
    )
    return Found(route, remaining[0].level, why)


def _sentence(route: ApprovalRoute, need: Need, able: Sequence[str], kept: Sequence[str], staff: Staff) -> str:
    wanted = f"{need.count} people" if need.count > 1 else "somebody"
    opening = f"It waits for {wanted} with the role “{need.role}”"
    if not able and not kept:
        return (
            f"{opening}, and nobody of {staff.team} holds it with a limit for a {route.category} in {route.currency}."
        )
    can = f"only {', '.join(able)} can" if able else "nobody can"
    return f"{opening}; {can}: {'; '.join(kept[:MOST_NAMED])}." if kept else f"{opening}; {can}."


def _name(signature: Signature) -> str:
    return str(signature.signer) if signature.lender is None else f"{signature.signer} for {signature.lender}"


def why_not_signed(route: ApprovalRoute, signature: Signature, staff: Staff, past: Past) -> str:
    """Say what keeps a signature from being had on a route; empty when it can be had."""
    if why := past.why_not(signature):
        return why
    if signature.single_minor < route.amount_minor:
        return f"signs up to {Money(signature.single_minor, route.currency)}, this is {route.amount}"
    until = staff.away_until(signature.signer, needed_by=max(route.due_at, staff.at))
    return "" if until is None else f"is away until {until:%d %b %H:%M} UTC"


def pasts_of(routes: Sequence[ApprovalRoute]) -> dict[UUID, Past]:
    """Gather what happened to the subjects of these routes, with two queries for all of them."""
    found: dict[UUID, Past] = {}
    for route in routes:
        past = found[route.subject_id] = Past(route.requested_by_id)
        past.barred[route.requested_by_id] = "entered it"
        if route.reviewed_by_id is not None:
            past.barred[route.reviewed_by_id] = "judged its exception"
    for part in Involvement.objects.filter(subject_id__in=found):
        found[part.subject_id].barred.setdefault(part.person_id, PARTS[Part(part.part)])
    before = ApprovalDecision.objects.filter(
        route__subject_id__in=found,
        route__state__in=[RouteState.OPEN, RouteState.APPROVED, RouteState.DECLINED],
    )
    for decision in before.select_related("route"):
        past = found[decision.route.subject_id]
        for pk in (decision.decided_by_id, decision.acting_for_id):
            if pk is not None:
                past.barred.setdefault(pk, "decided on it before")
        if decision.verdict == Verdict.APPROVE:
            past.ayes[decision.step_id] = past.ayes.get(decision.step_id, 0) + 1
    return found
