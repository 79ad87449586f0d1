"""Lines and operations held for somebody who matches them by hand, and everything that must be so before she may."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Q

from config.kernel.money import Money
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from config.kernel.wording import inside, said
from refunds import entitlement, lifecycle
from refunds.books.vocabulary import PeriodState
from refunds.breaks.opening import lock_breaks
from refunds.models import Match, Operation, Period, StatementLine, Transfer
from refunds.models.match import ONE_AT_A_TIME
from refunds.permissions import operations_visible_to
from refunds.vocabulary import LineResult, OperationState, State

from .explaining import REFUND, REFUND_FAILURE
from .permissions import lines_visible_to

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from uuid import UUID

    from config.kernel.people import User
    from refunds.models import RefundRequest

MOST_PARTS = 50


@dataclass(frozen=True, slots=True)
class BothSides:
    """Locked lines, locked operations, and the locked request of each operation, by its id."""

    lines: list[StatementLine]
    operations: list[Operation]
    requests: Mapping[UUID, RefundRequest]

    def request_of(self, operation: Operation) -> RefundRequest:
        """Answer the locked request, not the copy that came with the operation."""
        return self.requests[operation.refund_request_id]


def hold_both_sides(*, line_ids: Collection[int], operation_ids: Collection[UUID], actor: User) -> BothSides:
    """Lock what is to be matched or taken apart, after whoever else matches: payment, request, operation, break, line.

    :raises Refused: `matching_under_way` while an import matches, which may take minutes
    :raises Operation.DoesNotExist: for one that the actor may not see; so for a line
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_try_advisory_xact_lock({ONE_AT_A_TIME})")
        if not cursor.fetchone()[0]:
            raise Refused("matching_under_way", said("Lines are being matched right now. Try again in a minute."))
    seen = dict(operations_visible_to(actor).filter(pk__in=operation_ids).values_list("pk", "refund_request_id"))
    if len(seen) != len(set(operation_ids)):
        raise Operation.DoesNotExist
    accounts = dict(lines_visible_to(actor).filter(pk__in=line_ids).values_list("pk", "account"))
    if len(accounts) != len(set(line_ids)):
        raise StatementLine.DoesNotExist
    requests = {pk: lifecycle.hold_locked(request_id=pk) for pk in sorted(set(seen.values()))}
    operations = Operation.objects.select_for_update(of=("self",)).select_related("release").filter(pk__in=seen)
    for account in sorted(set(accounts.values())):
        lock_breaks(account)
    lines = StatementLine.objects.select_for_update(of=("self",)).filter(pk__in=line_ids)
    return BothSides(list(lines.order_by("pk")), list(operations.order_by("pk")), requests)


def check_had_no_part(actor: User, sides: BothSides) -> None:
    """Keep whoever asked for a refund, signed for it or sent its money from saying that it arrived.

    :raises NotPermitted: `self_approval`
    """
    for operation in sides.operations:
        released = operation.release is not None and operation.release.released_by_id == actor.pk
        if released or entitlement.has_signed(actor, sides.request_of(operation)) or _sent(actor, operation):
            raise NotPermitted(
                "self_approval",
                said("Whoever asked, approved or paid does not say that it arrived. Somebody else does this."),
            )


def _sent(actor: User, operation: Operation) -> bool:
    mine = Q(file__prepared_by=actor) | Q(file__released_by=actor)
    return Transfer.objects.filter(mine, operation=operation, is_dropped=False).exists()


def check_month_is_open(lines: list[StatementLine]) -> None:
    """Leave months as they were signed.

    :raises Refused: `period_is_signed`
    """
    for line in lines:
        month = Period.objects.filter(
            account=line.account, from_at__lte=line.booked_at, until_at__gt=line.booked_at
        ).exclude(state=PeriodState.OPEN)
        if month.exists():
            raise Refused(
                "period_is_signed",
                said(
                    "{month} of {account} is signed; its lines stay as they are.",
                    month=f"{line.booked_at:%B %Y}",
                    account=line.account,
                ),
            )


