"""Did it help? The share of requests with the code, before the change and after closing, with an interval.

The same measure, spans of the same length: the weeks before the change was made, the weeks after closing was agreed to.
Newcombe's interval of the difference (`analytics.statistics.intervals`) says whether chance alone explains it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db import transaction

from analytics.machines import CLOCK
from analytics.models import RemediationItem, RemediationReading
from analytics.models.remediation_record import WHOLE
from analytics.statistics.intervals import difference_of_shares

from .lifecycle import advance, hold_locked
from .measuring import share_of
from .rules import rule_of
from .saying import reading_words
from .vocabulary import ItemState, ReadingKind

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

AT_ONCE: Final = 200


def read_effect(item: RemediationItem, kind: ReadingKind, *, after_from: datetime, at: datetime) -> RemediationReading:
    """Compare the weeks before the change with what came since `after_from`; inside the caller's transaction."""
    changed_at = item.changed_at or item.opened_at
    span = timedelta(weeks=rule_of(item.code_kind).test_weeks)
    if kind == ReadingKind.EFFECT_TEST and item.test_due_at is not None:
        span = item.test_due_at - after_from
    before_from, after_until = changed_at - span, min(at, after_from + span)
    before = share_of(item.code_kind, item.code, since=before_from, until=changed_at)
    after = share_of(item.code_kind, item.code, since=after_from, until=after_until)
    bounds = difference_of_shares(*before, *after)
    return RemediationReading.objects.create(
        item=item,
        round=item.round,
        kind=kind,
        read_at=at,
        before_from=before_from,
        before_until=changed_at,
        before_count=before[0],
        before_of=before[1],
        after_from=after_from,
        after_until=after_until,
        after_count=after[0],
        after_of=after[1],
        low_basis_points=round(bounds.low * WHOLE),
        high_basis_points=round(bounds.high * WHOLE),
        has_improved=bounds.high < 0,
    )


def run_due_tests(*, at: datetime) -> int:
    """Test every item whose weeks are over; answers how many were closed or opened again."""
    due = RemediationItem.objects.filter(state=ItemState.VERIFYING, test_due_at__lte=at).order_by("test_due_at", "pk")
    return sum(settle_by_effect(item_id=item_id, at=at) for item_id in list(due.values_list("pk", flat=True)[:AT_ONCE]))


@transaction.atomic
def settle_by_effect(*, item_id: UUID, at: datetime) -> bool:
    """Close an item for good when its code's share fell by more than chance explains; else open it again.

    Answers False where somebody was faster, or it is not time yet.
    """
    item = hold_locked(item_id=item_id)
    if item.state != ItemState.VERIFYING or item.test_due_at is None or item.test_due_at > at:
        return False
    reading = read_effect(item, ReadingKind.EFFECT_TEST, after_from=item.confirmed_at or at, at=at)
    written = reading_words(reading)
    facts = {
        "reading": str(reading.pk),
        "before": [reading.before_count, reading.before_of],
        "after": [reading.after_count, reading.after_of],
        "low_basis_points": reading.low_basis_points,
        "high_basis_points": reading.high_basis_points,
    }
    if reading.has_improved:
        advance(item, "settle", actor=CLOCK, at=at, sentence=f"closed the item: {written}", data=facts)
        return True
    advance(
        item,
        "reopen",
        actor=CLOCK,
        at=at,
        sentence=f"opened the item again: {written}",
        columns={"reopened_why": f"The share did not fall by more than chance explains: {written}"},
        data=facts,
    )
    return True
