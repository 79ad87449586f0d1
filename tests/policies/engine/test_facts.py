"""Facts are stored with the decision and read back exactly."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from policies.engine.facts import RefundFacts
from tests.policies.engine.builders import refund, refund_facts


class TestRefundFacts:
    """Facts in storage."""

    @given(refund_facts)
    def test_come_back_exactly_from_json_text(self, facts: RefundFacts) -> None:
        assert RefundFacts.from_json(json.loads(json.dumps(facts.to_json()))) == facts

    def test_read_a_record_older_than_a_field(self) -> None:
        stored = refund().to_json()
        del stored["shipping_minor"], stored["counted_from_on"]
        assert RefundFacts.from_json(stored) == refund(shipping_minor=0, counted_from_on=None)

    def test_refuse_a_negative_amount(self) -> None:
        with pytest.raises(ValueError, match="cannot be negative"):
            refund(amount_minor=-1)
