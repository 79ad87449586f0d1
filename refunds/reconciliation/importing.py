"""Take a processor's file in: read it whole, keep it once, then store and match its lines as a job."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from config.kernel.jobs import Job, JobState, end_job, queue_job, report_progress, start_job
from config.kernel.money import Money
from config.kernel.refusals import NotPermitted, Reason, Refused
from config.kernel.subjects import Subject
from evidence import ledger
from refunds.models import Statement, StatementLine
from refunds.vocabulary import LineResult

from . import matching
from .amounts import UnreadableAmount, minor_units
from .report import BrokenReport, Problem, Report
from .stripe_csv import read_report

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime
    from uuid import UUID

    from django.core.files.uploadedfile import UploadedFile

    from config.kernel.people import User

    from .report import ReportLine

KIND = "import_statement"
LARGEST_FILE_BYTES = 20 * 1024 * 1024
LINES_AT_ONCE = 2_000
SUFFIXES = (".csv", ".txt")
NOT_TEXT = (b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff")
RIGHTS = ("refunds.add_statement", "refunds.reconcile_refundrequest")


def upload_statement(
    *, account: str, file: UploadedFile, actor: User, at: datetime, payout_total: str = ""
) -> tuple[Statement, Job | None]:
    """Keep a processor's file and queue its import. The same file again answers the first statement, without a job.

    `payout_total` is what the bank shows for the payout, in major units; given, the lines must add up to it.

    :raises NotPermitted: without the rights to add statements and to reconcile
    :raises Refused: `too_large`, `unsupported_media_type`, or `broken_statement` with a reason for every bad line
    """
    _check_may_upload(actor)
    content = _checked_content(file)
    sha256 = hashlib.sha256(content).hexdigest()
    known = Statement.objects.filter(account=account, sha256=sha256).first()
    if known is not None:
        return known, _resumed(known, actor=actor, at=at)
    report = _checked_report(content, account=account, payout_total=payout_total)
    return _keep(report, account=account, filename=file.name or "statement.csv", content=content, actor=actor, at=at)


def run_import(*, job_id: UUID | str, at: datetime | None = None) -> None:
    """Import the statement of a queued job; running it again changes nothing.

    1. Store the lines that are not known yet, in one transaction.
    2. Match every open line of the account, a little transaction for each match.
    3. End the job with what came of it, also when somebody asked to stop.
    """
    job = start_job(job_id=job_id)
    if job is None:
        return
    moment = at or timezone.now()
    statement = Statement.objects.get(pk=job.subject_id)
    _store_lines(statement)
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
    _check_may_upload(actor)
    with transaction.atomic(durable=True):
        return queue_job(kind=KIND, subject_id=statement.pk, actor=actor, at=at, total=statement.line_count)


def _check_may_upload(actor: User) -> None:
    for right in RIGHTS:
        if not actor.has_perm(right):
            raise NotPermitted("not_permitted", f"Uploading a statement needs the right “{right}”.")


def _checked_content(file: UploadedFile) -> bytes:
    if file.size is not None and file.size > LARGEST_FILE_BYTES:
        raise Refused("too_large", "The file is larger than 20 MB. Ask for a shorter period.", "file")
    content = file.read(LARGEST_FILE_BYTES + 1)
    if len(content) > LARGEST_FILE_BYTES:
        raise Refused("too_large", "The file is larger than 20 MB. Ask for a shorter period.", "file")
    if not (file.name or "").lower().endswith(SUFFIXES) or content.startswith(NOT_TEXT) or b"\0" in content[:8192]:
        raise Refused("unsupported_media_type", "This is not a CSV file. Download the report as CSV.", "file")
    return content


def _checked_report(content: bytes, *, account: str, payout_total: str) -> Report:
    """Read the file and compare it with the bank's figure and with the lines known before.

    :raises Refused: `broken_statement`
    """
    try:
        report = read_report(content)
        _check_total(report, payout_total)
        _check_agrees_with_known_lines(report, account)
    except BrokenReport as broken:
        reasons = [Reason("broken_statement", str(problem), "file") for problem in broken.problems]
        if broken.total > len(reasons):
            reasons.append(Reason("broken_statement", f"And {broken.total - len(reasons):,} more lines.", "file"))
        raise Refused.of(reasons) from broken
    return report


def _check_total(report: Report, payout_total: str) -> None:
    """Compare with the payout that the bank shows.

    :raises Refused: when the figure cannot be read or the file holds several currencies
    :raises BrokenReport: when the lines do not add up to it
    """
    if not payout_total.strip():
        return
    if len(report.currencies) != 1:
        raise Refused("broken_statement", "The file holds several currencies, so it has no one total.", "payout_total")
    currency = report.currencies[0]
    try:
        expected = Money(minor_units(payout_total.replace(",", ""), currency), currency)
    except UnreadableAmount as error:
        raise Refused("bad_amount", str(error), "payout_total") from error
    found = Money(sum(line.net_minor for line in report.lines if line.category != "payout"), currency)
    if found != expected:
        apart = Money(abs((found - expected).minor), currency)
        sentence = f"The lines add up to {found}; the bank shows {expected}. They are {apart} apart: a line is missing."
        raise BrokenReport([Problem(0, sentence)])


def _check_agrees_with_known_lines(report: Report, account: str) -> None:
    """Refuse a file that tells a known line differently.

    :raises BrokenReport: naming the lines
    """
    problems = []
    for lines in _batches(report.lines):
        rows = StatementLine.objects.filter(account=account, external_id__in=[line.external_id for line in lines])
        told = {
            row[0]: row[1:] for row in rows.values_list("external_id", "category", "gross_minor", "fee_minor", "currency")
        }
        problems += [
            Problem(line.number, f"{line.external_id} was imported before with another amount, fee or category.")
            for line in lines
            if told.get(line.external_id, _facts(line)) != _facts(line)
        ]
    if problems:
        raise BrokenReport(problems[:50], total=len(problems))


def _facts(line: ReportLine) -> tuple[str, int, int, str]:
    return line.category, line.gross_minor, line.fee_minor, line.currency


@transaction.atomic(durable=True)
def _keep(
    report: Report, *, account: str, filename: str, content: bytes, actor: User, at: datetime
) -> tuple[Statement, Job | None]:
    one = report.currencies[0] if len(report.currencies) == 1 else ""
    statement, is_new = Statement.objects.get_or_create(
        account=account,
        sha256=hashlib.sha256(content).hexdigest(),
        defaults={
            "format": report.format,
            "filename": filename[-200:],
            "content": content,
            "currency": one,
            "line_count": len(report.lines),
            # Two currencies have no common sum.
            "net_minor": report.net_minor[one] if one else 0,
            "from_at": report.from_at,
            "to_at": report.to_at,
            "uploaded_by": actor,
            "uploaded_at": at,
        },
    )
    if not is_new:
        return statement, None
    ledger.record(
        subject=Subject("statement", statement.pk),
        kind="statement.uploaded",
        actor=actor,
        at=at,
        sentence=f"uploaded a statement of {account} with {statement.line_count:,} lines.",
        data={"sha256": statement.sha256, "lines": statement.line_count, "warnings": list(report.warnings)},
    )
    return statement, queue_job(kind=KIND, subject_id=statement.pk, actor=actor, at=at, total=statement.line_count)


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
    if locked.is_imported:
        return
    report = read_report(bytes(locked.content))
    for lines in _batches(report.lines):
        StatementLine.objects.bulk_create(_rows(locked, lines), ignore_conflicts=True)
    Statement.objects.filter(pk=locked.pk).update(is_imported=True)


def _batches(lines: Sequence[ReportLine]) -> Iterator[Sequence[ReportLine]]:
    for start in range(0, len(lines), LINES_AT_ONCE):
        yield lines[start : start + LINES_AT_ONCE]


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
            booked_at=line.booked_at,
            gross_minor=line.gross_minor,
            fee_minor=line.fee_minor,
            net_minor=line.net_minor,
            currency=line.currency,
            result=LineResult.UNMATCHED if line.category in matching.ABOUT_REFUNDS else LineResult.OTHER,
        )
        for line in lines
    ]


def _result(statement: Statement, *, reconciled: int) -> dict[str, object]:
    """Count what became of the file; `known` lines came with an earlier one, `reconciled` counts requests closed now."""
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
