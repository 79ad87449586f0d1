"""Try a document out on what was decided before: ask for it, run it, stop it. No customer is affected."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import DataError, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from config.kernel.jobs import Job, JobState, alone_at, cancel_job, end_job, queue_job, report_progress, start_job
from config.kernel.refusals import NotPermitted, Reason, Refused
from config.kernel.wording import said
from policies.engine.document import MalformedDocument, document_json, parse_document
from policies.models import Backtest, BacktestFlip, PolicyDecision, PolicyVersion
from policies.permissions import policies_visible_to

from .slices import Slice, judge_slice, moments
from .tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from config.kernel.people import User

KIND: Final = "backtest"
RIGHT: Final = "policies.view_policyversion"
LONGEST_WINDOW: Final = timedelta(days=3 * 366)
OLDEST_YEAR: Final = 2000
MOST_AT_A_TIME: Final = 3
MOST_FLIPS: Final = 100_000
"""Flips that are listed; all of them are counted."""

NUL: Final = "\\u0000"
"""As JSON writes the one character that no column keeps."""


def ask_backtest(
    *,
    policy_id: int,
    document: Mapping[str, Any],
    version: PolicyVersion | None = None,
    from_at: datetime,
    until_at: datetime,
    actor: User,
    at: datetime,
) -> Backtest:
    """Queue a try of the document on the decisions of a policy in `[from_at, until_at)`.

    :raises NotPermitted: without the right to read versions, or for a policy of another team
    :raises Refused: for a malformed document, with every field named; for a window that is empty, too long or in the
        future; while three others of the same person are under way
    """
    if not actor.has_perm(RIGHT):
        raise NotPermitted("not_permitted", said("This needs the right “{right}”.", right=RIGHT))
    policy = policies_visible_to(actor).filter(pk=policy_id).first()
    if policy is None:
        raise NotPermitted("not_permitted", said("You do not work for the team of this policy."))
    _check_document(document)
    _check_window(from_at, until_at, at)
    _check_is_not_one_too_many(actor)
    backtest = Backtest(
        policy=policy,
        version=version,
        document=dict(document),
        document_sha256=fingerprint_of(document),
        from_at=from_at,
        until_at=until_at,
        requested_by=actor,
        created_at=at,
    )
    with transaction.atomic(durable=True):
        backtest.job = queue_job(kind=KIND, subject_id=backtest.pk, actor=actor, at=at)
        backtest.save(force_insert=True)
    return backtest


def run_backtest(*, job_id: UUID | str, at: datetime | None = None) -> None:
    """Run the backtest of a queued job; after a killed worker it begins again, and nothing is counted twice.

    1. Forget the flips of an earlier try.
    2. Judge the decisions of each version slice by slice, each slice in a transaction of its own.
    3. Say after each slice how far it is, and stop when somebody asked to.
    4. Keep what came of it.

    :raises StillRunning: while another worker is at it
    """
    job = start_job(job_id=job_id)
    if job is None:
        return
    with alone_at(job):
        backtest = Backtest.objects.select_related("policy__team").get(job=job)
        BacktestFlip.objects.filter(backtest=backtest).delete()
        try:
            tally = _judge_all(backtest, job)
        except (DataError, MalformedDocument) as fault:
            # It would be the same tomorrow; a job that never ends could not be asked for anew.
            _end(backtest, job, JobState.FAILED, error=str(fault)[:1000], at=at)
            return
        if tally is None:
            _end(backtest, job, JobState.CANCELLED, at=at)
            return
        _end(backtest, job, JobState.SUCCEEDED, result=tally.result(backtest.policy.team.time_zone), at=at)


def cancel_backtest(*, backtest: Backtest, actor: User) -> None:
    """Ask a backtest to stop; it does after the slice it is at, and keeps nothing.

    :raises NotPermitted: for everybody but who asked for it
    """
    if backtest.requested_by_id != actor.pk:
        raise NotPermitted("not_permitted", said("Whoever asked for a backtest stops it."))
    cancel_job(job_id=backtest.job_id)


def fingerprint_of(document: Mapping[str, Any]) -> str:
    """Fingerprint what a document says, so that a page can tell whether a draft was changed since it was tried."""
    words = document_json(parse_document(dict(document)))
    return hashlib.sha256(json.dumps(words, sort_keys=True).encode()).hexdigest()


def _check_document(document: Mapping[str, Any]) -> None:
    try:
        parse_document(dict(document))
    except MalformedDocument as error:
        faults = [Reason("malformed_document", sentence, f"document.{path}") for path, sentence in error.errors]
        raise Refused.of(faults) from None
    if NUL in json.dumps(document):
        raise Refused("malformed_document", said("A text in it holds a character that cannot be stored."), "document")


def _check_window(from_at: datetime, until_at: datetime, at: datetime) -> None:
    faults = []
    if from_at.year < OLDEST_YEAR:
        faults.append(Reason("bad_window", said("Nothing was decided here before {year}.", year=OLDEST_YEAR), "from"))
    if until_at <= from_at:
        faults.append(Reason("bad_window", said("The window must end after it begins."), "to"))
    elif until_at - from_at > LONGEST_WINDOW:
        faults.append(Reason("bad_window", said("A window reaches over three years at most."), "from"))
    if from_at >= at:
        faults.append(
            Reason("bad_window", said("Nothing is decided yet in a window that begins in the future."), "from")
        )
    if faults:
        raise Refused.of(faults)


def _check_is_not_one_too_many(actor: User) -> None:
    under_way = Job.objects.filter(kind=KIND, requested_by=actor, state__in=[JobState.QUEUED, JobState.RUNNING])
    if under_way.count() >= MOST_AT_A_TIME:
        raise Refused(
            "refused", said("{most} backtests of yours are under way. Wait for one, or stop one.", most=MOST_AT_A_TIME)
        )


def _judge_all(backtest: Backtest, job: Job) -> Tally | None:
    """Judge every slice; None when somebody asked to stop."""
    tally, document = Tally(), parse_document(backtest.document)
    total = _decisions(backtest).filter(version__policy=backtest.policy, is_trial=False).count()
    if not report_progress(job=job, done=0, total=total):
        return None
    for cut in _slices(backtest):
        with transaction.atomic(durable=True):
            tally.add(judge_slice(backtest, document, cut, room=max(MOST_FLIPS - tally.flips, 0)))
        if not report_progress(job=job, done=tally.rows, total=total):
            return None
    return tally


def _slices(backtest: Backtest) -> Iterator[Slice]:
    in_window = _decisions(backtest).filter(version=OuterRef("pk"))
    for version in PolicyVersion.objects.filter(Exists(in_window), policy=backtest.policy).order_by("number"):
        old_document = parse_document(version.document)
        for from_at, until_at in moments(version.pk, backtest.from_at, backtest.until_at):
            yield Slice(version, old_document, from_at, until_at)


def _decisions(backtest: Backtest) -> QuerySet[PolicyDecision]:
    return PolicyDecision.objects.filter(decided_at__gte=backtest.from_at, decided_at__lt=backtest.until_at)


@transaction.atomic(durable=True)
def _end(
    backtest: Backtest,
    job: Job,
    state: JobState,
    *,
    at: datetime | None,
    result: dict[str, object] | None = None,
    error: str = "",
) -> None:
    """End the job; one that did not get through leaves no flips that look like all of them."""
    if result is None:
        BacktestFlip.objects.filter(backtest=backtest).delete()
    Backtest.objects.filter(pk=backtest.pk).update(result=result)
    end_job(job=job, state=state, at=at or timezone.now(), result=result, error=error)
