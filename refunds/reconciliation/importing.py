"""Take a processor's or a bank's file in: read it whole, keep it once, then store and match its lines as a job."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from config.kernel.jobs import Job, JobState, end_job, queue_job, report_progress, start_job
from config.kernel.people import Machine
from config.kernel.refusals import NotPermitted, Refused
from config.kernel.subjects import Subject
from config.kernel.wording import said
from evidence import ledger
from evidence.uploads import plain_name
from refunds.models import Statement, StatementBalance, StatementLine
from refunds.vocabulary import LineResult

from . import matching
from .checking import checked_content, checked_report, count_known, doubts, in_batches
from .confirming import confirm_transfers
from .explaining import ABOUT_REFUNDS
from .formats.stripe_api import PayoutByApi
from .readers import choose, parse
from .report import BrokenReport

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from django.core.files.uploadedfile import UploadedFile

    from config.kernel.people import Actor, User

    from .readers import Choice
    from .report import Balance, ReportLine, Summary

KIND = "import_statement"
DAY = timedelta(days=1)
FETCHED = PayoutByApi.name
RIGHTS = ("refunds.add_statement", "refunds.reconcile_refundrequest")


@dataclass(frozen=True, slots=True)
class Preview:
    """What an upload would do, before anything is kept. `known_count` lines came with earlier files."""

    choice: Choice
    summary: Summary
    known_count: int
    warnings: tuple[str, ...]
    first_upload: Statement | None

    @property
    def new_count(self) -> int:
        """The lines that would be added."""
        return self.summary.line_count - self.known_count


def preview_statement(
    *, file: UploadedFile[bytes], actor: User, at: datetime, account: str = "", name: str = "", payout_total: str = ""
) -> Preview:
    """Read a file as an upload would, and keep nothing.

    :raises NotPermitted: without the rights to add statements and to reconcile
    :raises Refused: as `upload_statement`
    """
    check_may_upload(actor)
    content = checked_content(file)
    choice = choose(content, account=account, name=name)
    report = checked_report(content, choice, payout_total=payout_total, at=at)
    summary = report.summary
    return Preview(
        choice=choice,
        summary=summary,
        known_count=count_known(report.lines, choice.account),
        warnings=(*summary.warnings, *doubts(summary, choice.account)),
        first_upload=standing(choice.account, hashlib.sha256(content).hexdigest()),
    )


def upload_statement(
    *, file: UploadedFile[bytes], actor: User, at: datetime, account: str = "", name: str = "", payout_total: str = ""
) -> tuple[Statement, Job | None]:
    """Keep a file and queue its import. The same file again answers the first statement, without a job.

    Without a format's `name` it is recognised; without an `account` it is the format's.
    `payout_total` is what the bank shows for the payout, in major units; given, the lines must add up to it.

    :raises NotPermitted: without the rights to add statements and to reconcile
    :raises Refused: `too_large`, `unsupported_media_type`, `unknown_format`, `wrong_account`, `quota_reached`, or
        `broken_statement` with a reason for every bad line
    """
    check_may_upload(actor)
    content = checked_content(file)
    choice = choose(content, account=account, name=name)
    known = standing(choice.account, hashlib.sha256(content).hexdigest())
    if known is not None:
        return known, _resumed(known, actor=actor, at=at)
    _check_day(actor, at)
    report = checked_report(content, choice, payout_total=payout_total, at=at)
    return keep(
        report.summary,
        account=choice.account,
        filename=plain_name(file.name or "statement"),
        content=content,
        actor=actor,
        at=at,
    )


def _check_day(actor: User, at: datetime) -> None:
    """Refuse a person's next file of a day in which she kept as many as anybody may; a small overrun is no harm."""
    most = settings.STATEMENT_DAY_FILES
    if Statement.objects.filter(uploaded_by=actor, uploaded_at__gt=at - DAY).count() >= most:
        sentence = said("You uploaded {most} statements within a day; go on tomorrow.", most=most)
        raise Refused("quota_reached", sentence, field="file")


