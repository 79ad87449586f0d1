"""Breaks as the machine opens them: one for each line and each operation, whoever looks at the same time.

A line's break has the id that the line always named, so that what was told outside stays true; opened again, after an
import that was undone comes back, it is the same row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid5

from django.db import connection, transaction

from evidence.ledger import NewEntry, record_all
from refunds.machines import MATCHING
from refunds.models import Break, StatementLine
from refunds.outgoing.telling import tell_breaks
from refunds.vocabulary import LineResult

from .promises import promises
from .vocabulary import BreakState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime, timedelta

    from refunds.models import Operation

AT_ONCE: Final = 500

_OF_OPERATIONS: Final = UUID("5b0c1d6e-6a5b-5f0e-8d0b-3c1f6f0b7a52")
"""The namespace of breaks about an operation that no statement shows."""

_ANEW: Final = (
    "kind", "state", "amount_minor", "finding", "happened_at", "line", "operation", "team", "opened_at", "due_at",
    "overdue_told_at", "owner", "resolution", "books_against", "books_on", "note", "proposed_by", "proposed_at",
    "confirmed_by", "limit_minor", "resolved_at", "round",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """What was found about a line, or about an operation that no line shows, before anybody knows whether it is new."""

    id: UUID
    kind: str
    finding: str
    amount_minor: int
    line: StatementLine | None = None
    operation: Operation | None = None


def lock_breaks(account: str) -> None:
    """Be the only one who opens or ends breaks of an account until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"breaks:{account}"])


def break_id_of(operation_id: UUID) -> UUID:
    """Name the break of an operation that no statement shows."""
    return uuid5(_OF_OPERATIONS, str(operation_id))


@transaction.atomic
def open_breaks(found: Sequence[Disagreement], *, account: str, at: datetime) -> int:
    """Open a break for each disagreement that has none, and tell outside; answers how many are new.

    One that stands is kept up to date as long as nobody proposed an end; one that people resolved stays resolved; one
    that ended by itself begins anew. Lines that were matched or taken back meanwhile are passed over.
    """
    lock_breaks(account)
    wanted = {one.id: one for one in _still_open(found)}
    known = Break.objects.select_for_update().in_bulk(list(wanted))
    times = promises()
    fresh = [_begun(Break(pk=pk, account=account), one, times, at) for pk, one in wanted.items() if pk not in known]
    anew = [_begun(row, wanted[pk], times, at) for pk, row in known.items() if row.is_resolved and row.is_by_machine]
    Break.objects.bulk_create(fresh, batch_size=AT_ONCE)
    Break.objects.bulk_update(anew, _ANEW, batch_size=AT_ONCE)
    _keep_up(known.values(), wanted)
    opened = [*fresh, *anew]
    record_all(
        [
            NewEntry(
                subject=row.subject,
                kind="break.opened",
                actor=MATCHING,
                at=at,
                sentence=f"found a break of {row.amount}: {row.finding}",
                data={"kind": str(row.kind), "amount_minor": row.amount_minor, "currency": row.currency},
            )
            for row in opened
        ]
    )
    tell_breaks(opened, at=at)
    return len(opened)


def _still_open(found: Sequence[Disagreement]) -> list[Disagreement]:
    lines = [one.line.pk for one in found if one.line is not None]
    unmatched = StatementLine.objects.filter(pk__in=lines, result=LineResult.UNMATCHED)
    pks = set(unmatched.values_list("pk", flat=True)) if lines else set()
    return [one for one in found if one.line is None or one.line.pk in pks]


def _begun(row: Break, found: Disagreement, times: Mapping[str, timedelta], at: datetime) -> Break:
    """Write into a row what was found; a row that ended before begins another round."""
    line, operation = found.line, found.operation
    row.round = row.round + 1 if row.is_resolved else 1
    row.kind, row.state, row.finding = found.kind, BreakState.OPEN, found.finding
    row.amount_minor, row.line, row.operation = found.amount_minor, line, operation
    if line is not None:
        row.currency, row.reference, row.happened_at = line.currency, line.external_id, line.booked_at
    elif operation is not None:
        row.currency, row.reference = operation.currency, operation.refund_request.reference
        row.happened_at = operation.succeeded_at or at
    row.team_id = operation.refund_request.team_id if operation is not None else None
    row.opened_at, row.due_at, row.overdue_told_at = at, at + times[found.kind], None
    return emptied(row)


def emptied(row: Break) -> Break:
    """Take away what was said about the end of a break."""
    row.resolution = row.books_against = row.note = ""
    row.books_on = row.limit_minor = row.proposed_at = row.resolved_at = None
    row.proposed_by = row.confirmed_by = None
    return row


def _keep_up(known: Iterable[Break], wanted: Mapping[UUID, Disagreement]) -> None:
    """Let open breaks say what is true by now."""
    changed = []
    for row in known:
        found = wanted[row.pk]
        says = (found.kind, found.finding, found.amount_minor, found.operation.pk if found.operation else None)
        if row.state == BreakState.OPEN and (row.kind, row.finding, row.amount_minor, row.operation_id) != says:
            row.kind, row.finding, row.amount_minor, row.operation = (
                found.kind, found.finding, found.amount_minor, found.operation,
            )  # fmt: skip
            row.team_id = found.operation.refund_request.team_id if found.operation is not None else None
            changed.append(row)
    Break.objects.bulk_update(changed, ["kind", "finding", "amount_minor", "operation", "team"], batch_size=AT_ONCE)
