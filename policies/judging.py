"""Judge facts by the version in force, and keep what was said; a version in shadow is asked beside it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import structlog
from django.db import transaction
from django.db.models import OuterRef, Subquery

from approvals.brief import Signature
from config.kernel.outbox import publish
from config.kernel.refusals import Refused
from config.kernel.subjects import Subject
from config.kernel.wording import said
from evidence import ledger

from .editions import KIND
from .engine.document import parse_document
from .engine.evaluate import evaluate
from .engine.judgement import planned_steps
from .engine.verdict import PlannedStep
from .engine.words import REUSED
from .machines import TRIAL
from .models import PolicyDecision, PolicyVersion
from .vocabulary import Mode, VersionState

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from .engine.document import PolicyDocument
    from .engine.facts import RefundFacts
    from .engine.verdict import Verdict

logger = structlog.get_logger(__name__)


def version_in_force(team_id: int) -> PolicyVersion:
    """Find the published version that judges a team's money; it knows whether another is in shadow beside it.

    :raises Refused: when the team has none, because nothing may leave without one
    """
    in_shadow = PolicyVersion.objects.filter(policy=OuterRef("policy"), state=VersionState.SHADOW)
    version = (
        PolicyVersion.objects.select_related("policy")
        .annotate(shadow_id=Subquery(in_shadow.values("pk")[:1]))
        .filter(policy__team_id=team_id, state=VersionState.PUBLISHED)
        .first()
    )
    if version is None:
        raise Refused("refused", said("This team has no published policy, so nothing can be judged yet."))
    return version


def judge(version: PolicyVersion, facts: RefundFacts) -> Verdict:
    """Evaluate without writing: the same function for the live card and for the decision."""
    return evaluate(document_of(version), facts)


def decide(
    *,
    version: PolicyVersion,
    facts: RefundFacts,
    verdict: Verdict,
    subject: Subject,
    reference: str,
    page: str,
    at: datetime,
) -> PolicyDecision:
    """Keep a verdict with everything it rests on. Call it in the transaction that acts on it.

    `reference` is what people call the subject and `page` where it is shown, for lists that know no more of it. What a
    version in shadow would have said is kept beside it.
    """
    decision = _keep(version, facts, verdict, subject, reference, page, at)
    publish("decision.recorded", at=at, decision_id=decision.pk)
    decide_in_shadow(decision, facts)
    return decision


def decide_in_shadow(decision: PolicyDecision, facts: RefundFacts) -> PolicyDecision | None:
    """Ask the version in shadow, if there is one, about the same facts, and keep what it says as a trial.

    Nothing rests on the answer: when it cannot be had, that is written into the version's own ledger, and the decision
    stands as it is.
    """
    version = _version_in_shadow(decision.version, decision.decided_at)
    if version is None:
        return None
    subject, words = Subject(decision.subject_kind, decision.subject_id), (decision.reference, decision.page)
    try:
        with transaction.atomic():
            return _keep(version, facts, judge(version, facts), subject, *words, decision.decided_at, is_trial=True)
    except Exception as fault:  # a bug in a rule that is only tried out must not keep anybody's money back
        logger.exception("shadow_failed", version=str(version), reference=decision.reference)
        ledger.record(
            subject=Subject(KIND, version.pk),
            kind="policy.shadow_failed",
            actor=TRIAL,
            at=decision.decided_at,
            sentence=f"could not judge {decision.reference or decision.subject_id}: {type(fault).__name__}.",
            data={"decision": str(decision.pk)},
        )
        return None


def _version_in_shadow(in_force: PolicyVersion, at: datetime) -> PolicyVersion | None:
    """Find the version tried out beside this one; a case that was asked before the trial began is none of its cases."""
    if getattr(in_force, "shadow_id", in_force) is None:
        return None
    return (
        PolicyVersion.objects.select_related("policy")
        .filter(policy_id=in_force.policy_id, state=VersionState.SHADOW, shadow_since__lte=at)
        .first()
    )


def _keep(
    version: PolicyVersion,
    facts: RefundFacts,
    verdict: Verdict,
    subject: Subject,
    reference: str,
    page: str,
    at: datetime,
    *,
    is_trial: bool = False,
) -> PolicyDecision:
    return PolicyDecision.objects.create(
        version=version,
        subject_kind=subject.kind,
        subject_id=subject.id,
        reference=reference,
        page=page,
        is_trial=is_trial,
        category=facts.category,
        mode=Mode.SHADOW if is_trial else mode_of(version, facts.category),
        outcome=verdict.outcome,
        matched_rule=verdict.matched_rule,
        amount_minor=facts.amount_minor,
        allowed_minor=verdict.allowed_minor,
        currency=facts.currency,
        facts=facts.to_json(),
        findings=[finding.to_json() for finding in verdict.findings],
        why_not_automatic=list(verdict.why_not_automatic),
        exception_codes=list(verdict.exception_codes),
        decided_at=at,
    )


def signatures(version: PolicyVersion, facts: RefundFacts) -> tuple[PlannedStep, ...]:
    """Name who signs for these facts when people decide, whatever the verdict was.

    A photo that was sent before brings in one more: whoever the last step would go up to.
    """
    steps = planned_steps(document_of(version), facts)
    last = steps[-1] if steps else None
    if facts.photo_reuse not in REUSED or last is None or not last.escalates_to:
        return steps
    return (*steps, PlannedStep(last.level + 1, last.escalates_to, 1, last.sla_hours))


def plan_of(version: PolicyVersion, facts: RefundFacts) -> list[Signature]:
    """Name them as a route wants them.

    Not the verdict's plan: in shadow people sign whatever the policy would have said.
    """
    return [
        Signature(
            level=step.level,
            role=step.role,
            quorum=step.quorum,
            sla_hours=step.sla_hours,
            out_of=step.out_of,
            escalates_to=step.escalates_to or "",
        )
        for step in signatures(version, facts)
    ]


def mode_of(version: PolicyVersion, category: str) -> Mode:
    """Tell whether the version gates this category or only watches it."""
    return version.policy.mode_for(category)


def document_of(version: PolicyVersion) -> PolicyDocument:
    """Read a version's document; a published one is read and checked once in each process."""
    if version.state in {VersionState.PUBLISHED, VersionState.RETIRED}:
        return _published_document(version.pk)
    return parse_document(version.document)


@lru_cache(maxsize=256)
def _published_document(version_id: UUID) -> PolicyDocument:
    # A published document cannot change, the database sees to it, so a version is read and validated once.
    return parse_document(PolicyVersion.objects.values_list("document", flat=True).get(pk=version_id))
