"""Match by hand what no pass believes, and take apart what was matched wrongly: on record, with four eyes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils.translation import gettext_noop

from config.kernel.jobs import queue_job
from config.kernel.refusals import NotPermitted, Refused
from config.kernel.subjects import Subject
from config.kernel.wording import said
from evidence import ledger
from evidence.text import refuse_card_number
from refunds.breaks.ending import end_settled
from refunds.models import Match, SeveredMatch, StatementLine
from refunds.vocabulary import LineResult, State

from .both_sides import (
    MOST_PARTS,
    check_are_open,
    check_had_no_part,
    check_month_is_open,
    hold_both_sides,
    parts_of,
)
from .importing import KIND
from .permissions import lines_visible_to
from .settling import close, reopen
from .suggestions import suggestions_for

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from config.kernel.people import User
    from refunds.models import Operation

MATCHES: Final = "refunds.add_match"
SEVERS: Final = "refunds.delete_match"
BY_HAND: Final = gettext_noop("by hand")
SHORTEST_NOTE, LONGEST_NOTE = 5, 200


@transaction.atomic(durable=True)
def match_by_hand(
    *,
    line_ids: Sequence[int],
    operation_ids: Sequence[UUID],
    note: str,
    actor: User,
    at: datetime,
    found_by: str = BY_HAND,
) -> list[Match]:
    """Match one line with several refunds, or one refund with several lines, and close the requests.

    1. Lock payments, requests, operations and lines, after whoever else matches.
    2. Ask that nothing of it is matched, signed, failed or the actor's own, and that the sums are the same.
    3. Write the parts in one statement, the ledger of each statement, and close each request.

    :raises NotPermitted: without the right, or `self_approval` for whoever asked, approved or paid
    :raises Refused: `no_reason`, `different_amount`, `different_currency`, `too_many_sides`, `not_a_refund`,
        `came_back`, `period_is_signed` or `matching_under_way`
    :raises OutOfDate: when somebody was faster
    """
    _check_may(actor, MATCHES)
    why = _note(note)
    if not line_ids or not operation_ids or len(line_ids) + len(operation_ids) > MOST_PARTS:
        raise Refused("nothing_chosen", said("Choose the refund that this line is."), "operation")
    sides = hold_both_sides(line_ids=line_ids, operation_ids=operation_ids, actor=actor)
    check_had_no_part(actor, sides)
    check_are_open(sides)
    check_month_is_open(sides.lines)
    matches = Match.objects.bulk_create(
        Match(
            line=line,
            operation=operation,
            line_minor=line_minor,
            amount_minor=amount_minor,
            found_by=found_by,
            explanation=why,
            matched_at=at,
            matched_by=actor,
        )
        for line, operation, line_minor, amount_minor in parts_of(sides)
    )
    StatementLine.objects.filter(pk__in=[line.pk for line in sides.lines]).update(
        result=LineResult.MATCHED, result_note=""
    )
    _tell("matched", sides.lines, sides.operations, why=why, actor=actor, at=at)
    for account in sorted({line.account for line in sides.lines}):
        end_settled(account=account, at=at)
    for operation in sides.operations:
        own = [match for match in matches if match.operation_id == operation.pk]
        close(sides.request_of(operation), operation, own, actor=actor, at=at)
    return matches


def accept_exact(*, line_id: int, operation_id: UUID, actor: User, at: datetime) -> list[Match]:
    """Accept what a reference and the amount prove; anything less is looked at by itself.

    :raises Refused: `not_exact` when it is not, or not any more; and as `match_by_hand`
    """
    _check_may(actor, MATCHES)
    line = lines_visible_to(actor).get(pk=line_id)
    suggested = suggestions_for(actor, [line]).get(line.pk)
    exact = suggested.exact if suggested else None
    if exact is None or exact.operation.pk != operation_id:
        raise Refused("not_exact", said("{number} is not an exact match any more.", number=line.external_id))
    return match_by_hand(
        line_ids=[line_id],
        operation_ids=[operation_id],
        note=exact.explanation,
        actor=actor,
        at=at,
        found_by=gettext_noop("accepted as exact"),
    )


@transaction.atomic(durable=True)
def unmatch(*, line_id: int, why: str, actor: User, at: datetime) -> list[StatementLine]:
    """Take apart whatever was matched together with a line, and open the requests again. Answers the open lines.

    No pass finds the pairs again; a person may. The account is looked at again, so that each line says why it is open.

    :raises NotPermitted: without the right, or `self_approval` for whoever asked, approved or paid
    :raises Refused: `no_reason`, `not_matched`, `period_is_signed` or `matching_under_way`
    """
    _check_may(actor, SEVERS)
    reason = _note(why)
    line_ids, operation_ids = _together_with(lines_visible_to(actor).get(pk=line_id))
    sides = hold_both_sides(line_ids=line_ids, operation_ids=operation_ids, actor=actor)
    matches = list(Match.objects.filter(line__in=sides.lines).order_by("pk"))
    if not matches:
        raise Refused("not_matched", said("This line is matched with nothing."))
    check_had_no_part(actor, sides)
    check_month_is_open(sides.lines)
    SeveredMatch.objects.bulk_create(
        SeveredMatch(
            line_id=match.line_id,
            operation_id=match.operation_id,
            found_by=match.found_by,
            why=reason,
            severed_by=actor,
            severed_at=at,
        )
        for match in matches
    )
    Match.objects.filter(pk__in=[match.pk for match in matches]).delete()
    StatementLine.objects.filter(pk__in=[line.pk for line in sides.lines]).update(
        result=LineResult.UNMATCHED, result_note=gettext_noop("A person took it apart from a refund.")
    )
    _tell("unmatched", sides.lines, sides.operations, why=reason, actor=actor, at=at)
    for operation in sides.operations:
        if sides.request_of(operation).state == State.RECONCILED:
            reopen(sides.request_of(operation), operation, why=reason, actor=actor, at=at)
    for statement_id in sorted({line.statement_id for line in sides.lines}):
        queue_job(kind=KIND, subject_id=statement_id, actor=actor, at=at)
    return sides.lines


def _check_may(actor: User, right: str) -> None:
    if not actor.has_perm(right):
        raise NotPermitted("not_permitted", said("Matching by hand needs the right “{right}”.", right=right))


def _note(text: str) -> str:
    note = text.strip()
    refuse_card_number(note, field="note")
    if not SHORTEST_NOTE <= len(note) <= LONGEST_NOTE:
        raise Refused(
            "no_reason",
            said(
                "Say why in {least} to {most} characters; it is kept.",
                least=SHORTEST_NOTE,
                most=LONGEST_NOTE,
            ),
            "note",
        )
    return note


def _together_with(line: StatementLine) -> tuple[set[int], set[UUID]]:
    """Find every line and operation that was matched together with a line, itself included."""
    operations = set(Match.objects.filter(line=line).values_list("operation_id", flat=True))
    lines = set(Match.objects.filter(operation_id__in=operations).values_list("line_id", flat=True)) | {line.pk}
    operations |= set(Match.objects.filter(line_id__in=lines).values_list("operation_id", flat=True))
    return lines, operations


def _tell(
    what: str, lines: Sequence[StatementLine], operations: Sequence[Operation], *, why: str, actor: User, at: datetime
) -> None:
    """Put it on the record of each statement; the requests' own ledgers tell their side."""
    for statement_id in sorted({line.statement_id for line in lines}):
        own = [line.external_id for line in lines if line.statement_id == statement_id]
        subject = Subject("statement", statement_id)
        ledger.record(
            subject=subject,
            kind=f"statement.line_{what}",
            actor=actor,
            at=at,
            sentence=f"{what} {len(own)} lines of a statement {'with' if what == 'matched' else 'from'}"
            f" {len(operations)} refunds by hand.",
            data={
                "lines": own,
                "operations": [str(operation.pk) for operation in operations],
                "line_minor": {line.external_id: line.gross_minor for line in lines},
                "amount_minor": {str(operation.pk): operation.amount_minor for operation in operations},
                "why": ledger.salted_digest(subject, why),
            },
        )
