"""Take the journal to the general ledger: a file that says what was asked, what is in it, and its hash."""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import connection, transaction

from config.kernel.csv_out import csv_lines
from config.kernel.jobs import JobState, alone_at, cancel_job, end_job, queue_job, report_progress, start_job
from config.kernel.money import known_currency
from config.kernel.people import team_ids_of
from config.kernel.refusals import NotPermitted, OutOfDate, Reason, Refused
from config.kernel.wording import said
from evidence import ledger
from refunds.models import GLExport, GLExportEntry, JournalLine

from .charting import names_of_codes
from .formats import LAYOUTS
from .vocabulary import ExportFormat

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime
    from uuid import UUID

    from config.kernel.csv_out import Cell
    from config.kernel.jobs import Job
    from config.kernel.people import User

EXPORTS: Final = "refunds.add_glexport"
SEES: Final = "refunds.view_glexport"
KIND: Final = "gl_export"
LONGEST_DAYS: Final = 366
ROWS_AT_ONCE: Final = 2_000

_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('gl_export', 0))"

_MARK = """
    INSERT INTO refunds_glexportentry (export_id, entry_id)
    SELECT %(export)s, entry.id FROM refunds_journalentry AS entry
    WHERE entry.booked_on BETWEEN %(from_on)s AND %(to_on)s
        AND NOT EXISTS (
            SELECT FROM refunds_journalline AS line
            WHERE line.entry_id = entry.id AND line.team_id IS NOT NULL AND line.team_id <> ALL(%(teams)s)
        )
        AND (%(currency)s = '' OR NOT EXISTS (
            SELECT FROM refunds_journalline AS line WHERE line.entry_id = entry.id AND line.currency <> %(currency)s
        ))
        AND (NOT %(only_new)s OR NOT EXISTS (
            SELECT FROM refunds_glexportentry AS mark WHERE mark.entry_id = entry.id
        ))
    ORDER BY entry.id
    ON CONFLICT (export_id, entry_id) DO NOTHING
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportWish:
    """What somebody wants to take: entries booked from one day to another, of a currency or of all."""

    format: str
    from_on: date
    to_on: date
    currency: str = ""
    is_only_new: bool = True
    subsidiary: str = ""

    def faults(self) -> list[Reason]:
        """Find what no export can be."""
        faults = []
        if self.to_on < self.from_on:
            faults.append(Reason("invalid", said("The last day is before the first."), "to_on"))
        elif (self.to_on - self.from_on).days > LONGEST_DAYS:
            faults.append(Reason("too_large", said("An export covers at most a year."), "to_on"))
        if self.currency and not known_currency(self.currency):
            faults.append(
                Reason("unknown_currency", said("“{currency}” is not a currency.", currency=self.currency), "currency")
            )
        if self.format == ExportFormat.XERO and not self.currency:
            faults.append(Reason("invalid", said("Xero books manual journals in one currency; name it."), "currency"))
        return faults


@transaction.atomic(durable=True)
def ask_for_export(*, wish: ExportWish, actor: User, at: datetime) -> GLExport:
    """Queue an export.

    :raises NotPermitted: without the right
    :raises Refused: with every reason why there is no such export
    """
    if not actor.has_perm(EXPORTS):
        raise NotPermitted("not_permitted", said("This needs the right “{right}”.", right=EXPORTS))
    if faults := wish.faults():
        raise Refused.of(faults)
    export = GLExport(
        format=wish.format,
        from_on=wish.from_on,
        to_on=wish.to_on,
        currency=wish.currency,
        is_only_new=wish.is_only_new,
        subsidiary=wish.subsidiary,
        team_ids=sorted(team_ids_of(actor)),
        asked_by=actor,
        asked_at=at,
    )
    export.job = queue_job(kind=KIND, subject_id=export.pk, actor=actor, at=at)
    export.save()
    ledger.record(
        subject=export.subject,
        kind="gl_export.asked",
        actor=actor,
        at=at,
        sentence=f"asked for the journal as {export.get_format_display()}: {export.query}.",
        data={"format": export.format, "query": export.query},
    )
    return export


def run_export(*, job_id: UUID | str, at: datetime) -> None:
    """Make the file of a queued job; after a killed worker it begins again.

    1. Mark the entries, one export at a time, so that two of only what is new share none.
    2. Write their lines to a file beside the books, saying after each piece how far it is.
    3. Keep the file with its count, sums and hash; from then on neither it nor its marks change.

    Somebody who asks to stop it before that leaves no mark: the next export of what is new takes the entries.
    """
    job = start_job(job_id=job_id)
    if job is None:
        return
    export = GLExport.objects.select_related("asked_by").get(job=job)
    with alone_at(job):
        total = _mark(export)
        try:
            with tempfile.TemporaryFile() as content:
                tally = _write(export, job, content, total)
                content.seek(0)
                _keep(export, job, content, tally, at)
        except _Stopped:
            GLExportEntry.objects.filter(export=export).delete()
            end_job(job=job, state=JobState.CANCELLED, at=at)


def stop_export(*, export: GLExport, actor: User) -> None:
    """Ask an export to stop at its next piece; one that nobody began never begins.

    :raises NotPermitted: without the right to export
    :raises OutOfDate: when it is over
    """
    if not actor.has_perm(EXPORTS):
        raise NotPermitted("not_permitted", said("This needs the right “{right}”.", right=EXPORTS))
    if export.job.is_over:
        raise OutOfDate("over", said("The export is over; its file is kept."))
    cancel_job(job_id=export.job.pk)


class _Stopped(Exception):
    """Somebody asked to stop."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What is in a file."""

    row_count: int
    sums: dict[str, str]
    sha256: str


