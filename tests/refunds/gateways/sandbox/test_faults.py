"""Everything that can go wrong at the processor, one after the other and drawn from a seed."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
import stripe

from refunds.gateways.base import Accepted, BadDelivery, GatewayUnreachable, KeyRefused, Outcome, Retry, Unknown
from tests.refunds.gateways.stage import SECRET, Ear, SandboxProcess, eventually, instruction, payment

if TYPE_CHECKING:
    from refunds.gateways.sandbox_client import SandboxGateway

DAY_SECONDS = 24 * 3600


def impatient(sandbox: SandboxProcess) -> SandboxGateway:
    """Make a gateway that waits half a second for an answer."""
    return sandbox.gateway(timeout_seconds=(2.0, 0.5))


def refunds(sandbox: SandboxProcess) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = sandbox.books()["refunds"]
    return made


class TestACall:
    @pytest.mark.parametrize("fault", ["reset_after", "hang", "cut", "html_502_done", "500_done"])
    def test_whose_answer_is_lost_has_made_one_refund(self, own_sandbox: SandboxProcess, fault: str) -> None:
        gateway = impatient(own_sandbox)
        gateway.announce([payment("pi_100")])
        own_sandbox.arm(fault)

        assert isinstance(gateway.refund(instruction()), Unknown)
        again = gateway.refund(instruction())

        [made] = refunds(own_sandbox)
        assert (made["idempotency_key"], made["metadata"]["operation_id"]) == ("op-op-1-1", "op-1")
        if fault == "500_done":
            assert isinstance(again, Unknown)
            assert again.is_replayed
        else:
            assert isinstance(again, Accepted)
            assert again.external_id == made["id"]

    @pytest.mark.parametrize(
        ("fault", "answer"),
        [
            ("reset_before", Unknown),
            ("html_502_not_done", Unknown),
            ("429", Retry),
            ("409", Retry),
            ("401", KeyRefused),
        ],
    )
    def test_that_was_not_begun_leaves_nothing_behind(
        self, gateway: SandboxGateway, sandbox: SandboxProcess, fault: str, answer: type[Outcome]
    ) -> None:
        sandbox.arm(fault)

        assert isinstance(gateway.refund(instruction()), answer)

        assert refunds(sandbox) == []
        assert isinstance(gateway.refund(instruction()), Accepted)

    def test_may_happen_long_after_its_stored_failure(self, gateway: SandboxGateway, sandbox: SandboxProcess) -> None:
        sandbox.arm("500_late")
        first, second = gateway.refund(instruction()), gateway.refund(instruction())

        assert [getattr(one, "is_replayed", None) for one in (first, second)] == [False, True]
        assert eventually(lambda: len(refunds(sandbox)) == 1)
        assert [one.external_id for one in gateway.find(instruction())] == [refunds(sandbox)[0]["id"]]
        assert isinstance(gateway.refund(instruction()), Unknown)

    def test_under_way_keeps_its_key_to_itself(self, gateway: SandboxGateway, sandbox: SandboxProcess) -> None:
        sandbox.arm("in_flight")
        with ThreadPoolExecutor() as pool:
            slow = pool.submit(gateway.refund, instruction())
            time.sleep(0.5)

            assert isinstance(sandbox.gateway().refund(instruction()), Retry)

            assert isinstance(slow.result(), Accepted)
        assert len(refunds(sandbox)) == 1

    def test_may_be_answered_late(self, gateway: SandboxGateway, sandbox: SandboxProcess) -> None:
        sandbox.arm("slow_after")
        began = time.monotonic()

        assert isinstance(gateway.refund(instruction()), Accepted)

        assert time.monotonic() - began > 0.25


class TestALookUp:
    @pytest.mark.parametrize("fault", ["look_up_500", "look_up_reset", "look_up_hang"])
    def test_can_fail_and_be_asked_again(self, own_sandbox: SandboxProcess, fault: str) -> None:
        gateway = impatient(own_sandbox)
        gateway.announce([payment("pi_100")])
        gateway.refund(instruction())
        own_sandbox.arm(fault)

        with pytest.raises(GatewayUnreachable):
            gateway.find(instruction())

        assert len(gateway.find(instruction())) == 1


class TestMessages:
    def test_come_under_a_second_name(self, heard_sandbox: SandboxProcess, ear: Ear) -> None:
        heard_sandbox.arm("twin_webhook")

        heard_sandbox.gateway().refund(instruction())

        assert eventually(lambda: len(ear.heard) == 4)
        assert len({json.loads(raw)["id"] for _, raw in ear.heard}) == 4
        assert len({json.loads(raw)["data"]["object"]["id"] for _, raw in ear.heard}) == 2

    @pytest.mark.parametrize("fault", ["forged_webhook", "tampered_webhook"])
    def test_that_are_false_come_beside_the_true_ones(
        self, heard_sandbox: SandboxProcess, ear: Ear, fault: str
    ) -> None:
        heard_sandbox.arm(fault)
        gateway = heard_sandbox.gateway()

        gateway.refund(instruction())

        assert eventually(lambda: len(ear.heard) == 4)
        refused = 0
        for headers, raw in ear.heard:
            try:
                gateway.verify_webhook(headers, raw)
            except BadDelivery:
                refused += 1
                with pytest.raises((stripe.SignatureVerificationError, ValueError)):
                    stripe.Webhook.construct_event(raw, headers["Stripe-Signature"], SECRET)
        assert refused == 2

    def test_come_late(self, heard_sandbox: SandboxProcess, ear: Ear) -> None:
        heard_sandbox.arm("late_webhook")
        gateway = heard_sandbox.gateway()
        gateway.refund(instruction("op-1"))
        gateway.refund(instruction("op-2"))

        assert eventually(lambda: len(ear.heard) == 4)

        told = [json.loads(raw)["request"]["idempotency_key"] for _, raw in ear.heard]
        assert told == ["op-op-2-1"] * 2 + ["op-op-1-1"] * 2


class TestTheWeather:
    def drawn(self, sandbox: SandboxProcess, run: str, payments: list[str]) -> dict[str, str]:
        """Refund each payment once under the same weather and tell how each call ended."""
        sandbox.ask("POST", "/_sandbox/reset", {})
        gateway = impatient(sandbox)
        gateway.announce([payment(one) for one in payments])
        sandbox.ask("POST", "/_sandbox/weather", {"seed": 7, "rate": 0.5})
        ended = {}
        for one in payments:
            # The operations differ: a slow call of the first run may still hold its key.
            outcome = gateway.refund(instruction(f"{run} {one}", payment_external_id=one))
            ended[one] = type(outcome).__name__
        return ended

    def test_is_the_same_for_the_same_seed_whoever_comes_first(self, sandbox: SandboxProcess) -> None:
        names = [f"pi_{number}" for number in range(24)]

        forwards, backwards = self.drawn(sandbox, "forwards", names), self.drawn(sandbox, "backwards", names[::-1])

        assert forwards == backwards
        assert {"Accepted", "Unknown"} <= set(forwards.values())
        assert sum(sandbox.ask("GET", "/_sandbox/weather")["drawn"].values()) >= 6

    def test_ends_when_it_is_told_so(self, sandbox: SandboxProcess) -> None:
        sandbox.ask("POST", "/_sandbox/weather", {"seed": 7, "rate": 1})
        sandbox.ask("POST", "/_sandbox/weather", {"seed": 7, "rate": 0})
        gateway = sandbox.gateway()
        gateway.announce([payment("pi_100")])

        assert all(
            isinstance(gateway.refund(instruction(f"op-{number}", amount_minor=1)), Accepted) for number in range(9)
        )


class TestTheClock:
    def test_set_forward_lets_later_be_now_and_forgets_keys_after_a_day(
        self, gateway: SandboxGateway, sandbox: SandboxProcess
    ) -> None:
        sandbox.ask("POST", "/_sandbox/weather", {"seed": 1, "rate": 0.000001})
        sandbox.arm("500_late")
        gateway.refund(instruction("op-late"))
        next_at = sandbox.ask("GET", "/_sandbox/clock")["next_at"]
        gateway.refund(instruction("op-kept"))
        assert next_at > time.time() + 30

        sandbox.ask("POST", "/_sandbox/clock", {"ahead_seconds": DAY_SECONDS})

        made = [one["metadata"]["operation_id"] for one in refunds(sandbox)]
        assert sorted(made) == ["op-kept", "op-late"]
        gateway.refund(instruction("op-kept"))
        assert len(refunds(sandbox)) == 3