def check_are_open(sides: BothSides) -> None:
    """Want lines that agree with nothing yet, and refunds that went out and stand on no line.

    :raises OutOfDate: with what happened meanwhile
    :raises Refused: `not_a_refund`
    """
    for line in sides.lines:
        if line.category != REFUND or line.gross_minor >= 0:
            raise Refused("not_a_refund", said("{number} is no refund that left the account.", number=line.external_id))
        if line.result != LineResult.UNMATCHED:
            raise OutOfDate(
                "line_is_matched",
                said(
                    "{number} is {state} by now.",
                    number=line.external_id,
                    state=inside(line.get_result_display()),
                ),
            )
    matched = set(Match.objects.filter(operation__in=sides.operations).values_list("operation_id", flat=True))
    for operation in sides.operations:
        reference = sides.request_of(operation).reference
        state = sides.request_of(operation).state
        if operation.pk in matched:
            raise OutOfDate(
                "refund_is_matched", said("{reference} stands on another line by now.", reference=reference)
            )
        if operation.state != OperationState.SUCCEEDED or state != State.REFUNDED:
            raise OutOfDate(
                "out_of_date",
                said(
                    "{reference} is {state}; only what is refunded matches.",
                    reference=reference,
                    state=inside(State(state).label),
                ),
            )
    ids = [str(operation.pk) for operation in sides.operations]
    names = [operation.external_id for operation in sides.operations if operation.external_id]
    back = StatementLine.objects.filter(category=REFUND_FAILURE, account__in={line.account for line in sides.lines})
    if back.filter(Q(operation_ref__in=ids) | Q(source_id__in=names)).exists():
        raise Refused("came_back", said("The statement also says that this refund came back. Open its break instead."))


def parts_of(sides: BothSides) -> list[tuple[StatementLine, Operation, int, int]]:
    """Say which part of each line is which part of each operation: line, operation, line_minor, amount_minor.

    :raises Refused: `different_amount` unless both sides add up to the last unit
    """
    if len(sides.lines) > 1 and len(sides.operations) > 1:
        raise Refused("too_many_sides", said("Match one line with several refunds, or one refund with several lines."))
    (line, *_), (operation, *_) = sides.lines, sides.operations
    currencies = {one.currency for one in sides.lines} | {one.currency for one in sides.operations}
    if len(currencies) > 1:
        return [_part_in_another_currency(sides)]
    theirs = Money(-sum(one.gross_minor for one in sides.lines), line.currency)
    ours = Money(sum(one.amount_minor for one in sides.operations), line.currency)
    if theirs != ours:
        apart = Money(abs(theirs.minor - ours.minor), line.currency)
        raise Refused(
            "different_amount",
            said(
                "The statement says {theirs}, the refunds chosen are {ours}: {apart} apart.",
                theirs=theirs,
                ours=ours,
                apart=apart,
            ),
        )
    if len(sides.operations) > 1:
        return [(line, one, one.amount_minor, one.amount_minor) for one in sides.operations]
    return [(one, operation, -one.gross_minor, -one.gross_minor) for one in sides.lines]


def _part_in_another_currency(sides: BothSides) -> tuple[StatementLine, Operation, int, int]:
    (line, *more_lines), (operation, *more) = sides.lines, sides.operations
    if more_lines or more:
        raise Refused("different_currency", said("Currencies are not added up: match one line with one refund."))
    if line.customer_minor is None or line.customer_currency != operation.currency:
        raise Refused(
            "different_currency",
            said(
                "The line is in {currency}, the refund in {other}, and the line does not say what the customer got.",
                currency=line.currency,
                other=operation.currency,
            ),
        )
    got = Money(abs(line.customer_minor), line.customer_currency)
    if got != operation.amount:
        raise Refused(
            "different_amount",
            said("The customer got {got}; the refund is {amount}.", got=got, amount=operation.amount),
        )
    return line, operation, -line.gross_minor, operation.amount_minor
