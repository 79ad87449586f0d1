"""Lay the processor's lines beside our operations; what agrees to the last unit closes its request.

The passes find pairs, all at once; a request is closed by itself, under its locks. Whatever no pass believes is shown
with the reason, never guessed.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from config.kernel.money import Money
from refunds import lifecycle
from refunds.books.vocabulary import PeriodState
from refunds.machines import MATCHING
from refunds.models import Match, Operation, Period, StatementLine
from refunds.outgoing.telling import tell_breaks
from refunds.vocabulary import LineResult, OperationState, State

from .passes import find_pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from django.db.models import QuerySet

REFUND = "refund"
REFUND_FAILURE = "refund_failure"
ABOUT_REFUNDS = (REFUND, REFUND_FAILURE)
LINES_AT_ONCE = 500


class GoOn(Protocol):
    """Hears how many lines were looked at; answers False to stop."""

    def __call__(self, done: int) -> bool:
        """Report progress."""
        ...


@dataclass(frozen=True, slots=True)
class Tally:
    """What one run did."""

    looked_at: int
    matched: int
    was_stopped: bool


@dataclass(frozen=True, slots=True)
class Beside:
    """What we know that a line can be compared with; read once for many lines."""

    operations: Mapping[UUID, Operation]
    matched_lines: Mapping[UUID, int]
    taken_back: frozenset[str]


def open_lines(account: str) -> QuerySet[StatementLine]:
    """Select the lines about refunds that agree with nothing yet, oldest first; closed months stay as signed."""
    lines = StatementLine.objects.filter(account=account, result=LineResult.UNMATCHED)
    return outside_closed_months(lines).order_by("pk")


def outside_closed_months(lines: QuerySet[StatementLine]) -> QuerySet[StatementLine]:
    """Leave out lines of months that two people closed."""
    closed = Period.objects.filter(
        state=PeriodState.LOCKED,
        account=OuterRef("account"),
        from_at__lte=OuterRef("booked_at"),
        until_at__gt=OuterRef("booked_at"),
    )
    return lines.exclude(Exists(closed))


def match_open_lines(*, account: str, at: datetime, go_on: GoOn) -> Tally:
    """Look at every open line of an account.

    1. Let the passes find pairs, in one transaction.
    2. Say of each line that is left why it agrees with nothing, in batches.
    3. Close the requests whose operation has its line, each in a transaction of its own.
    """
    if not go_on(0):
        return Tally(0, 0, was_stopped=True)
    found = find_pairs(account=account, at=at)
    looked_at = found
    last_pk = 0
    while lines := list(open_lines(account).filter(pk__gt=last_pk)[:LINES_AT_ONCE]):
        if not go_on(looked_at):
            return Tally(looked_at, 0, was_stopped=True)
        _explain(account, lines, at)
        looked_at += len(lines)
        last_pk = lines[-1].pk
    go_on(looked_at)
    closed, was_stopped = _close_matched(account, at, lambda: go_on(looked_at))
    return Tally(looked_at, closed, was_stopped=was_stopped)


def why_not(line: StatementLine, beside: Beside) -> str:  # noqa: PLR0911 - one sentence for each kind of no
    """Say why a refund line does not agree with an operation of ours; empty when it does, to the last unit."""
    if not line.operation_ref:
        return "It carries no operation id of ours."
    operation_id = operation_id_of(line)
    operation = beside.operations.get(operation_id) if operation_id else None
    if operation is None:
        return "Unknown operation id: we never made this refund."
    if beside.matched_lines.get(operation.pk, line.pk) != line.pk:
        return "Second line for the same operation."
    if operation.currency != line.currency:
        return f"The currency differs: ours is {operation.currency}."
    if -line.gross_minor != operation.amount_minor:
        apart = Money(abs(line.gross_minor + operation.amount_minor), line.currency)
        return f"The amount differs by {apart}: ours is {operation.amount}."
    if line.operation_ref in beside.taken_back or operation.state == OperationState.FAILED:
        return "The refund failed later."
    if operation.state != OperationState.SUCCEEDED:
        return f"Our operation has not succeeded: {OperationState(operation.state).label.lower()}."
    if operation.refund_request.state != State.REFUNDED:
        return f"Our request is not refunded: {State(operation.refund_request.state).label.lower()}."
    return ""


def why_failure_is_open(line: StatementLine, beside: Beside) -> str:
    """Say what is wrong with a refund that the processor took back; empty when ours failed too."""
    if not line.operation_ref:
        return "It carries no operation id of ours."
    operation_id = operation_id_of(line)
    operation = beside.operations.get(operation_id) if operation_id else None
    if operation is None:
        return "Unknown operation id: we never made this refund."
    if operation.state != OperationState.FAILED:
        label = OperationState(operation.state).label.lower()
        return f"The processor took this refund back; our operation still says: {label}."
    return ""


def operation_id_of(line: StatementLine) -> UUID | None:
    """Read our operation id from a line; None when it is none of ours."""
    try:
        return UUID(line.operation_ref)
    except ValueError:
        return None


def _explain(account: str, lines: list[StatementLine], at: datetime) -> None:
    """Note why each line agrees with nothing, and tell of those that were never looked at before."""
    beside = _beside(account, lines)
    notes: dict[tuple[LineResult, str], list[int]] = defaultdict(list)
    for line in lines:
        if line.category == REFUND_FAILURE:
            note = why_failure_is_open(line, beside)
            result = LineResult.UNMATCHED if note else LineResult.OTHER
            notes[result, note or "The refund came back; ours says so too."].append(line.pk)
        else:
            note = why_not(line, beside) or "Our side came after this was looked at; match again."
            notes[LineResult.UNMATCHED, note].append(line.pk)
    with transaction.atomic():
        for (result, note), pks in notes.items():
            StatementLine.objects.filter(pk__in=pks, result=LineResult.UNMATCHED).update(
                result=result, result_note=note
            )
        still_open = {pk for (result, _), pks in notes.items() if result is LineResult.UNMATCHED for pk in pks}
        # A line without a note was never looked at before.
        tell_breaks([line for line in lines if line.pk in still_open and not line.result_note], at=at)
    _mark_taken_back(account, lines)


def _beside(account: str, lines: Iterable[StatementLine]) -> Beside:
    ids = {found for line in lines if (found := operation_id_of(line)) is not None}
    refs = {line.operation_ref for line in lines if line.operation_ref}
    failures = StatementLine.objects.filter(account=account, category=REFUND_FAILURE, operation_ref__in=refs)
    return Beside(
        operations=Operation.objects.select_related("refund_request").in_bulk(ids),
        matched_lines=dict(Match.objects.filter(operation_id__in=ids).values_list("operation_id", "line_id")),
        taken_back=frozenset(failures.values_list("operation_ref", flat=True)),
    )


def _mark_taken_back(account: str, lines: Iterable[StatementLine]) -> None:
    refs = {line.operation_ref for line in lines if line.category == REFUND_FAILURE and line.operation_ref}
    if refs:
        StatementLine.objects.filter(
            account=account, category=REFUND, operation_ref__in=refs, result=LineResult.MATCHED
        ).update(result_note="The refund failed later.")


def _close_matched(account: str, at: datetime, go_on: Callable[[], bool]) -> tuple[int, bool]:
    """Close every request that waits and whose operation has its line; answers how many, and whether it was stopped."""
    waiting = Match.objects.filter(line__account=account, operation__refund_request__state=State.REFUNDED)
    closed = last_pk = 0
    while pks := list(waiting.filter(pk__gt=last_pk).order_by("pk").values_list("pk", flat=True)[:LINES_AT_ONCE]):
        if not go_on():
            return closed, True
        closed += sum(_close(pk, at) for pk in pks)
        last_pk = pks[-1]
    return closed, False


@transaction.atomic(durable=True)
def _close(match_id: int, at: datetime) -> bool:
    """Close one request; asks again under the locks, since its refund may have failed meanwhile.

    The machine closes it, not the person who uploaded the file: whoever pays out cannot also declare it reconciled.
    """
    request_id = Operation.objects.values_list("refund_request_id", flat=True).get(match=match_id)
    refund_request = lifecycle.hold_locked(request_id=request_id)
    operation = Operation.objects.select_for_update(of=("self",)).get(match=match_id)
    if (operation.state, refund_request.state) != (OperationState.SUCCEEDED, State.REFUNDED):
        return False
    match = Match.objects.select_related("line").get(pk=match_id)
    lifecycle.advance(
        refund_request,
        "reconcile",
        actor=MATCHING,
        at=at,
        sentence=f"found {operation.amount} on the processor's statement.",
        data={
            "operation": str(operation.pk),
            "statement": str(match.line.statement_id),
            "line": match.line.external_id,
            "pass": match.found_by,
            "amount_minor": operation.amount_minor,
            "currency": operation.currency,
        },
    )
    return True
