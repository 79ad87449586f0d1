"""The page of buttons: each does at the sandbox what it says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from refunds.gateways.registry import standing_in
from refunds.gateways.sandbox_client import SandboxGateway
from refunds.models import Operation
from refunds.processing.performing import perform_operation
from tests.faults.conftest import Stage, WatchedGateway
from tests.harness.people import settle
from tests.harness.world import NOON
from tests.refunds.gateways.stage import SECRET, eventually, instruction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client
    from pytest_django import Settings

    from tests.harness.world import World
    from tests.refunds.gateways.stage import Ear, SandboxProcess

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.servers]


@pytest.fixture
def stage(sandbox: SandboxProcess, world: World) -> Iterator[Stage]:
    """Pay through the sandbox of the demo."""
    gateway = WatchedGateway("sk_test_sandbox", [SECRET], api_base=sandbox.address)
    with standing_in(SandboxGateway.name, gateway):
        yield Stage(sandbox, gateway, world)


class TestTheButtons:
    def test_let_something_befall_the_next_refund(self, stage: Stage, client: Client) -> None:
        operation = stage.approved()

        page = client.post("/demo/sandbox/next/", {"fault": "500_done"}, follow=True).text
        perform_operation(operation_id=operation.pk, at=NOON)

        assert "Error 500, and the refund was made" in page
        assert Operation.objects.get().state == "unknown"
        assert len(stage.refunds_of(operation)) == 1

    def test_let_the_bank_send_a_refund_back(self, stage: Stage, client: Client) -> None:
        operation = stage.perform(stage.approved())
        assert f"/demo/sandbox/refunds/{operation.external_id}/fail/" in client.get("/demo/sandbox/").text

        client.post(f"/demo/sandbox/refunds/{operation.external_id}/fail/")

        assert [one["status"] for one in stage.refunds_of(operation)] == ["failed"]
        again = client.post(f"/demo/sandbox/refunds/{operation.external_id}/fail/", follow=True).text
        assert "The sandbox did not do that" in again

    @pytest.mark.parametrize("kind", ["dispute", "inquiry", "warning"])
    def test_let_a_customer_or_her_bank_complain(self, stage: Stage, client: Client, kind: str) -> None:
        waiting = stage.world.waiting(by=settle("amir"))
        payment = waiting.payment
        stage.announce(payment)
        assert payment is not None
        assert waiting.reference in client.get("/demo/sandbox/").text

        client.post(f"/demo/sandbox/payments/{payment.external_id}/complain/", {"kind": kind})

        (found,) = stage.gateway.disputes_opened_since(NOON.replace(year=2020))
        assert found.kind == {"dispute": "chargeback"}.get(kind, kind)

    def test_let_the_messages_about_it_come_after_newer_ones(
        self,
        heard_sandbox: SandboxProcess,
        ear: Ear,
        client: Client,
        settings: Settings,
    ) -> None:
        settings.STRIPE_API_BASE = heard_sandbox.address
        assert 'value="late_webhook"' in client.get("/demo/sandbox/").text

        client.post("/demo/sandbox/next/", {"fault": "late_webhook"})
        for name in ("late", "soon"):
            heard_sandbox.gateway().refund(instruction(name))

        assert eventually(lambda: len(ear.heard) == 4)
        told = [json.loads(raw)["request"]["idempotency_key"] for _, raw in ear.heard]
        assert told == ["op-soon-1"] * 2 + ["op-late-1"] * 2

    @pytest.mark.parametrize("address", ["next/", "payments/pi_1/complain/"])
    def test_are_no_others_than_those(self, stage: Stage, client: Client, address: str) -> None:
        assert client.post(f"/demo/sandbox/{address}", {"fault": "flood", "kind": "gossip"}).status_code == 404

    def test_say_when_no_sandbox_is_there(self, stage: Stage, client: Client) -> None:
        stage.sandbox.stop()
        assert "The sandbox does not answer" in client.get("/demo/sandbox/").text
        stage.sandbox.start()
