"""Keep money here while what must prove it is missing: looked at again every few minutes until it is there."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from evidence import ledger
from evidence.vocabulary import DecisionPoint
from refunds.evidence_map.gates import missing_at
from refunds.machines import WORKER

if TYPE_CHECKING:
    from datetime import datetime

    from refunds.models import Operation, RefundRequest

LOOKS_AGAIN_AFTER = timedelta(minutes=5)


def put_off_until_proved(operation: Operation, refund_request: RefundRequest, *, at: datetime) -> bool:
    """Put the operation off while evidence for its payout is missing. Answers whether it was put off.

    What is missing is written down once, on the request and in the ledger; both must be locked.
    """
    missing = [one.artifact.value for one in missing_at(DecisionPoint.PAYOUT, refund_request)]
    if not missing:
        refund_request.evidence_missing = []
        return False
    operation.next_try_at = at + LOOKS_AGAIN_AFTER
    operation.save(update_fields=["next_try_at"])
    if refund_request.evidence_missing != missing:
        refund_request.evidence_missing = missing
        refund_request.updated_at = at
        refund_request.save(update_fields=["evidence_missing", "updated_at"])
        ledger.record(
            subject=refund_request.subject,
            kind="refund_request.evidence_wanted",
            actor=WORKER,
            at=at,
            sentence=f"kept the money here; still missing: {', '.join(missing)}.",
            data={"missing": missing, "operation": str(operation.pk)},
        )
    return True
