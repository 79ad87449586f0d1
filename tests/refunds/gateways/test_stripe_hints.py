"""What a message of Stripe's makes us read again."""

from __future__ import annotations

import pytest

from refunds.gateways.base import Hint
from refunds.gateways.stripe_hints import hint_of


class TestHintOf:
    @pytest.mark.parametrize(
        ("event_type", "object_id", "hint"),
        [
            ("refund.updated", "re_1", Hint.REFUND),
            ("charge.refund.updated", "pyr_1", Hint.REFUND),
            ("charge.refunded", "re_1", Hint.REFUND),
            ("charge.refunded", "ch_1", Hint.NOTHING),
            ("charge.dispute.created", "dp_1", Hint.DISPUTE),
            ("radar.early_fraud_warning.created", "issfr_1", Hint.DISPUTE),
            ("payout.paid", "po_1", Hint.PAYOUT),
            ("transfer.reversed", "tr_1", Hint.MOVEMENT),
            ("application_fee.refunded", "fee_1", Hint.MOVEMENT),
            ("customer.created", "cus_1", Hint.NOTHING),
            ("refund.updated", "", Hint.NOTHING),
            ("", "", Hint.NOTHING),
        ],
    )
    def test_goes_by_the_event_and_the_id(self, event_type: str, object_id: str, hint: Hint) -> None:
        assert hint_of(event_type, object_id) is hint
