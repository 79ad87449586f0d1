"""Why a statement line agrees with nothing of ours: the kind of break, the sentence, and what it leaves unexplained."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Min
from django.utils.translation import gettext_noop

from config.kernel.money import Money
from refunds.breaks.vocabulary import BreakKind
from refunds.models import Match, Operation, StatementLine
from refunds.vocabulary import OperationState, State

from .readers import BANK

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.db.models import QuerySet

REFUND = "refund"
REFUND_FAILURE = "refund_failure"
ABOUT_REFUNDS = (REFUND, REFUND_FAILURE)

CAME_LATER = gettext_noop("Our side came after this was looked at; match again.")


@dataclass(frozen=True, slots=True)
class Beside:
    """What we know that a line can be compared with; read once for many lines.

    `first_lines` names for each operation the line that the others are second lines to.
    """

    operations: Mapping[UUID, Operation]
    by_reference: Mapping[str, Operation]
    first_lines: Mapping[UUID, int]
    taken_back: frozenset[str]

    def operation_of(self, line: StatementLine) -> Operation | None:
        """Find our side of a line, by our id or, where it carries none, by the processor's reference."""
        if not line.operation_ref:
            return self.by_reference.get(line.source_id) if line.source_id else None
        found = operation_id_of(line)
        return self.operations.get(found) if found else None


@dataclass(frozen=True, slots=True)
class Why:
    """Why a line is open: what disagrees, in a sentence, and how much of it nobody explained, in minor units."""

    kind: BreakKind
    sentence: str
    amount_minor: int
    operation: Operation | None = None


def operation_id_of(line: StatementLine) -> UUID | None:
    """Read our operation id from a line; None when it is none of ours."""
    try:
        return UUID(line.operation_ref)
    except ValueError:
        return None


def beside(account: str, lines: Iterable[StatementLine]) -> Beside:
    """Read what the lines of an account can be compared with; the same number of queries however many they are."""
    lines = list(lines)
    ids = {found for line in lines if (found := operation_id_of(line)) is not None}
    refs = {line.operation_ref for line in lines if line.operation_ref}
    # A bank's own reference says nothing of ours.
    sources = {line.source_id for line in lines if line.source_id and not line.operation_ref}
    operations = Operation.objects.select_related("refund_request")
    named = operations.filter(external_id__in=sources, gateway=account) if sources and account != BANK else ()
    known, by_reference = operations.in_bulk(ids), {str(one.external_id): one for one in named}
    of_account = StatementLine.objects.filter(account=account)
    taken = of_account.filter(category=REFUND_FAILURE, operation_ref__in=refs).order_by()
    return Beside(
        operations=known,
        by_reference=by_reference,
        first_lines=_first_lines(of_account.filter(category=REFUND), refs, known, by_reference),
        taken_back=frozenset(taken.values_list("operation_ref", flat=True)),
    )


def why_open(line: StatementLine, known: Beside) -> Why | None:
    """Say why a line is open; None for a refund that came back and failed with us too."""
    return why_failure_is_open(line, known) if line.category == REFUND_FAILURE else why_not(line, known)


def why_not(line: StatementLine, known: Beside) -> Why:  # noqa: PLR0911 - one sentence for each kind of no
    """Say why a refund line does not agree with an operation of ours, to the last unit."""
    operation = known.operation_of(line)
    if operation is None:
        return Why(BreakKind.UNGOVERNED, _nobody(line), line.gross_minor)
    if known.first_lines.get(operation.pk, line.pk) != line.pk:
        return Why(BreakKind.DOUBLE, gettext_noop("Second line for the same operation."), line.gross_minor, operation)
    if operation.currency != line.currency and not customer_got(line, operation):
        sentence = f"The currency differs: ours is {operation.currency}."
        return Why(BreakKind.CURRENCY_DIFFERS, sentence, line.gross_minor, operation)
    apart = line.gross_minor + operation.amount_minor if operation.currency == line.currency else 0
    if apart:
        sentence = f"The amount differs by {Money(abs(apart), line.currency)}: ours is {operation.amount}."
        kind = BreakKind.FEE if line.fee_minor and abs(apart) == abs(line.fee_minor) else BreakKind.AMOUNT_DIFFERS
        return Why(kind, sentence, apart, operation)
    if line.operation_ref in known.taken_back or operation.state == OperationState.FAILED:
        return Why(BreakKind.LATE_FAILURE, gettext_noop("The refund failed later."), line.gross_minor, operation)
    if operation.state != OperationState.SUCCEEDED:
        sentence = f"Our operation has not succeeded: {OperationState(operation.state).label.lower()}."
        return Why(BreakKind.MISSING_AT_US, sentence, line.gross_minor, operation)
    sentence = CAME_LATER
    if operation.refund_request.state != State.REFUNDED:
        sentence = f"Our request is not refunded: {State(operation.refund_request.state).label.lower()}."
    return Why(BreakKind.TIMING, sentence, line.gross_minor, operation)


def customer_got(line: StatementLine, operation: Operation) -> bool:
    """Tell whether a line that was settled in another currency says that the customer got our amount."""
    got = (line.customer_currency, abs(line.customer_minor or 0))
    return got == (operation.currency, operation.amount_minor)


def why_failure_is_open(line: StatementLine, known: Beside) -> Why | None:
    """Say what is wrong with a refund that the processor took back; None when ours failed too."""
    operation = known.operation_of(line)
    if operation is None:
        return Why(BreakKind.UNGOVERNED, _nobody(line), line.gross_minor)
    if operation.state == OperationState.FAILED:
        return None
    label = OperationState(operation.state).label.lower()
    sentence = f"The processor took this refund back; our operation still says: {label}."
    return Why(BreakKind.LATE_FAILURE, sentence, line.gross_minor, operation)


def _nobody(line: StatementLine) -> str:
    if not line.operation_ref:
        return gettext_noop("It carries no operation id of ours.")
    return gettext_noop("Unknown operation id: we never made this refund.")


def _first_lines(
    lines: QuerySet[StatementLine],
    refs: Iterable[str],
    known: Mapping[UUID, Operation],
    by_reference: Mapping[str, Operation],
) -> dict[UUID, int]:
    """Name the line each operation is matched with, or would be: the first that carries its id or its reference."""
    first: dict[UUID, int] = {}
    if by_reference:
        told = lines.filter(operation_ref="", source_id__in=list(by_reference)).order_by().values_list("source_id")
        first |= {by_reference[source].pk: pk for source, pk in told.annotate(Min("pk"))}
    for ref, pk in lines.filter(operation_ref__in=refs).order_by().values_list("operation_ref").annotate(Min("pk")):
        with suppress(ValueError):
            first[UUID(ref)] = pk
    ids = [*known, *(one.pk for one in by_reference.values())]
    return {**first, **dict(Match.objects.filter(operation_id__in=ids).values_list("operation_id", "line_id"))}
