"""Lay the processor's lines beside our operations; what agrees to the last unit closes its request.

The passes find pairs, all at once; a request is closed by itself, under its locks. Whatever no pass believes is shown
with the reason, never guessed.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_noop

from refunds import lifecycle
from refunds.books.vocabulary import PeriodState
from refunds.breaks.ending import end_settled
from refunds.breaks.missing import open_missing
from refunds.breaks.opening import Disagreement, lock_breaks, open_breaks
from refunds.machines import MATCHING
from refunds.models import Match, Operation, Period, StatementLine
from refunds.vocabulary import LineResult, OperationState, State

from .explaining import REFUND, REFUND_FAILURE, beside, why_open
from .passes import find_pairs
from .settling import close

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from django.db.models import QuerySet

    from .explaining import Beside

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


def open_lines(account: str) -> QuerySet[StatementLine]:
    """Select the lines about refunds that agree with nothing yet, oldest first; closed months stay as signed."""
    return outside_closed_months(unmatched_lines(account)).order_by("pk")


def unmatched_lines(account: str) -> QuerySet[StatementLine]:
    """Select the lines about refunds that agree with nothing yet, closed months included."""
    return StatementLine.objects.filter(account=account, result=LineResult.UNMATCHED)


def outside_closed_months(lines: QuerySet[StatementLine]) -> QuerySet[StatementLine]:
    """Leave out lines of months that two people closed."""
    return lines.exclude(_is_in_a_closed_month())


def _is_in_a_closed_month() -> Exists:
    closed = Period.objects.filter(
        state=PeriodState.LOCKED,
        account=OuterRef("account"),
        from_at__lte=OuterRef("booked_at"),
        until_at__gt=OuterRef("booked_at"),
    )
    return Exists(closed)


def match_open_lines(*, account: str, at: datetime, go_on: GoOn) -> Tally:
    """Look at every open line of an account.

    1. Let the passes find pairs, in one transaction.
    2. Say of each line that is left why it agrees with nothing, in batches.
    3. Open a break for what no statement shows though it should, end those that agree by now.
    4. Close the requests whose operation has its line, each in a transaction of its own.
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
    find_breaks(account=account, at=at)
    go_on(looked_at)
    closed, was_stopped = _close_matched(account, at, lambda: go_on(looked_at))
    return Tally(looked_at, closed, was_stopped=was_stopped)


def find_breaks(*, account: str, at: datetime) -> None:
    """Open and end the breaks of an account that its open lines alone do not tell of."""
    _find_late(account, at)
    open_missing(account=account, at=at)
    end_settled(account=account, at=at)


def _explain(account: str, lines: list[StatementLine], at: datetime) -> None:
    """Note why each line agrees with nothing, and let each that is still open have its break."""
    known = beside(account, lines)
    notes: dict[tuple[LineResult, str], list[int]] = defaultdict(list)
    for line in lines:
        why = why_open(line, known)
        result = LineResult.UNMATCHED if why else LineResult.OTHER
        notes[result, why.sentence if why else gettext_noop("The refund came back; ours says so too.")].append(line.pk)
    with transaction.atomic():
        # Before the lines: whoever undoes an import takes both in this order.
        lock_breaks(account)
        for (result, note), pks in notes.items():
            StatementLine.objects.filter(pk__in=pks, result=LineResult.UNMATCHED).update(
                result=result, result_note=note
            )
        open_breaks(_disagreements(lines, known), account=account, at=at)
    _mark_taken_back(account, lines)


def _disagreements(lines: Iterable[StatementLine], known: Beside) -> list[Disagreement]:
    found = ((line, why_open(line, known)) for line in lines)
    return [
        Disagreement(
            id=line.break_id,
            kind=why.kind,
            finding=why.sentence,
            amount_minor=why.amount_minor,
            line=line,
            operation=why.operation,
        )
        for line, why in found
        if why is not None
    ]


def _find_late(account: str, at: datetime) -> int:
    """Let lines that have no break have theirs: of closed months, which stay as they were signed, and looked at before.

    A line of an open month that nobody looked at yet is about to be matched.
    """
    opened = last_pk = 0
    late = unmatched_lines(account).filter(_is_in_a_closed_month() | ~Q(result_note=""), breaks__isnull=True)
    while lines := list(late.filter(pk__gt=last_pk).order_by("pk")[:LINES_AT_ONCE]):
        opened += open_breaks(_disagreements(lines, beside(account, lines)), account=account, at=at)
        last_pk = lines[-1].pk
    return opened


def _mark_taken_back(account: str, lines: Iterable[StatementLine]) -> None:
    refs = {line.operation_ref for line in lines if line.category == REFUND_FAILURE and line.operation_ref}
    if refs:
        StatementLine.objects.filter(
            account=account, category=REFUND, operation_ref__in=refs, result=LineResult.MATCHED
        ).update(result_note=gettext_noop("The refund failed later."))


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
    refund_request = lifecycle.hold_for_money(request_id=request_id)
    operation = Operation.objects.select_for_update(of=("self",)).get(match=match_id)
    if (operation.state, refund_request.state) != (OperationState.SUCCEEDED, State.REFUNDED):
        return False
    match = Match.objects.select_related("line").get(pk=match_id)
    close(refund_request, operation, [match], actor=MATCHING, at=at)
    return True
