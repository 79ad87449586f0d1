"""What open lines may be: candidates for a page of lines, ranked, with a reason for each point."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from refunds.models import Match, SeveredMatch, StatementLine
from refunds.permissions import operations_visible_to
from refunds.vocabulary import LineResult

from .candidates import candidates_for
from .explaining import REFUND, REFUND_FAILURE
from .permissions import lines_visible_to
from .scoring import Suggestion, suggest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from config.kernel.people import User
    from refunds.models import Operation

MOST_SHOWN = 5
MOST_SIBLINGS = 10


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What a line may be, the likeliest first; `together` are several refunds that add up to it."""

    line: StatementLine
    singles: tuple[Suggestion, ...]
    together: tuple[Operation, ...] = ()

    @property
    def exact(self) -> Suggestion | None:
        """The one that reference and amount prove."""
        return next((one for one in self.singles if one.is_exact), None)


def suggestions_for(viewer: User, lines: Sequence[StatementLine]) -> dict[int, Suggestions]:
    """Rank what open refund lines may be about; a fixed number of queries however many lines there are."""
    open_lines = [line for line in lines if line.result == LineResult.UNMATCHED and line.category == REFUND]
    found = candidates_for(open_lines)
    operations = (
        operations_visible_to(viewer)
        .filter(pk__in=set().union(*found.values()))
        .exclude(Exists(Match.objects.filter(operation=OuterRef("pk"))))
        .select_related("refund_request__team", "payment__order")
        .in_bulk()
    )
    pairs = SeveredMatch.objects.filter(line__in=open_lines).values_list("line_id", "operation_id")
    severed: set[tuple[int, UUID]] = set(pairs)
    back = _taken_back(open_lines, operations.values())
    ranked = {}
    for line in open_lines:
        known = [operations[pk] for pk in found.get(line.pk, ()) if pk in operations]
        singles = sorted(
            (suggest(line, one, taken_back=one.pk in back, severed=(line.pk, one.pk) in severed) for one in known),
            key=lambda one: (-one.score, not one.is_exact, one.operation.pk),
        )
        shown = tuple(one for one in singles if one.score > 0)[:MOST_SHOWN]
        ranked[line.pk] = Suggestions(line, shown, _together(line, singles))
    return ranked


def exact_pairs(suggestions: Iterable[Suggestions]) -> list[tuple[StatementLine, Operation]]:
    """List the pairs that are proved, each operation once, for its first line."""
    pairs: dict[UUID, tuple[StatementLine, Operation]] = {}
    for one in sorted(suggestions, key=lambda one: one.line.pk):
        if one.exact is not None:
            pairs.setdefault(one.exact.operation.pk, (one.line, one.exact.operation))
    return list(pairs.values())


def siblings_of(viewer: User, line: StatementLine) -> list[StatementLine]:
    """Find other open lines that name the same refund or payment: one refund may stand on several lines."""
    if line.result != LineResult.UNMATCHED or line.category != REFUND:
        return []
    others = lines_visible_to(viewer).filter(
        account=line.account, currency=line.currency, category=REFUND, result=LineResult.UNMATCHED, gross_minor__lt=0
    )
    for column in ("operation_ref", "payment_ref", "source_id", "merchant_ref"):
        if told := getattr(line, column):
            return list(others.filter(**{column: told}).exclude(pk=line.pk).order_by("pk")[:MOST_SIBLINGS])
    return []


def _together(line: StatementLine, singles: Sequence[Suggestion]) -> tuple[Operation, ...]:
    """Find refunds of the same payment or order that only in sum are the line."""
    groups: dict[object, list[Operation]] = defaultdict(list)
    for one in singles:
        payment = one.operation.payment
        if payment is not None and one.is_open and not one.is_weak and one.operation.currency == line.currency:
            groups[payment.order_id].append(one.operation)
    for group in groups.values():
        if len(group) > 1 and sum(one.amount_minor for one in group) == -line.gross_minor:
            return tuple(group)
    return ()


def _taken_back(lines: Sequence[StatementLine], operations: Iterable[Operation]) -> set[UUID]:
    """Tell which of these refunds a statement of the same accounts takes back."""
    operations = list(operations)
    failures = StatementLine.objects.filter(category=REFUND_FAILURE, account__in={line.account for line in lines})
    ids = {str(one.pk): one.pk for one in operations}
    names = {one.external_id: one.pk for one in operations if one.external_id}
    told = failures.filter(Q(operation_ref__in=list(ids)) | Q(source_id__in=list(names)))
    pairs = told.values_list("operation_ref", "source_id") if operations else ()
    return {pk for ref, source in pairs for pk in (ids.get(ref), names.get(source)) if pk is not None}
