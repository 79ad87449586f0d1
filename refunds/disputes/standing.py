"""Which disputes stand on a charge, and which of them stop a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from refunds.models import Dispute
from refunds.vocabulary import DISPUTE_STANDS

if TYPE_CHECKING:
    from refunds.models import RefundRequest


def standing_over(payment_id: int | None) -> list[Dispute]:
    """List the disputes beside which a refund of this payment may pay the customer twice, oldest first."""
    if payment_id is None:
        return []
    return list(Dispute.objects.filter(payment=payment_id, status__in=DISPUTE_STANDS).order_by("opened_at", "pk"))


def stopping_disputes(refund_request: RefundRequest) -> list[Dispute]:
    """List the disputes that stop this request: all that stand, but for those a person saw when she let it go on.

    What cannot be refunded any more stops it whoever looked.
    """
    lifted_at = refund_request.shield_lifted_at
    return [
        dispute
        for dispute in standing_over(refund_request.payment_id)
        if not dispute.is_charge_refundable or lifted_at is None or dispute.first_read_at > lifted_at
    ]
