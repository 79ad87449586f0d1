"""Breaks as the machine ends them: when what they were about agrees by now, was taken back, or is no longer there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef
from django.db.models.functions import Cast

from evidence.ledger import NewEntry, record_all
from refunds.machines import MATCHING
from refunds.models import Break, Match, StatementLine
from refunds.vocabulary import LineResult, OperationState

from .opening import AT_ONCE, emptied, lock_breaks
from .vocabulary import BY_MACHINE, BreakState, Resolution

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from refunds.models import Statement

SENTENCES: Final[dict[str, str]] = {
    Resolution.MATCHED: "ended the break: what it was about agrees now.",
    Resolution.NO_LONGER: "ended the break: its refund failed, so nothing is missing.",
    Resolution.IMPORT_UNDONE: "ended the break: the import of its line was undone.",
}

_ENDED: Final = (
    "state", "resolution", "books_against", "books_on", "note", "proposed_by", "proposed_at", "confirmed_by",
    "limit_minor", "resolved_at",
)  # fmt: skip


@transaction.atomic
def end_settled(*, account: str, at: datetime) -> int:
    """End the breaks of an account whose line or operation agrees with the other side by now; answers how many.

    What people said of it before is taken back with it: the statement books it now, and their entry is reversed.
    """
    lock_breaks(account)
    told = StatementLine.objects.filter(operation_ref=Cast(OuterRef("operation_id"), CharField()))
    of_account = Break.objects.filter(account=account).exclude(resolution__in=BY_MACHINE)
    alone = of_account.filter(line__isnull=True, operation__isnull=False)
    matched = of_account.filter(line__isnull=False).exclude(line__result=LineResult.UNMATCHED)
    matches = Match.objects.filter(operation=OuterRef("operation"))
    shown = alone.filter(Exists(matches) | Exists(told.exclude(operation_ref="")))
    failed = alone.exclude(operation__state=OperationState.SUCCEEDED)
    return (
        _end(matched, Resolution.MATCHED, at)
        + _end(shown, Resolution.MATCHED, at)
        + _end(failed, Resolution.NO_LONGER, at)
    )


def end_undone(statement: Statement, *, at: datetime) -> int:
    """End the breaks of every line of an import, before the lines go; inside the transaction that undoes it."""
    lock_breaks(statement.account)
    ended = _end(Break.objects.filter(line__statement=statement), Resolution.IMPORT_UNDONE, at)
    Break.objects.filter(line__statement=statement).update(line=None)
    return ended


def _end(found: QuerySet[Break], resolution: Resolution, at: datetime) -> int:
    ids = list(found.order_by("pk").values_list("pk", flat=True))
    return sum(_end_some(ids[start : start + AT_ONCE], resolution, at) for start in range(0, len(ids), AT_ONCE))


def _end_some(ids: Iterable[UUID], resolution: Resolution, at: datetime) -> int:
    rows = list(Break.objects.select_for_update(of=("self",)).filter(pk__in=list(ids)).order_by("pk"))
    entries = []
    for row in rows:
        data = {"resolution": str(resolution), "before": str(row.resolution), "booked_against": str(row.books_against)}
        emptied(row)
        row.state, row.resolution, row.resolved_at = BreakState.RESOLVED, resolution, at
        entries.append(
            NewEntry(
                subject=row.subject, kind="break.ended", actor=MATCHING, at=at,
                sentence=SENTENCES[resolution], data=data,
            )
        )  # fmt: skip
    Break.objects.bulk_update(rows, _ENDED, batch_size=AT_ONCE)
    record_all(entries)
    return len(rows)
