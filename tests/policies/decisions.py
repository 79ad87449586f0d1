"""Decisions and signatures as they lie in the database, for tests that count or replay them."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from approvals.models import ApprovalDecision, ApprovalRoute, ApprovalStep
from approvals.vocabulary import RouteState, StepState, Verdict
from config.kernel.ids import new_id
from policies.engine.evaluate import evaluate
from policies.engine.facts import LineFact, RefundFacts
from policies.judging import document_of
from policies.models import PolicyDecision, PolicyVersion
from policies.vocabulary import VersionState
from tests.harness.people import settle
from tests.harness.world import NOON

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tests.harness.world import World

KIND = "refund_request"


def facts_of(amount_minor: int, **changes: Any) -> RefundFacts:
    """Ask for this much of one unopened lamp, eight days after it arrived."""
    usual: dict[str, Any] = {
        "category": "refund",
        "amount_minor": amount_minor,
        "currency": "GBP",
        "reason": "changed_mind",
        "lines": (LineFact(line="1", product_category="home", condition="unopened", amount_minor=amount_minor),),
        "days_since_delivery": 8,
        "is_delivered": True,
        "payment_is_found": True,
        "refundable_minor": 9_000_000_00,
    }
    return RefundFacts(**{**usual, **changes})


def kept(version: PolicyVersion, facts: RefundFacts, /, *, at: datetime = NOON, **changes: Any) -> PolicyDecision:
    """Store what this version says of these facts; `changes` store something else."""
    verdict = evaluate(document_of(version), facts)
    usual: dict[str, Any] = {
        "version": version,
        "subject_kind": KIND,
        "subject_id": new_id(),
        "reference": f"RR-{PolicyDecision.objects.count():04d}",
        "page": "/requests/",
        "category": facts.category,
        "mode": "shadow",
        "outcome": verdict.outcome,
        "matched_rule": verdict.matched_rule,
        "amount_minor": facts.amount_minor,
        "allowed_minor": verdict.allowed_minor,
        "currency": facts.currency,
        "facts": facts.to_json(),
        "findings": [finding.to_json() for finding in verdict.findings],
        "decided_at": at,
    }
    return PolicyDecision.objects.create(**{**usual, **changes})


def beside(decision: PolicyDecision, version: PolicyVersion, **changes: Any) -> PolicyDecision:
    """Store what a version in shadow said of the same case."""
    same = {
        "subject_id": decision.subject_id,
        "reference": decision.reference,
        "page": decision.page,
        "at": decision.decided_at,
    }
    return kept(version, RefundFacts.from_json(decision.facts), is_trial=True, mode="shadow", **{**same, **changes})


def signed(
    decision: PolicyDecision, *, state: RouteState = RouteState.APPROVED, amounts: Sequence[int] = ()
) -> ApprovalRoute:
    """Let people answer on the subject of a decision: `amounts` are what each of them signed for, in her turn."""
    asked, approvers = decision.amount_minor, ("dana", "viktor", "vera")
    route = ApprovalRoute.objects.create(
        subject_kind=decision.subject_kind,
        subject_id=decision.subject_id,
        state=state,
        reference=decision.reference,
        title="Changed mind",
        category=decision.category,
        amount_minor=asked,
        currency=decision.currency,
        team=decision.version.policy.team,
        requested_by=settle("amir"),
        page="/requests/",
        panel="/requests/",
        current_role="approver",
        open_roles=["approver"],
        due_at=decision.decided_at,
        opened_at=decision.decided_at,
    )
    answers = {RouteState.APPROVED: Verdict.APPROVE, RouteState.DECLINED: Verdict.DECLINE}
    if state not in answers:
        return route
    for level, (amount_minor, name) in enumerate(zip(amounts or (asked,), approvers, strict=False), 1):
        step = ApprovalStep.objects.create(
            route=route, level=level, role="approver", sla_hours=4, state=StepState.APPROVED
        )
        ApprovalDecision.objects.create(
            route=route,
            step=step,
            decided_by=settle(name),
            requested_by=route.requested_by,
            verdict=answers[state],
            amount_minor=amount_minor,
            currency=decision.currency,
            role_at_time="approver",
            limit_at_time_minor=50_000_000_00,
            decided_at=decision.decided_at,
        )
    return route


def edition(
    world: World, document: dict[str, Any], state: VersionState, *, team: str = "uk-retail", **more: Any
) -> PolicyVersion:
    """Store an edition as it came to lie there, whatever today's commands would say of it."""
    in_force = world.policy(team)
    return PolicyVersion.objects.create(
        policy=in_force.policy,
        number=in_force.policy.versions.count() + 1,
        state=state,
        document=document,
        author=in_force.author,
        published_by=in_force.published_by,
        published_at=NOON,
        created_at=NOON,
        **more,
    )


def in_shadow(world: World, *, team: str = "uk-retail", since: datetime = NOON, **thresholds: int) -> PolicyVersion:
    """Try out the rules in force with other bands in the team's currency, such as `auto_up_to_minor`."""
    document = deepcopy(world.policy(team).document)
    document["thresholds"]["default"][world.team(team).currency] |= thresholds
    return edition(world, document, VersionState.SHADOW, team=team, shadow_since=since)