@transaction.atomic(durable=True)
def _mark(export: GLExport) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_ONE_AT_A_TIME)
        # What a killed worker marked is marked anew.
        GLExportEntry.objects.filter(export=export).delete()
        cursor.execute(
            _MARK,
            {
                "export": export.pk,
                "from_on": export.from_on,
                "to_on": export.to_on,
                "teams": list(export.team_ids),
                "currency": export.currency,
                "only_new": export.is_only_new,
            },
        )
        return int(cursor.rowcount)


def _write(export: GLExport, job: Job, content: IO[bytes], total: int) -> Tally:
    digest, sums, rows = hashlib.sha256(), Counter[str](), 0
    layout, names = LAYOUTS[export.format], names_of_codes()

    def told() -> Iterator[Sequence[Cell]]:
        nonlocal rows
        lines = JournalLine.objects.filter(entry__exports__export=export).select_related("entry", "team")
        for line in lines.order_by("entry_id", "pk").iterator(chunk_size=ROWS_AT_ONCE):
            rows += 1
            sums[line.currency] += max(line.amount_minor, 0)
            if rows % ROWS_AT_ONCE == 0:
                _go_on(job, rows, total)
            yield layout.row(export, line, names)

    _go_on(job, 0, total)
    for text in csv_lines(layout.header, told()):
        piece = text.encode()
        digest.update(piece)
        content.write(piece)
    _go_on(job, rows, total)
    return Tally(rows, {currency: str(total) for currency, total in sorted(sums.items())}, digest.hexdigest())


def _go_on(job: Job, rows: int, total: int) -> None:
    """Say how far it is; an entry has two lines as a rule."""
    if not report_progress(job=job, done=rows, total=max(2 * total, rows)):
        raise _Stopped


def _keep(export: GLExport, job: Job, content: IO[bytes], tally: Tally, at: datetime) -> None:
    stored = default_storage.save(f"exports/{export.pk}.csv", File(content))
    with transaction.atomic(durable=True):
        export.file, export.sha256, export.made_at = stored, tally.sha256, at
        export.row_count, export.sums, export.entry_count = tally.row_count, tally.sums, export.marks.count()
        export.save(update_fields=["file", "sha256", "made_at", "row_count", "sums", "entry_count"])
        ledger.record(
            subject=export.subject,
            kind="gl_export.made",
            actor=export.asked_by,
            at=at,
            sentence=f"has a file of {tally.row_count:,} lines of {export.entry_count:,} entries.",
            data={"rows": tally.row_count, "entries": export.entry_count, "sums": tally.sums, "sha256": tally.sha256},
        )
        result: dict[str, object] = {"rows": tally.row_count, "sha256": tally.sha256, "sums": tally.sums}
        end_job(job=job, state=JobState.SUCCEEDED, at=at, result=result)


@transaction.atomic
def take_export(*, export: GLExport, actor: User, at: datetime) -> None:
    """Write down that the file is taken."""
    ledger.record(
        subject=export.subject,
        kind="gl_export.taken",
        actor=actor,
        at=at,
        sentence="downloaded the file.",
        data={"sha256": export.sha256},
    )
