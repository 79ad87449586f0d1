"""Keep a second payment here while the processor shows a first one that it had refused: one of them is enough."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from refunds.models import Operation
from refunds.vocabulary import OperationState

if TYPE_CHECKING:
    from datetime import datetime

logger = structlog.get_logger(__name__)

LOOKS_AGAIN_AFTER = timedelta(hours=1)
WHY = "The processor shows an earlier refund of this request, which it had refused. Somebody must look there."


def keep_while_contradicted(operation: Operation, *, at: datetime) -> bool:
    """Put a locked operation that was never sent off when an earlier one turned up. Answers whether it was put off."""
    earlier = Operation.objects.filter(refund_request=operation.refund_request_id, state=OperationState.REJECTED)
    shown = earlier.filter(external_id__isnull=False).values_list("external_id", flat=True).first()
    if shown is None:
        return False
    logger.error("operation.kept_beside_an_earlier_one", operation=str(operation.pk), shown=shown)
    operation.next_try_at = at + LOOKS_AGAIN_AFTER
    operation.failure_reason = WHY
    operation.save(update_fields=["next_try_at", "failure_reason"])
    return True
