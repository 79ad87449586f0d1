"""Judge past refunds by a version: ask for it, run it, stop it. No money moves, and no refund request is made."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from django.db import connection, transaction
from django.utils import timezone

from config.kernel.jobs import Job, JobState, alone_at, cancel_job, end_job, queue_job, report_progress, start_job
from config.kernel.refusals import NotPermitted, Refused
from config.kernel.subjects import Subject
from config.kernel.wording import said
from evidence import ledger
from policies.actions.facts import plain_facts
from policies.editions import KIND as VERSION
from policies.engine.document import parse_document
from policies.engine.evaluate import evaluate
from policies.models import Baseline, BaselineCase
from policies.permissions import versions_visible_to
from policies.simulation.backtesting import fingerprint_of

from .reading import read_refunds

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from config.kernel.people import Team, User
    from policies.engine.document import PolicyDocument
    from policies.engine.facts import RefundFacts
    from policies.models import PolicyVersion

    from .reading import PastRefund

KIND: Final = "baseline"
ADDS: Final = "policies.add_baseline"
SLICE: Final = 1_000
MOST_AT_A_TIME: Final = 3


def check_file(*, version_id: UUID, content: bytes, actor: User, at: datetime) -> list[PastRefund]:
    """Read a file and keep nothing: what importing it would judge.

    :raises NotPermitted: without the right, or for a version of another team
    :raises Refused: with every fault and its line
    """
    version = check_may_add(actor, version_id)
    return read_refunds(content, team=version.policy.team, at=at)


def ask_baseline(*, version_id: UUID, content: bytes, actor: User, at: datetime) -> tuple[Baseline, bool]:
    """Keep a file until it is judged, and queue that; the same file again answers the baseline it has, and False.

    :raises NotPermitted: without the right, or for a version of another team
    :raises Refused: with every fault and its line; while three others of the same person are under way
    """
    version = check_may_add(actor, version_id)
    rows = read_refunds(content, team=version.policy.team, at=at)
    words = {"sha256": hashlib.sha256(content).hexdigest(), "document_sha256": fingerprint_of(version.document)}
    with transaction.atomic(durable=True):
        _hold(version)
        known = Baseline.objects.filter(version=version, is_void=False, **words).first()
        if known is not None:
            return known, False
        _check_is_not_one_too_many(actor)
        baseline = Baseline(
            version=version, document=version.document, content=content, row_count=len(rows), requested_by=actor,
            created_at=at, **words,
        )  # fmt: skip
        baseline.job = queue_job(kind=KIND, subject_id=baseline.pk, actor=actor, at=at, total=len(rows))
        baseline.save(force_insert=True)
        ledger.record(
            subject=Subject(VERSION, version.pk),
            kind="policy.baseline_asked",
            actor=actor,
            at=at,
            sentence=f"had {len(rows):,} past refunds judged for a baseline.",
            data={"baseline": str(baseline.pk), "rows": len(rows), **words},
        )
    return baseline, True


def run_baseline(*, job_id: UUID | str, at: datetime | None = None) -> None:
    """Judge the file of a queued job; after a killed worker it begins again, and nothing is counted twice.

    :raises StillRunning: while another worker is at it
    """
    job = start_job(job_id=job_id)
    if job is None:
        void_cancelled(job_id=job_id)
        return
    with alone_at(job):
        baseline = Baseline.objects.select_related("version__policy__team").get(job=job)
        BaselineCase.objects.filter(baseline=baseline).delete()
        now = at or timezone.now()
        try:
            is_through = _judge_all(baseline, job)
        except Refused as fault:
            _end(baseline, job, JobState.FAILED, at=now, error=fault.detail[:1000])
            return
        _end(baseline, job, JobState.SUCCEEDED if is_through else JobState.CANCELLED, at=now)


def cancel_baseline(*, baseline: Baseline, actor: User) -> None:
    """Ask it to stop; it does after the slice it is at, and keeps nothing.

    :raises NotPermitted: for everybody but who asked for it
    """
    if baseline.requested_by_id != actor.pk:
        raise NotPermitted("not_permitted", said("Whoever asked for a baseline stops it."))
    cancel_job(job_id=baseline.job_id)
    void_cancelled(job_id=baseline.job_id)


def void_cancelled(*, job_id: UUID | str) -> None:
    """Forget the file of a job that was cancelled before it began."""
    Baseline.objects.filter(job_id=job_id, job__state=JobState.CANCELLED).update(is_void=True, content=b"")


def facts_of(refund: PastRefund, team: Team) -> RefundFacts:
    """Tell the policy what the file tells. What it does not tell (goods, photos, earlier requests) is not known."""
    at, delivered = refund.refunded_at, refund.delivered_at
    facts = plain_facts(team=team, category=refund.category, amount=refund.amount, reason=refund.reason, at=at)
    return replace(
        facts,
        payment_is_found=True,
        refundable_minor=refund.amount.minor if refund.charged_minor is None else refund.charged_minor,
        days_since_delivery=None if delivered is None else max((at - delivered).days, 0),
        is_delivered=delivered is not None,
        counted_from_on=None if delivered is None else delivered.date(),
    )


def _judge_all(baseline: Baseline, job: Job) -> bool:
    """Judge slice by slice; False when somebody asked to stop."""
    team, document = baseline.version.policy.team, parse_document(baseline.document)
    rows = read_refunds(bytes(baseline.content), team=team, at=baseline.created_at)
    for start in range(0, len(rows), SLICE):
        if not report_progress(job=job, done=start, total=len(rows)):
            return False
        cases = [_case(baseline, document, team, refund) for refund in rows[start : start + SLICE]]
        BaselineCase.objects.bulk_create(cases)
    return report_progress(job=job, done=len(rows), total=len(rows))


def _case(baseline: Baseline, document: PolicyDocument, team: Team, refund: PastRefund) -> BaselineCase:
    verdict = evaluate(document, facts_of(refund, team))
    return BaselineCase(
        baseline=baseline,
        line=refund.line,
        refund_id=refund.refund_id,
        refunded_at=refund.refunded_at,
        category=refund.category,
        reason=refund.reason,
        amount_minor=refund.amount.minor,
        currency=refund.amount.currency,
        outcome=verdict.outcome,
        matched_rule=verdict.matched_rule,
    )


@transaction.atomic(durable=True)
def _end(baseline: Baseline, job: Job, state: JobState, *, at: datetime, error: str = "") -> None:
    """End the job and forget the file; one that did not get through leaves no cases."""
    is_void = state != JobState.SUCCEEDED
    if is_void:
        BaselineCase.objects.filter(baseline=baseline).delete()
    Baseline.objects.filter(pk=baseline.pk).update(content=b"", is_void=is_void)
    end_job(job=job, state=state, at=at, result=None if is_void else {"rows": baseline.row_count}, error=error)


def check_may_add(actor: User, version_id: UUID) -> PolicyVersion:
    """Find the version for somebody who may have past refunds judged by it.

    :raises NotPermitted: without the right, or for a version of another team
    """
    if not actor.has_perm(ADDS):
        raise NotPermitted("not_permitted", said("This needs the right “{right}”.", right=ADDS))
    version = versions_visible_to(actor).select_related("policy__team").filter(pk=version_id).first()
    if version is None:
        raise NotPermitted("not_permitted", said("You do not work for the team of this policy."))
    return version


def _hold(version: PolicyVersion) -> None:
    """Let two uploads for a version come one after the other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"policies.baseline {version.pk}"])


def _check_is_not_one_too_many(actor: User) -> None:
    under_way = Job.objects.filter(kind=KIND, requested_by=actor, state__in=[JobState.QUEUED, JobState.RUNNING])
    if under_way.count() >= MOST_AT_A_TIME:
        raise Refused(
            "refused", said("{most} baselines of yours are under way. Wait for one, or stop one.", most=MOST_AT_A_TIME)
        )
