"""How long the law keeps a request: Art. 17(3)(b) GDPR lets erasure wait for a duty to keep records, and no longer."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings

from .vocabulary import State

if TYPE_CHECKING:
    from datetime import date

    from .models import RefundRequest

PAID = frozenset({State.REFUNDED, State.RECONCILED})
ENDED = PAID | {State.DECLINED, State.BLOCKED, State.WITHDRAWN, State.EXPIRED}


def kept_until(refund_request: RefundRequest) -> date | None:
    """Name the first day on which a request may be erased; None while it lives, because nobody knows yet."""
    if refund_request.state not in ENDED:
        return None
    has_moved = refund_request.state in PAID
    days = settings.RETENTION_PAID_DAYS if has_moved else settings.RETENTION_UNPAID_DAYS
    ended_at = max(
        at
        for at in (
            refund_request.reconciled_at,
            refund_request.refunded_at,
            refund_request.decided_at,
            refund_request.updated_at,
        )
        if at is not None
    )
    return (ended_at + timedelta(days=days)).date() + timedelta(days=1)
