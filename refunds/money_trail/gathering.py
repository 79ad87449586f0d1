"""Everything that is known of the money of one request, in as many queries as there are kinds of facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Max, Prefetch, Q

from refunds.books.periods import SEES as SEES_PERIODS
from refunds.books.selectors import SEES as SEES_BOOKS
from refunds.books.selectors import entries_visible_to
from refunds.gateways.bank_transfer import ManualBankTransfer
from refunds.models import JournalLine, Match, Operation, Period, ProcessorPayout, Statement, StatementLine
from refunds.permissions import operations_visible_to
from refunds.reconciliation.explaining import REFUND, REFUND_FAILURE
from refunds.reconciliation.permissions import lines_visible_to
from refunds.reconciliation.readers import BANK

from .payouts import PAID, PayoutSum, sums_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime
    from uuid import UUID

    from config.kernel.people import User
    from refunds.models import JournalEntry, RefundRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyFacts:
    """What is known of every operation of a request; what the viewer may not see is None, not empty."""

    operations: Sequence[Operation]
    matches: Mapping[UUID, Sequence[Match]]
    open_lines: Mapping[str, Sequence[StatementLine]]
    taken_back: Mapping[str, Sequence[StatementLine]]
    payouts: Mapping[tuple[str, str], PayoutSum]
    told_payouts: Mapping[tuple[str, str], ProcessorPayout]
    bank_lines: Mapping[str, Sequence[StatementLine]]
    payout_lines: Mapping[tuple[str, str], Sequence[int]]
    reach: Mapping[str, datetime]
    entries: Mapping[str, Sequence[JournalEntry]] | None
    periods: Mapping[tuple[str, date], Period] | None


def gather(viewer: User, refund_request: RefundRequest) -> MoneyFacts:
    """Read the operations of a request and all that finance knows of them."""
    operations = list(
        operations_visible_to(viewer)
        .filter(refund_request=refund_request)
        .select_related("refund_request")
        .order_by("-created_at", "pk")
    )
    matches = _matches(operations)
    lines = _lines_naming(viewer, operations)
    settled = [match.line for found in matches.values() for match in found]
    refs = {line.payout_ref for line in [*settled, *lines] if line.payout_ref}
    bank_lines = list(lines_visible_to(viewer).filter(account=BANK, payout_ref__in=refs).order_by("booked_at", "pk"))
    payout_lines = list(
        lines_visible_to(viewer)
        .exclude(account=BANK)
        .filter(account__in={line.account for line in settled}, payout_ref__in=refs, category__in=PAID)
        .values_list("account", "payout_ref", "pk")
    )
    entries = _entries(viewer, operations, matches, lines, [pk for _, _, pk in payout_lines])
    return MoneyFacts(
        operations=operations,
        matches=matches,
        open_lines=_by(lines, REFUND),
        taken_back=_by(lines, REFUND_FAILURE),
        payouts=sums_of(viewer, accounts={line.account for line in settled}, refs=refs),
        told_payouts={
            (one.account, one.external_id): one for one in ProcessorPayout.objects.filter(external_id__in=refs)
        },
        bank_lines={ref: [line for line in bank_lines if line.payout_ref == ref] for ref in refs},
        payout_lines={
            key: [pk for account, ref, pk in payout_lines if (account, ref) == key]
            for key in {(account, ref) for account, ref, _ in payout_lines}
        },
        reach=_reach(),
        entries=entries,
        periods=_periods(viewer, entries),
    )


def account_of(operation: Operation) -> str:
    """Name the account whose statements show an operation."""
    return BANK if operation.gateway == ManualBankTransfer.name else operation.gateway


def _matches(operations: Sequence[Operation]) -> dict[UUID, list[Match]]:
    """Find the lines that agree with each operation; the one place that knows how many there may be."""
    found: dict[UUID, list[Match]] = {}
    for match in Match.objects.filter(operation__in=operations).select_related("line").order_by("pk"):
        found.setdefault(match.operation_id, []).append(match)
    return found


def _lines_naming(viewer: User, operations: Sequence[Operation]) -> list[StatementLine]:
    """Find the lines that name an operation, by our id or by the processor's, and agree with none."""
    named = Q(operation_ref__in=[str(one.pk) for one in operations])
    for one in operations:
        if one.external_id:
            named |= Q(account=account_of(one), source_id=one.external_id)
    found = lines_visible_to(viewer).filter(named, match__isnull=True, category__in=(REFUND, REFUND_FAILURE))
    return list(found.order_by("booked_at", "pk")) if operations else []


def _by(lines: Sequence[StatementLine], category: str) -> dict[str, list[StatementLine]]:
    """Sort lines by each name under which they may be looked for."""
    found: dict[str, list[StatementLine]] = {}
    for line in lines:
        if line.category == category:
            for name in {line.operation_ref, line.source_id} - {""}:
                found.setdefault(name, []).append(line)
    return found


def _reach() -> dict[str, datetime]:
    """Tell how far the statements of each account reach."""
    reached = Statement.objects.filter(undone_at__isnull=True, is_imported=True, to_at__isnull=False)
    return dict(reached.order_by().values_list("account").annotate(Max("to_at")))


def _entries(
    viewer: User,
    operations: Sequence[Operation],
    matches: Mapping[UUID, Sequence[Match]],
    lines: Sequence[StatementLine],
    payout_line_ids: Sequence[int],
) -> dict[str, list[JournalEntry]] | None:
    """Find what was booked of all this, by the key of the fact; a reversal is kept beside what it reverses."""
    if not viewer.has_perm(SEES_BOOKS):
        return None
    keys = [
        *(f"operation:{one.pk}" for one in operations),
        *(f"match:{match.pk}" for found in matches.values() for match in found),
        *(f"return:{line.pk}" for line in lines),
        *(f"line:{pk}" for pk in payout_line_ids),
    ]
    found = entries_visible_to(viewer).filter(Q(event_key__in=keys) | Q(reversal_of__event_key__in=keys))
    lines_of = Prefetch("lines", JournalLine.objects.order_by("pk"))
    booked: dict[str, list[JournalEntry]] = {}
    for entry in found.select_related("reversal_of").prefetch_related(lines_of).order_by("booked_on", "pk"):
        key = entry.reversal_of.event_key if entry.reversal_of is not None else entry.event_key
        booked.setdefault(key, []).append(entry)
    return booked


def _periods(
    viewer: User, entries: Mapping[str, Sequence[JournalEntry]] | None
) -> dict[tuple[str, date], Period] | None:
    if entries is None or not viewer.has_perm(SEES_PERIODS):
        return None
    booked = [entry for found in entries.values() for entry in found]
    months = {(entry.account, entry.booked_on.replace(day=1)) for entry in booked}
    found = (
        Period.objects.filter(account__in={one for one, _ in months}, first_on__in={day for _, day in months})
        .defer("report")
        .select_related("first_by", "second_by")
    )
    return {(one.account, one.first_on): one for one in found if (one.account, one.first_on) in months}
