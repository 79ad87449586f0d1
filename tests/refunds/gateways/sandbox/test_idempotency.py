"""One key, one refund."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
import stripe
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from refunds.gateways.base import Accepted, Retry
from tests.refunds.gateways.stage import SandboxProcess, instruction, payment

if TYPE_CHECKING:
    from refunds.gateways.sandbox_client import SandboxGateway

LOSSES = ("reset_before", "reset_after", "500_done", "500_not_done", "429", "409", "pending")


class TestOneKey:
    """A key and its first answer."""

    def test_makes_one_refund_of_twenty_equal_requests_at_once(
        self, gateway: SandboxGateway, sandbox: SandboxProcess
    ) -> None:
        with ThreadPoolExecutor(20) as pool:
            outcomes = list(pool.map(lambda _: sandbox.gateway().refund(instruction()), range(20)))

        kinds = Counter(type(outcome) for outcome in outcomes)
        assert kinds[Accepted] >= 1
        assert kinds[Accepted] + kinds[Retry] == 20
        assert len({outcome.external_id for outcome in outcomes if isinstance(outcome, Accepted)}) == 1
        assert len(sandbox.books()["refunds"]) == 1

    def test_replays_the_first_answer_and_says_so(self, gateway: SandboxGateway, sandbox: SandboxProcess) -> None:
        client = stripe.StripeClient("sk_test_1", base_addresses={"api": sandbox.address})
        first, second = (
            client.v1.refunds.create({"payment_intent": "pi_100", "amount": 5}, {"idempotency_key": "k"})
            for _ in range(2)
        )

        assert first.last_response
        assert second.last_response
        assert "idempotent-replayed" not in first.last_response.headers
        assert second.last_response.headers["idempotent-replayed"] == "true"
        assert second.last_response.body == first.last_response.body

    def test_replays_a_refusal_made_after_work_began(self, gateway: SandboxGateway, sandbox: SandboxProcess) -> None:
        gateway.refund(instruction("op-1", amount_minor=10_000))
        refused = gateway.refund(instruction("op-2"))
        [refund] = sandbox.books()["refunds"]
        sandbox.ask("POST", f"/_sandbox/refunds/{refund['id']}/fail")

        assert gateway.refund(instruction("op-2")) == refused
        assert isinstance(gateway.refund(instruction("op-2", attempt=2)), Accepted)

    def test_forgets_a_validation_error(self, gateway: SandboxGateway, sandbox: SandboxProcess) -> None:
        client = stripe.StripeClient("sk_test_1", base_addresses={"api": sandbox.address})
        with pytest.raises(stripe.InvalidRequestError):
            client.v1.refunds.create({"payment_intent": "pi_100", "amount": 0}, {"idempotency_key": "k"})

        made = client.v1.refunds.create({"payment_intent": "pi_100", "amount": 5}, {"idempotency_key": "k"})

        assert made.amount == 5

    def test_is_refused_for_another_address(self, gateway: SandboxGateway, sandbox: SandboxProcess) -> None:
        gateway.refund(instruction())
        client = stripe.StripeClient("sk_test_1", base_addresses={"api": sandbox.address}, max_network_retries=0)

        with pytest.raises(stripe.IdempotencyError):
            client.v1.payment_intents.create(
                {"amount": 5, "currency": "gbp", "payment_method": "pm_card_visa", "confirm": True},
                {"idempotency_key": instruction().idempotency_key},
            )

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(weather=st.lists(st.sampled_from(LOSSES), max_size=4), number=st.integers(0, 10**9))
    def test_makes_at_most_one_refund_in_any_weather(
        self, gateway: SandboxGateway, sandbox: SandboxProcess, weather: list[str], number: int
    ) -> None:
        sandbox.ask("POST", "/_sandbox/reset", {})
        gateway.announce([payment("pi_100")])
        for fault in weather:
            sandbox.arm(fault)

        for _ in range(len(weather) + 1):
            gateway.refund(instruction(f"op-{number}"))

        assert len(sandbox.books()["refunds"]) <= 1
        assert len(gateway.find(instruction(f"op-{number}"))) == len(sandbox.books()["refunds"])
