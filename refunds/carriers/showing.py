"""What is known of an order's delivery, for the page of a request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from refunds.vocabulary import ProofSource

from .noting import UNDECIDED

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from config.kernel.people import User
    from refunds.models import DeliveryProof, RefundRequest


@dataclass(frozen=True, slots=True)
class DeliveryShown:
    """When the order arrived as it counts, what says so, and what says otherwise."""

    counts: datetime | None
    proofs: Sequence[DeliveryProof]
    otherwise: Sequence[DeliveryProof]
    may_note: bool


def delivery_of(viewer: User, refund_request: RefundRequest) -> DeliveryShown | None:
    """Show every proof, the newest first; those of another day than counts are a conflict somebody should look at.

    None where there is no order that could arrive.
    """
    order = refund_request.order
    if order is None:
        return None
    # Asked along with the request where there is hardly ever one.
    is_known = vars(refund_request).get("has_delivery_proofs", True)
    proofs = list(order.delivery_proofs.select_related("noted_by").order_by("-told_at", "-pk")) if is_known else []
    zone = ZoneInfo(refund_request.team.time_zone)
    day = None if order.delivered_at is None else order.delivered_at.astimezone(zone).date()
    notes = [proof for proof in proofs if proof.source == ProofSource.PERSON]
    told = [proof for proof in proofs if proof.source != ProofSource.PERSON and proof.delivered_at is not None]
    otherwise = [
        proof
        for proof in told
        if notes and proof.delivered_at is not None and proof.delivered_at.astimezone(zone).date() != day
    ]
    may_note = viewer.has_perm("refunds.submit_refundrequest") and refund_request.state in UNDECIDED
    return DeliveryShown(order.delivered_at, proofs, otherwise, may_note)
