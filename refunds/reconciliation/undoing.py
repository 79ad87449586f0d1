"""Take an import back: its lines go, what another file tells of them stays, the file and the reason are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef

from config.kernel.jobs import Job, JobState, queue_job
from config.kernel.refusals import NotPermitted, Refused
from config.kernel.subjects import Subject
from config.kernel.wording import said
from evidence import ledger
from refunds.breaks.ending import end_undone
from refunds.gateways.bank_transfer import ManualBankTransfer
from refunds.models import Match, Operation, Statement
from refunds.vocabulary import LineResult, OperationState

from .explaining import REFUND, REFUND_FAILURE, operation_id_of
from .importing import KIND, lock_lines
from .matching import outside_closed_months
from .readers import BANK

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from config.kernel.people import User

RIGHT = "refunds.undo_statement"
LONGEST_WHY = 400


def why_closed(statement: Statement) -> str:  # noqa: PLR0911 - one sentence for each kind of no
    """Say why an import cannot be undone any more; empty while it is open."""
    if statement.undone_at is not None:
        return said("It was undone already.")
    if Job.objects.filter(kind=KIND, subject_id=statement.pk, state__in=[JobState.QUEUED, JobState.RUNNING]).exists():
        return said("Its import is under way; cancel it first.")
    closed = statement.lines.filter(Exists(Match.objects.filter(line=OuterRef("pk")))).count()
    if closed:
        return said("{lines} of its lines closed a request; what is reconciled stays.", lines=f"{closed:,}")
    if (other := _overlapping(statement).filter(content=b"").first()) is not None:
        return said(
            "{file} tells of the same days and was too large to be kept; undo that import first.", file=other.filename
        )
    if statement.lines.exclude(pk__in=outside_closed_months(statement.lines.all()).values("pk")).exists():
        return said("Some of its lines are of a month that is closed.")
    if statement.lines.filter(category=REFUND_FAILURE, result=LineResult.OTHER).exists() or _confirmed(statement):
        return said("Its lines told us what became of refunds, and we acted on it.")
    return ""


@transaction.atomic(durable=True)
def undo_import(*, statement_id: UUID, why: str, actor: User, at: datetime) -> int:
    """Take back the lines that a file brought; the file, its hash and the reason stay. Answers how many lines went.

    Imports of other files that tell of the same days are queued again: what they tell too comes back with them.

    :raises NotPermitted: without the right to undo an import
    :raises Refused: `no_reason`, or `statement_closed` with what was done with its lines
    """
    if not actor.has_perm(RIGHT):
        raise NotPermitted("not_permitted", said("Undoing an import needs the right “{right}”.", right=RIGHT))
    reason = why.strip()[:LONGEST_WHY]
    if not reason:
        raise Refused("no_reason", said("Say why this import is undone."), "why")
    statement = Statement.objects.defer("content").select_for_update().get(pk=statement_id)
    lock_lines(statement.account)
    if closed := why_closed(statement):
        raise Refused("statement_closed", closed)
    end_undone(statement, at=at)
    count, _ = statement.lines.all().delete()
    statement.balances.all().delete()
    Statement.objects.filter(pk=statement.pk).update(
        undone_at=at, undone_by=actor, undone_why=reason, is_imported=False
    )
    ledger.record(
        subject=Subject("statement", statement.pk),
        kind="statement.undone",
        actor=actor,
        at=at,
        sentence=f"undid the import of a statement of {statement.account}: {count:,} lines went.",
        data={"sha256": statement.sha256, "lines": count, "why_length": len(reason)},
    )
    others = list(_overlapping(statement))
    Statement.objects.filter(pk__in=[other.pk for other in others]).update(is_imported=False)
    for other in others:
        queue_job(kind=KIND, subject_id=other.pk, actor=actor, at=at, total=other.line_count)
    return count


def _confirmed(statement: Statement) -> bool:
    """Tell whether a transfer of ours counts as paid because a line of this file says so."""
    refs = statement.lines.filter(account=BANK, category=REFUND).exclude(operation_ref="")
    named = [found for line in refs.only("operation_ref") if (found := operation_id_of(line)) is not None]
    transfers = Operation.objects.filter(pk__in=named, gateway=ManualBankTransfer.name)
    return bool(named) and transfers.filter(state=OperationState.SUCCEEDED).exists()


def _overlapping(statement: Statement) -> QuerySet[Statement]:
    """Select the other imports of the same days."""
    if statement.from_at is None or statement.to_at is None:
        return Statement.objects.none()
    return (
        Statement.objects.filter(account=statement.account, undone_at__isnull=True, is_imported=True)
        .filter(from_at__lte=statement.to_at, to_at__gte=statement.from_at)
        .exclude(pk=statement.pk)
        .defer("content")
        .order_by("pk")
    )
