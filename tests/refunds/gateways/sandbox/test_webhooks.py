"""The sandbox tells what happened, signed, at least once."""

from __future__ import annotations

import json
import time

import pytest
import stripe

from refunds.gateways.base import Accepted
from tests.refunds.gateways.stage import SECRET, Ear, SandboxProcess, eventually, instruction, payment


class TestDeliveries:
    """Deliveries, heard by a real server."""

    def test_are_signed_so_that_we_and_the_sdk_accept_them(self, heard_sandbox: SandboxProcess, ear: Ear) -> None:
        gateway = heard_sandbox.gateway()

        outcome = gateway.refund(instruction())

        assert isinstance(outcome, Accepted)
        assert eventually(lambda: len(ear.heard) == 2)
        assert sorted(ear.types()) == ["charge.refunded", "refund.created"]
        for headers, raw in ear.heard:
            envelope = gateway.verify_webhook(headers, raw)
            event = stripe.Webhook.construct_event(raw, headers["Stripe-Signature"], SECRET)
            assert envelope.event_id == event.id
        created = next(json.loads(raw) for _, raw in ear.heard if b"refund.created" in raw)
        assert created["data"]["object"] == outcome.raw

    def test_tell_of_a_pending_refund_that_succeeds(self, heard_sandbox: SandboxProcess, ear: Ear) -> None:
        heard_sandbox.arm("pending")

        heard_sandbox.gateway().refund(instruction())

        assert eventually(lambda: "refund.updated" in ear.types())
        updated = next(json.loads(raw) for _, raw in ear.heard if b"refund.updated" in raw)
        assert updated["data"]["object"]["status"] == "succeeded"
        assert updated["data"]["previous_attributes"] == {"status": "pending"}

    def test_tell_of_a_late_failure(self, heard_sandbox: SandboxProcess, ear: Ear) -> None:
        heard_sandbox.arm("fail_later")

        heard_sandbox.gateway().refund(instruction())

        assert eventually(lambda: {"refund.updated", "refund.failed"} <= set(ear.types()))
        failed = next(json.loads(raw) for _, raw in ear.heard if b'"refund.failed"' in raw)
        assert failed["data"]["object"]["failure_reason"] == "expired_or_canceled_card"

    def test_tell_of_a_dispute(self, heard_sandbox: SandboxProcess, ear: Ear) -> None:
        heard_sandbox.gateway().announce([payment("pi_bad", method="pm_card_createDispute")])

        assert eventually(lambda: ear.types() == ["charge.dispute.created"])
        dispute = json.loads(ear.heard[0][1])["data"]["object"]
        assert (dispute["payment_intent"], dispute["amount"]) == ("pi_bad", 10_000)

    @pytest.mark.parametrize(("fault", "times"), [("double_webhook", 2), ("drop_webhook", 0)])
    def test_come_twice_or_never_on_request(
        self, heard_sandbox: SandboxProcess, ear: Ear, fault: str, times: int
    ) -> None:
        heard_sandbox.arm(fault)
        gateway = heard_sandbox.gateway()
        gateway.refund(instruction("op-1"))
        gateway.refund(instruction("op-2"))

        assert eventually(lambda: len(ear.heard) == 2 * times + 2)
        time.sleep(0.1)
        assert len(ear.heard) == 2 * times + 2

    def test_are_tried_again_until_taken(self, heard_sandbox: SandboxProcess, ear: Ear) -> None:
        ear.refusals = 2

        heard_sandbox.gateway().refund(instruction())

        assert eventually(lambda: len(ear.heard) == 2)

    def test_missed_while_nobody_listened_come_after_a_restart(self, heard_sandbox: SandboxProcess, ear: Ear) -> None:
        ear.refusals = 2
        heard_sandbox.gateway().refund(instruction())
        assert eventually(lambda: ear.refusals == 0)
        heard_sandbox.kill()
        ear.refusals = 0

        heard_sandbox.start()

        assert eventually(lambda: len(ear.heard) == 2)
        heard_sandbox.stop()
        heard_sandbox.start()
        time.sleep(0.3)
        assert len(ear.heard) == 2
