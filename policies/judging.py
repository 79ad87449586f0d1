"""Judge facts by the version in force, and keep what was said."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from config.kernel.refusals import Refused

from .engine.document import parse_document
from .engine.evaluate import evaluate
from .engine.judgement import planned_steps
from .models import PolicyDecision, PolicyVersion
from .vocabulary import Mode, VersionState

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from config.kernel.subjects import Subject

    from .engine.document import PolicyDocument
    from .engine.facts import RefundFacts
    from .engine.verdict import PlannedStep, Verdict


def version_in_force(team_id: int) -> PolicyVersion:
    """Find the published version that judges a team's money.

    :raises Refused: when the team has none, because nothing may leave without one
    """
    version = (
        PolicyVersion.objects.select_related("policy")
        .filter(policy__team_id=team_id, state=VersionState.PUBLISHED)
        .first()
    )
    if version is None:
        raise Refused("refused", "This team has no published policy, so nothing can be judged yet.")
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

    `reference` is what people call the subject and `page` where it is shown, for lists that know no more of it.
    """
    return PolicyDecision.objects.create(
        version=version,
        subject_kind=subject.kind,
        subject_id=subject.id,
        reference=reference,
        page=page,
        category=facts.category,
        mode=mode_of(version, facts.category),
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
    """Name who signs for these facts when people decide, whatever the verdict was."""
    return planned_steps(document_of(version), facts)


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
