"""What Stripe hears of a fraud case: only what a person decided, because it blocks the card."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from approvals.vocabulary import Verdict
from refunds import workflow
from refunds.models import Operation, RefundRequest
from refunds.vocabulary import State
from tests.harness.people import settle
from tests.harness.world import NOON

if TYPE_CHECKING:
    from .conftest import Stage


class TestTheReasonStripeHears:
    @pytest.mark.parametrize(
        ("code", "said"),
        [("fraudulent", "fraudulent"), ("duplicate_charge", "duplicate"), ("damaged", "requested_by_customer")],
    )
    def test_is_fraud_where_a_person_decided_it(self, stage: Stage, code: str, said: str) -> None:
        filed = stage.world.filed(stage.world.order(unit_minor=60_00), by=settle("amir"), reason=code)
        assert RefundRequest.objects.get(pk=filed.pk).state == State.AWAITING_APPROVAL
        workflow.decide(reference=filed.reference, verdict=Verdict.APPROVE, rationale="", actor=settle("dana"), at=NOON)
        operation = Operation.objects.get(refund_request=filed)
        stage.announce(operation.payment)

        performed = stage.perform(operation)

        told = stage.gateway._client.v1.refunds.retrieve(str(performed.external_id)).to_dict()
        assert (told["reason"], told["metadata"]["reason_code"]) == (said, code)

    def test_is_none_where_the_policy_alone_let_it_pass(self, stage: Stage) -> None:
        """A customer who ticks the word is no case."""
        filed = stage.world.filed(stage.world.order(unit_minor=20_00), by=settle("amir"))
        assert RefundRequest.objects.get(pk=filed.pk).approved_by is None
        RefundRequest.objects.filter(pk=filed.pk).update(reason="fraudulent")
        operation = Operation.objects.get(refund_request=filed)
        stage.announce(operation.payment)

        performed = stage.perform(operation)

        assert stage.gateway._client.v1.refunds.retrieve(str(performed.external_id)).to_dict()["reason"] is None
