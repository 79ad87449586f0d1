"""What Stripe's messages are about."""

from __future__ import annotations

from typing import Final

from refunds.gateways.base import Hint

HINTS: Final = (
    (Hint.DISPUTE, ("charge.dispute.", "radar.early_fraud_warning."), ("dp_", "du_", "issfr_")),
    (Hint.PAYOUT, ("payout.",), ("po_",)),
    (Hint.MOVEMENT, ("payout.", "transfer.", "application_fee."), ("tr_", "fee_")),
    (Hint.REFUND, ("refund.", "charge.refund.", "charge.refunded"), ("re_", "pyr_")),
)
"""Each with how its events and its ids begin. Both must fit: `charge.refunded` also comes about a charge."""


def hint_of(event_type: str, object_id: str) -> Hint:
    """Say what an event is about."""
    fits = (hint for hint, events, ids in HINTS if event_type.startswith(events) and object_id.startswith(ids))
    return next(fits, Hint.NOTHING)
