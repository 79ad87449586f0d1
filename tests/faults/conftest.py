"""A real sandbox that Redress pays through, a workshop of approved refunds, and an inbox fed by hand."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test import Client

from config.kernel.outbox import OutboxRow, deliver_row
from refunds.gateways.base import CapturedPayment, Outcome, ProviderRefund, RefundInstruction
from refunds.gateways.registry import standing_in
from refunds.gateways.sandbox_client import SandboxGateway
from refunds.gateways.signature import signature_header
from refunds.models import Operation, Payment
from refunds.processing.performing import perform_operation
from tests.harness.people import settle
from tests.harness.world import NOON, World, as_stored
from tests.refunds.gateways.stage import SECRET, SandboxProcess

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from refunds.models import RefundRequest

IMPATIENT_SECONDS = (2.0, 0.6)
"""A hanging sandbox answers never; waiting longer proves nothing more."""


class WatchedGateway(SandboxGateway):
    """The sandbox's gateway, which counts what was sent and refuses to be called inside a transaction."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Begin with nothing sent, inside the test's own transaction if it has one."""
        super().__init__(*args, **options)
        self.keys_sent: list[str] = []
        self._depth = _transaction_depth()

    def refund(self, instruction: RefundInstruction) -> Outcome:
        """Send, and remember the key."""
        self._refuse_transactions()
        self.keys_sent.append(instruction.idempotency_key)
        return super().refund(instruction)

    def find(self, instruction: RefundInstruction) -> list[ProviderRefund]:
        """Look up."""
        self._refuse_transactions()
        return super().find(instruction)

    def get(self, external_id: str) -> ProviderRefund | None:
        """Read."""
        self._refuse_transactions()
        return super().get(external_id)

    def _refuse_transactions(self) -> None:
        assert _transaction_depth() <= self._depth, "The network is never called inside a transaction."


def _transaction_depth() -> int:
    return int(connection.in_atomic_block) + len(connection.savepoint_ids)


@dataclass
class Stage:
    """One sandbox, the gateway that talks to it, and the world that asks for refunds."""

    sandbox: SandboxProcess
    gateway: WatchedGateway
    world: World

    def approved(self, *, pounds: int = 100, method: str = "card") -> Operation:
        """Approve a refund of a payment the sandbox knows, and answer its operation, queued."""
        agent, approver = settle("amir"), settle("dana")
        approved = self.world.approved(by=agent, approver=approver, pounds=pounds)
        self.announce(approved.payment, method)
        return Operation.objects.get(refund_request=approved)

    def announce(self, payment: Payment | None, method: str = "card") -> None:
        """Tell the sandbox of a payment."""
        assert payment is not None
        self.gateway.announce(
            [
                CapturedPayment(
                    external_id=payment.external_id,
                    amount_minor=payment.captured_minor,
                    currency=payment.currency,
                    captured_at=payment.captured_at,
                    method=method,
                    is_destination_charge=payment.is_destination_charge,
                )
            ]
        )

    def perform(self, operation: Operation, at: datetime = NOON) -> Operation:
        """Let a worker take the operation up at this moment, and read what became of it."""
        perform_operation(operation_id=operation.pk, at=at)
        return fresh(operation)

    def refunds_of(self, operation: Operation) -> list[dict[str, Any]]:
        """Read the sandbox's refunds of one operation."""
        refunds: list[dict[str, Any]] = self.sandbox.books()["refunds"]
        return [refund for refund in refunds if refund["metadata"].get("operation_id") == str(operation.pk)]

    def deliver(self, kind: str, refund_id: str, event_id: str) -> int:
        """Bring one signed webhook about a refund to the endpoint and drain; answers the HTTP status."""
        answer = post_webhook(event_of(kind, refund_id, event_id))
        for row in OutboxRow.objects.filter(news="delivery.received").order_by("created_at"):
            deliver_row(row.pk, at=row.due_at)
        return answer


def fresh(operation: Operation) -> Operation:
    """Read an operation and its request anew."""
    return Operation.objects.select_related("refund_request", "payment").get(pk=operation.pk)


def request_of(operation: Operation) -> RefundRequest:
    """Read the request of an operation anew."""
    return as_stored(operation.refund_request)


def event_of(kind: str, object_id: str, event_id: str) -> bytes:
    """Write an event as Stripe would."""
    event = {
        "id": event_id,
        "object": "event",
        "type": kind,
        "created": 1_795_000_000,
        "livemode": False,
        "data": {"object": {"id": object_id, "object": "refund"}},
    }
    return json.dumps(event).encode()


def post_webhook(raw: bytes, *, secret: str = SECRET, seconds_ago: int = 0) -> int:
    """Post signed bytes to the endpoint; answers the HTTP status."""
    header = signature_header(raw, secret, int(time.time()) - seconds_ago)
    answer = Client().post(
        "/webhooks/stripe/", raw, content_type="application/json", headers={"Stripe-Signature": header}
    )
    return answer.status_code


@pytest.fixture(scope="session")
def shared_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    sandbox = SandboxProcess(tmp_path_factory.mktemp("books"), settle_seconds=1.0)
    sandbox.start()
    yield sandbox
    assert sandbox.stop() == 0


@pytest.fixture
def stage(shared_sandbox: SandboxProcess, world: World) -> Iterator[Stage]:
    """Pay through an empty sandbox."""
    shared_sandbox.ask("POST", "/_sandbox/reset", {})
    gateway = WatchedGateway(
        "sk_test_sandbox", [SECRET], api_base=shared_sandbox.address, timeout_seconds=IMPATIENT_SECONDS
    )
    with standing_in("stripe", gateway):
        yield Stage(shared_sandbox, gateway, world)