def run_import(*, job_id: UUID | str, at: datetime | None = None) -> None:
    """Import the statement of a queued job; running it again changes nothing.

    1. Store the lines that are not known yet, in one transaction.
    2. Hear from a bank's lines what became of our transfers.
    3. Match every open line of the account, a little transaction for each match.
    4. End the job with what came of it, also when somebody asked to stop.
    """
    job = start_job(job_id=job_id)
    if job is None:
        return
    moment = at or timezone.now()
    statement = Statement.objects.defer("content").get(pk=str(job.subject_id))
    try:
        _store_lines(statement)
    except BrokenReport as broken:
        # It will be refused tomorrow too; a job that never ends would bar every other look at this statement.
        end_job(job=job, state=JobState.FAILED, at=timezone.now(), error=str(broken)[:1000])
        return
    confirm_transfers(account=statement.account, at=moment)
    waiting = matching.open_lines(statement.account).count()

    def go_on(done: int) -> bool:
        return report_progress(job=job, done=statement.line_count + done, total=statement.line_count + waiting)

    tally = matching.match_open_lines(account=statement.account, at=moment, go_on=go_on)
    state = JobState.CANCELLED if tally.was_stopped else JobState.SUCCEEDED
    end_job(job=job, state=state, at=timezone.now(), result=_result(statement, reconciled=tally.matched))


def queue_matching(*, statement: Statement, actor: User, at: datetime) -> Job:
    """Look at the open lines of a statement's account again, for instance after a late answer of the processor.

    :raises NotPermitted: without the rights to add statements and to reconcile
    """
    check_may_upload(actor)
    with transaction.atomic(durable=True):
        return queue_job(kind=KIND, subject_id=statement.pk, actor=actor, at=at, total=statement.line_count)


def last_job_of(statement: Statement) -> Job:
    """Find the job that imported a statement, or is about to; every statement was stored together with one."""
    return Job.objects.filter(kind=KIND, subject_id=statement.pk).order_by("-created_at", "-pk")[:1].get()


def check_may_upload(actor: User) -> None:
    """Ask for the rights.

    :raises NotPermitted: without one of them
    """
    for right in RIGHTS:
        if not actor.has_perm(right):
            raise NotPermitted("not_permitted", said("Uploading a statement needs the right “{right}”.", right=right))


def standing(account: str, sha256: str) -> Statement | None:
    """Find the same file among those that were not undone."""
    return Statement.objects.filter(account=account, sha256=sha256, undone_at__isnull=True).first()


@transaction.atomic(durable=True)
def keep(
    summary: Summary, *, account: str, filename: str, content: bytes, actor: Actor, at: datetime
) -> tuple[Statement, Job | None]:
    """Keep a file that is believed and queue its import; the same file again answers the first, without a job."""
    sha256 = hashlib.sha256(content).hexdigest()
    statement, is_new = record_statement(
        summary, account=account, filename=filename, content=content, sha256=sha256, actor=actor, at=at
    )
    if not is_new:
        return statement, None
    return statement, queue_job(kind=KIND, subject_id=statement.pk, actor=actor, at=at, total=statement.line_count)


def record_statement(
    summary: Summary, *, account: str, filename: str, content: bytes, sha256: str, actor: Actor, at: datetime
) -> tuple[Statement, bool]:
    """Write down what a file is, within a transaction; answers the first one, and False, where it stands already."""
    one = summary.currencies[0] if len(summary.currencies) == 1 else ""
    statement, is_new = Statement.objects.get_or_create(
        account=account,
        sha256=sha256,
        undone_at=None,
        defaults={
            "format": summary.format,
            "filename": filename[-200:],
            "content": content,
            "currency": one,
            "line_count": summary.line_count,
            # Two currencies have no common sum.
            "net_minor": summary.net_minor[one] if one else 0,
            "from_at": summary.from_at,
            "to_at": summary.to_at,
            "uploaded_by": None if isinstance(actor, Machine) else actor,
            "fetched_by": actor.name if isinstance(actor, Machine) else "",
            "uploaded_at": at,
        },
    )
    if is_new:
        verb = "fetched" if isinstance(actor, Machine) else "uploaded"
        ledger.record(
            subject=Subject("statement", statement.pk),
            kind="statement.uploaded",
            actor=actor,
            at=at,
            sentence=f"{verb} a statement of {account} with {statement.line_count:,} lines.",
            data={"sha256": statement.sha256, "lines": statement.line_count, "warnings": len(summary.warnings)},
        )
    return statement, is_new


