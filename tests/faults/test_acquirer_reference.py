"""The number by which a bank finds a refund: it comes days later, and the customer gets it once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from evidence.models import CustomerMessage
from refunds.gateways.registry import gateway_named
from refunds.gateways.stripe import acquirer_reference
from refunds.processing.recording import record_provider_state
from tests.harness.world import NOON

from .conftest import fresh

if TYPE_CHECKING:
    from .conftest import Stage

ARN = "74537604221222132710572"


@pytest.mark.django_db
@pytest.mark.servers
class TestAnAcquirerReference:
    """What happens when the processor's books show it."""

    def test_is_kept_and_handed_to_the_customer_once(self, stage: Stage) -> None:
        operation = stage.perform(stage.approved())
        told = gateway_named("stripe").get(str(operation.external_id))
        assert told is not None
        assert told.acquirer_reference == ""

        for _ in range(2):
            record_provider_state(operation_id=operation.pk, refund=replace(told, acquirer_reference=ARN), at=NOON)

        assert fresh(operation).acquirer_reference == ARN
        letter = CustomerMessage.objects.get(template="acquirer_reference")
        assert ARN in letter.body

    def test_is_handed_to_nobody_before_it_is_known(self, stage: Stage) -> None:
        operation = stage.perform(stage.approved())
        told = gateway_named("stripe").get(str(operation.external_id))
        assert told is not None
        record_provider_state(operation_id=operation.pk, refund=told, at=NOON)

        assert fresh(operation).acquirer_reference == ""
        assert not CustomerMessage.objects.filter(template="acquirer_reference").exists()


class TestWhatStripeTells:
    """Reading `destination_details`."""

    @pytest.mark.parametrize(
        ("details", "reference"),
        [
            ({"type": "card", "card": {"reference": ARN, "reference_status": "available"}}, ARN),
            ({"type": "card", "card": {"reference_status": "pending", "type": "refund"}}, ""),
            ({"type": "card", "card": {"reference_status": "unavailable", "type": "reversal"}}, ""),
            (
                {"type": "us_bank_transfer", "us_bank_transfer": {"reference": "T1", "reference_status": "available"}},
                "T1",
            ),
            ({"type": "card", "card": {"reference": 7, "reference_status": "available"}}, ""),
            ({"type": "card"}, ""),
            (None, ""),
        ],
    )
    def test_counts_only_once_it_is_available(self, details: object, reference: str) -> None:
        assert acquirer_reference(details) == reference
