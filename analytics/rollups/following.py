"""Keeping facts and cells in step with the ledger: what is new since the bookmark is counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.db.models import Q

from analytics.models import OutflowFact
from evidence.models import LedgerEntry
from policies.models.action import ACTION
from refunds.models import Dispute, RefundRequest
from refunds.models.dispute import DISPUTE
from refunds.models.refund_request import KIND as REQUEST

from . import cells
from .captures import count_captures, follow_payments
from .counting import facts_from
from .marking import is_alone, the_mark, wait_to_be_alone, writers_of
from .sources import order_of_actions, read_sources

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime
    from uuid import UUID

    from analytics.models import RollupMark

ENTRIES_AT_ONCE: Final = 2_000
STATEMENT: Final = "statement"
LEDGER: Final = "evidence_ledgerentry"


def catch_up(*, at: datetime) -> int:
    """Count what the ledger says since the bookmark, and what was captured; answers how many entries were looked at.

    Each batch is one transaction with the bookmark: killed anywhere, it is counted again or was counted once. Somebody
    else who is at it is left to it.
    """
    looked_at, goes_on = 0, True
    while goes_on:
        count, goes_on = _follow_some(at=at)
        looked_at += count
    follow_payments()
    return looked_at


@transaction.atomic(durable=True)
def _follow_some(*, at: datetime) -> tuple[int, bool]:
    """Count one batch; answers how many entries it had and whether more are there.

    1. Take the bookmark, unless somebody else has it.
    2. Find how far every entry is visible. Ids are given before transactions commit, so a smaller one may appear after
       a larger one: as long as somebody who was writing then still is, what is new is counted without moving the
       settled end, and once they are gone all from there on is counted once more.
    3. Count the orders that the entries are about.
    """
    if not is_alone():
        return 0, False
    mark = the_mark()
    newest = LedgerEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    writers = writers_of(LEDGER)
    if mark.pending_id and not set(mark.waits_for) & set(writers):
        end, is_settled = mark.pending_id, True
    else:
        end, is_settled = newest, not writers
    after = mark.settled_id if is_settled else max(mark.seen_id, mark.settled_id)
    entries = list(
        LedgerEntry.objects.filter(pk__gt=after, pk__lte=end)
        .order_by("pk")
        .values_list("pk", "subject_kind", "subject_id")[:ENTRIES_AT_ONCE]
    )
    count_again(*touched_by((kind, subject_id) for _, kind, subject_id in entries))
    reached = entries[-1][0] if len(entries) == ENTRIES_AT_ONCE else end
    _move(mark, reached, writers, newest=newest, is_settled=is_settled, at=at)
    return len(entries), reached < newest


@transaction.atomic(durable=True)
def count_order(*, order_id: int) -> None:
    """Count one order anew whose payments were corrected; no entry tells of that."""
    wait_to_be_alone()
    count_again({order_id}, set())
    count_captures({order_id})


def count_again(orders: Collection[int], subjects: Collection[UUID]) -> None:
    """Count the facts of these orders anew, and of these subjects; nobody else may count meanwhile."""
    if not orders and not subjects:
        return
    fresh, everything = recounted(orders, subjects)
    # What was of no known order when it was counted first may be of one by now.
    ids = {*subjects, *(fact.subject_id for fact in fresh if fact.subject_kind == ACTION)}
    cells.take_off_facts(orders=everything, subjects=ids)
    OutflowFact.objects.filter(Q(order_id__in=everything) | Q(subject_id__in=ids)).delete()
    OutflowFact.objects.bulk_create(fresh, batch_size=1_000)
    cells.add_facts(orders=everything, subjects=ids)
    cells.forget_empty_cells()


def recounted(orders: Collection[int], subjects: Collection[UUID]) -> tuple[list[OutflowFact], set[int]]:
    """Count facts without keeping them; answers also which orders they are of."""
    actions = order_of_actions(subjects)
    everything = {*orders, *(order for order in actions.values() if order is not None)}
    loose = {action for action, order in actions.items() if order is None}
    return list(facts_from(read_sources(everything, loose), everything)), everything


def touched_by(entries: Iterable[tuple[str, UUID]]) -> tuple[set[int], set[UUID]]:
    """Tell which orders entries are about, and which governed actions and requests without an order."""
    ids: dict[str, set[UUID]] = {}
    for kind, subject_id in entries:
        ids.setdefault(kind, set()).add(subject_id)
    requests = RefundRequest.objects.filter(pk__in=ids.get(REQUEST, ()))
    orders = set(requests.filter(order__isnull=False).values_list("order_id", flat=True))
    loose = set(requests.filter(order__isnull=True).values_list("pk", flat=True))
    orders |= set(Dispute.objects.filter(pk__in=ids.get(DISPUTE, ())).values_list("payment__order_id", flat=True))
    if STATEMENT in ids:
        # A statement may show what failed late coming back.
        late = OutflowFact.objects.filter(failed_late_minor__gt=0, order_id__isnull=False)
        orders |= {order for order in late.values_list("order_id", flat=True) if order is not None}
    return orders, loose | ids.get(ACTION, set())


def _move(mark: RollupMark, reached: int, writers: list[str], *, newest: int, is_settled: bool, at: datetime) -> None:
    if is_settled:
        mark.settled_id = reached
        if reached >= mark.pending_id:
            mark.pending_id, mark.waits_for = 0, []
    elif not mark.pending_id:
        mark.pending_id, mark.waits_for = newest, writers
    mark.seen_id = max(mark.seen_id, reached)
    mark.counted_at = at
    mark.save()