@transaction.atomic(durable=True)
def _resumed(statement: Statement, *, actor: User, at: datetime) -> Job | None:
    """Queue the import of a file whose first import was stopped before its lines were stored."""
    Statement.objects.select_for_update().get(pk=statement.pk)
    is_under_way = Job.objects.filter(
        kind=KIND, subject_id=statement.pk, state__in=[JobState.QUEUED, JobState.RUNNING]
    ).exists()
    if statement.is_imported or is_under_way:
        return None
    return queue_job(kind=KIND, subject_id=statement.pk, actor=actor, at=at, total=statement.line_count)


@transaction.atomic(durable=True)
def _store_lines(statement: Statement) -> None:
    """Store what is not known yet; a line of an earlier file stays with that file."""
    locked = Statement.objects.select_for_update().get(pk=statement.pk)
    if locked.is_imported or locked.undone_at is not None:
        return
    report = parse(bytes(locked.content), account=locked.account, name=locked.format)
    lock_lines(locked.account)
    for lines in in_batches(report.lines):
        store(locked, lines)
    store_balances(locked, report.balances)
    Statement.objects.filter(pk=locked.pk).update(is_imported=True)


def lock_lines(account: str) -> None:
    """Hold the lines of an account until the transaction ends.

    Two overlapping files insert the same keys in different orders; one after the other they cannot block each other.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"statement lines:{account}"])


def store(statement: Statement, lines: Iterable[ReportLine]) -> None:
    """Store lines; one that is known stays with its first file, and learns which payout it is in if it did not know.

    What was asked of the processor about one payout is believed before what a report of some days said.
    """
    rows = _rows(statement, lines)
    StatementLine.objects.bulk_create(rows, ignore_conflicts=True)
    named: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row.payout_ref:
            named[row.payout_ref].append(row.external_id)
    for payout_ref, names in named.items():
        known = StatementLine.objects.filter(account=statement.account, external_id__in=names)
        others = known.exclude(payout_ref=payout_ref) if statement.format == FETCHED else known.filter(payout_ref="")
        matching.outside_closed_months(others).update(payout_ref=payout_ref)


def store_balances(statement: Statement, balances: Iterable[Balance]) -> None:
    """Store what was on the accounts; stored again, after another file of the same days was undone, they are there."""
    StatementBalance.objects.bulk_create(
        (
            StatementBalance(
                statement=statement,
                own_account=balance.own_account,
                currency=balance.currency,
                opening_minor=balance.opening_minor,
                closing_minor=balance.closing_minor,
            )
            for balance in balances
        ),
        ignore_conflicts=True,
    )


def _rows(statement: Statement, lines: Iterable[ReportLine]) -> list[StatementLine]:
    return [
        StatementLine(
            statement=statement,
            account=statement.account,
            external_id=line.external_id,
            number=line.number,
            category=line.category,
            source_id=line.source_id,
            operation_ref=line.operation_ref,
            payment_ref=line.payment_ref,
            payout_ref=line.payout_ref,
            merchant_ref=line.merchant_ref,
            own_account=line.own_account,
            told_category=line.told_category,
            text=line.text,
            value_on=line.value_on,
            customer_minor=line.customer_minor,
            customer_currency=line.customer_currency,
            exchange_rate=line.exchange_rate,
            booked_at=line.booked_at,
            gross_minor=line.gross_minor,
            fee_minor=line.fee_minor,
            net_minor=line.net_minor,
            currency=line.currency,
            result=LineResult.UNMATCHED if line.category in ABOUT_REFUNDS else LineResult.OTHER,
        )
        for line in lines
    ]


def _result(statement: Statement, *, reconciled: int) -> dict[str, object]:
    """Count what became of the file; `known` lines came earlier, `reconciled` counts requests closed now."""
    results = list(statement.lines.values_list("result", flat=True))
    return {
        "lines": statement.line_count,
        "new": len(results),
        "known": statement.line_count - len(results),
        "matched": results.count(LineResult.MATCHED),
        "unmatched": results.count(LineResult.UNMATCHED),
        "other": results.count(LineResult.OTHER),
        "reconciled": reconciled,
    }
