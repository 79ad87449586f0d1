"""From facts to what happens next: judge a locked request, then act on the verdict in the same transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from approvals.brief import Brief
from approvals.services.routing import open_route
from evidence import ledger
from policies import judging
from policies.engine.exposure import parts
from policies.engine.words import REUSED, Risk, Rule
from policies.vocabulary import Mode, Outcome

from . import balances, facts, lifecycle, notifications
from .machines import POLICY
from .processing.queueing import queue_operation
from .recent import hold_counts
from .vocabulary import OPEN_STATES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from approvals.models import ApprovalRoute
    from config.kernel.people import Actor
    from policies.engine.facts import RefundFacts
    from policies.engine.verdict import Verdict
    from policies.models import PolicyVersion

    from .models import RefundRequest

__all__ = ["OPEN_STATES", "Judged", "act_on_verdict", "judge_request", "open_route_for", "route"]


LONGEST_TITLE = 200
"""As much of a heading as a route keeps."""


class Judged:
    """A verdict with the facts and the version it rests on."""

    def __init__(self, version: PolicyVersion, seen: RefundFacts, verdict: Verdict) -> None:
        """Keep the three together."""
        self.version = version
        self.facts = seen
        self.verdict = verdict
        self.mode = judging.mode_of(version, seen.category)

    @property
    def is_held_for_reuse(self) -> bool:
        """Whether the policy would let it pass, but a photo was sent before, so that people decide."""
        return Outcome(self.verdict.outcome) is Outcome.ALLOW and self.facts.photo_reuse in REUSED

    @property
    def evidence_missing(self) -> Sequence[str]:
        """What the policy wants to see before it judges; a shadow policy only watches and wants nothing."""
        return self.verdict.evidence_missing if self.mode is Mode.ENFORCE else ()


def version_for(refund_request: RefundRequest) -> PolicyVersion:
    """Find the version that judges a request: in flight it keeps the one it started under."""
    if refund_request.decision is not None:
        return refund_request.decision.version
    return judging.version_in_force(refund_request.team_id)


def judge_request(refund_request: RefundRequest, *, at: datetime) -> Judged:
    """Judge without writing: for the live card, the decision and a fresh route alike.

    In a transaction that acts on it nobody else may submit for the same customer until it commits.
    """
    version = version_for(refund_request)
    document = judging.document_of(version)
    if refund_request.is_locked:
        hold_counts(refund_request, document)
    seen = facts.gather(refund_request, document, at=at)
    return Judged(version, seen, judging.judge(version, seen))


def ask_for_evidence(refund_request: RefundRequest, missing: Sequence[str], *, actor: Actor, at: datetime) -> None:
    """Keep the request where it is and name what is missing."""
    refund_request.evidence_missing = list(missing)
    refund_request.updated_at = at
    refund_request.save(update_fields=["evidence_missing", "updated_at"])
    ledger.record(
        subject=refund_request.subject,
        kind="refund_request.evidence_wanted",
        actor=actor,
        at=at,
        sentence=f"tried to submit; still missing: {', '.join(missing)}.",
        data={"missing": list(missing)},
    )


def act_on_verdict(refund_request: RefundRequest, judged: Judged, *, at: datetime) -> None:
    """Keep the verdict and speak the verb it demands. In shadow a person decides, whatever the verdict."""
    verdict = judged.verdict
    outcome = Outcome(verdict.outcome)
    refund_request.decision = judging.decide(
        version=judged.version,
        facts=judged.facts,
        verdict=verdict,
        subject=refund_request.subject,
        reference=refund_request.reference,
        page=refund_request.get_absolute_url(),
        at=at,
    )
    refund_request.risk = str(verdict.risk)
    told = {
        "decision": str(refund_request.decision.pk),
        "outcome": str(verdict.outcome),
        "mode": judged.mode.value,
        "policy": judged.version.policy.slug,
        "version": judged.version.number,
        "matched_rule": verdict.matched_rule,
    }
    if judged.mode is Mode.SHADOW:
        would = outcome.label.lower()
        route(
            refund_request,
            judged,
            actor=POLICY,
            at=at,
            sentence=f"would have said “{would}”; a person decides.",
            data=told,
        )
    elif judged.is_held_for_reuse:
        sentence = "would allow it, but a photo was sent with another request before; people decide."
        route(refund_request, judged, actor=POLICY, at=at, sentence=sentence, data=told)
    elif outcome is Outcome.ALLOW:
        _approve_automatically(refund_request, at, told)
    elif outcome is Outcome.REQUIRE_APPROVAL:
        route(refund_request, judged, actor=POLICY, at=at, sentence="sent the request to approval.", data=told)
    elif outcome is Outcome.EXCEPTION:
        lifecycle.advance(
            refund_request,
            "refer",
            actor=POLICY,
            at=at,
            sentence="referred the request to a policy reviewer.",
            data=told,
        )
    else:
        lifecycle.advance(refund_request, "block", actor=POLICY, at=at, sentence="blocked the request.", data=told)
        balances.release(refund_request)


def _approve_automatically(refund_request: RefundRequest, at: datetime, told: Mapping[str, object]) -> None:
    lifecycle.advance(
        refund_request,
        "approve_automatically",
        actor=POLICY,
        at=at,
        sentence=f"approved {refund_request.amount} within policy.",
        data=told,
        columns={"approved_minor": refund_request.requested_minor},
    )
    queue_operation(refund_request=refund_request, at=at)
    notifications.tell_approved(refund_request, at=at)


def route(
    refund_request: RefundRequest,
    judged: Judged,
    *,
    actor: Actor,
    at: datetime,
    sentence: str,
    data: Mapping[str, object],
    verb: str = "route_to_approval",
) -> None:
    """Open the route of signatures and let the request wait for it."""
    opened = _opened(refund_request, judged, at)
    lifecycle.advance(
        refund_request,
        verb,
        actor=actor,
        at=at,
        sentence=sentence,
        data={**data, "route": str(opened.pk)},
        columns={"route": opened},
    )


def open_route_for(refund_request: RefundRequest, judged: Judged, *, at: datetime) -> ApprovalRoute:
    """Open a route with the signatures the policy asks for this amount; the request must be locked."""
    opened = _opened(refund_request, judged, at)
    refund_request.route = opened
    refund_request.save(update_fields=["route"])
    return opened


def _opened(refund_request: RefundRequest, judged: Judged, at: datetime) -> ApprovalRoute:
    plan = judging.plan_of(judged.version, judged.facts)
    return open_route(brief=brief_of(refund_request, judged), plan=plan, at=at)


def is_routine(refund_request: RefundRequest, verdict: Verdict) -> bool:
    """Tell whether nothing but its amount brings this before a person: in policy, of low risk and fully proved."""
    return (
        Outcome(verdict.outcome) in {Outcome.ALLOW, Outcome.REQUIRE_APPROVAL}
        and all(finding.rule.partition(".")[0] == Rule.THRESHOLDS for finding in verdict.failed)
        and verdict.risk == Risk.LOW
        and not verdict.evidence_missing
        and not refund_request.exception_code
        and refund_request.payout_id is None
    )


def brief_of(refund_request: RefundRequest, judged: Judged) -> Brief:
    """Tell the queue what it may know."""
    reason = refund_request.reason.label if refund_request.reason is not None else ""
    if refund_request.payout is not None:
        reason = f"Alternate payout, {refund_request.payout.get_method_display().lower()}: {reason}"
    part = parts(judging.document_of(judged.version), judged.facts)
    return Brief(
        subject=refund_request.subject,
        reference=refund_request.reference,
        title=reason[:LONGEST_TITLE],
        customer=str(refund_request.customer or ""),
        category=refund_request.category,
        reason=refund_request.reason_id or "",
        exception_code=refund_request.exception_code,
        risk=str(judged.verdict.risk),
        amount=refund_request.asked,
        team_id=refund_request.team_id,
        requested_by_id=refund_request.requested_by_id,
        reviewed_by_id=refund_request.reviewed_by_id,
        page=refund_request.get_absolute_url(),
        panel=reverse("refunds:panel", args=[refund_request.reference]),
        is_routine=is_routine(refund_request, judged.verdict),
        part_number=part.number,
        others_minor=part.others_minor,
    )
