"""Every answer of the processor, and every silence, has one outcome."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from refunds.gateways.base import (
    GATEWAY_REFUSED_KEY,
    Accepted,
    GatewayUnreachable,
    KeyRefused,
    PaymentGateway,
    RefundStatus,
    Rejected,
    Retry,
    Unknown,
)
from refunds.gateways.stripe import StripeGateway
from tests.refunds.gateways.stage import CAPTURED_AT, SandboxProcess, instruction, payment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from refunds.gateways.sandbox_client import SandboxGateway


@contextmanager
def answering(raw: bytes) -> Iterator[str]:
    """Serve somebody who says the same bytes to everybody and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65536)
                    connection.sendall(raw)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)


def http(status: str, body: str, *headers: str, length: int | None = None) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", "Connection: close"]
    return "\r\n".join([*lines, *headers, "", body]).encode()


class TestRefund:
    """One refund call in fair weather."""

    def test_is_accepted_with_the_processors_id(self, gateway: SandboxGateway, sandbox: SandboxProcess) -> None:
        outcome = gateway.refund(instruction())

        assert isinstance(outcome, Accepted)
        assert outcome.status is RefundStatus.SUCCEEDED
        [refund] = sandbox.books()["refunds"]
        assert refund["id"] == outcome.external_id == outcome.raw["id"]
        assert (refund["amount"], refund["currency"], refund["idempotency_key"]) == (2500, "gbp", "op-op-1-1")
        assert refund["metadata"] == {
            "operation_id": "op-1",
            "refund_request": "RR-7F3K",
            "reason_code": "damaged",
        }

    @pytest.mark.parametrize(
        ("reason_code", "said"),
        [("damaged", "requested_by_customer"), ("duplicate_charge", "duplicate"), ("fraudulent", None)],
    )
    def test_puts_no_card_on_the_block_list_unasked(
        self, gateway: SandboxGateway, reason_code: str, said: str | None
    ) -> None:
        outcome = gateway.refund(instruction(reason_code=reason_code))

        assert isinstance(outcome, Accepted)
        assert outcome.raw["reason"] == said

    @pytest.mark.parametrize(
        ("reason_code", "said"), [("fraudulent", "fraudulent"), ("other", "requested_by_customer")]
    )
    def test_says_fraud_only_of_a_decided_case(self, gateway: SandboxGateway, reason_code: str, said: str) -> None:
        """It blocks the card and the e-mail address at Stripe."""
        outcome = gateway.refund(instruction(reason_code=reason_code, is_fraud_decided=True))

        assert isinstance(outcome, Accepted)
        assert outcome.raw["reason"] == said

    def test_says_yen_in_yen_and_krona_in_hundredths(self, gateway: SandboxGateway, sandbox: SandboxProcess) -> None:
        gateway.announce([payment("pi_isk", 500, "ISK"), payment("pi_jpy", 500, "JPY")])

        for currency in ("ISK", "JPY"):
            gateway.refund(
                instruction(currency, amount_minor=5, currency=currency, payment_external_id=f"pi_{currency.lower()}")
            )

        assert {refund["currency"]: refund["amount"] for refund in sandbox.books()["refunds"]} == {"isk": 500, "jpy": 5}
        [found] = gateway.find(instruction("ISK", payment_external_id="pi_isk"))
        assert (found.amount_minor, found.currency) == (5, "ISK")

    def test_rejects_an_amount_it_cannot_say(self, gateway: SandboxGateway) -> None:
        outcome = gateway.refund(instruction(currency="KWD", amount_minor=5124))

        assert outcome == Rejected("unsupported_amount", "The last of the three decimals of KWD must be 0.")

    def test_rejects_more_than_is_left(self, gateway: SandboxGateway, sandbox: SandboxProcess) -> None:
        gateway.refund(instruction("op-1", amount_minor=9_000))

        outcome = gateway.refund(instruction("op-2", amount_minor=1_001))

        assert isinstance(outcome, Rejected)
        assert outcome.code == "amount_too_large"
        assert sandbox.books()["totals"]["refunded"] == {"gbp": 9_000}

    def test_rejects_what_is_refunded_already_by_somebody_else(self, gateway: SandboxGateway) -> None:
        gateway.refund(instruction("op-1", amount_minor=10_000))

        outcome = gateway.refund(instruction("op-2"))

        assert isinstance(outcome, Rejected)
        assert outcome.code == "charge_already_refunded"

    def test_finds_its_own_refund_behind_already_refunded(
        self, gateway: SandboxGateway, sandbox: SandboxProcess
    ) -> None:
        first = gateway.refund(instruction("op-1", amount_minor=10_000))

        again = gateway.refund(instruction("op-1", amount_minor=10_000, attempt=2))

        assert isinstance(first, Accepted)
        assert isinstance(again, Accepted)
        assert again.external_id == first.external_id
        assert len(sandbox.books()["refunds"]) == 1

    def test_knows_no_other_amount_for_its_own_refund(self, gateway: SandboxGateway) -> None:
        gateway.refund(instruction("op-1", amount_minor=10_000))

        assert isinstance(gateway.refund(instruction("op-1", amount_minor=9_000, attempt=2)), Unknown)

    def test_rejects_a_payment_nobody_knows(self, gateway: SandboxGateway) -> None:
        outcome = gateway.refund(instruction(payment_external_id="pi_unheard_of"))

        assert isinstance(outcome, Rejected)
        assert outcome.code == "resource_missing"

    def test_rejects_money_in_dispute(self, gateway: SandboxGateway, sandbox: SandboxProcess) -> None:
        sandbox.ask("POST", "/_sandbox/payments/pi_100/dispute", {"due_by": "2026-12-01T00:00:00Z"})

        outcome = gateway.refund(instruction())

        assert isinstance(outcome, Rejected)
        assert outcome.code == "charge_disputed"

    def test_rejects_one_key_with_two_bodies_loudly(
        self, gateway: SandboxGateway, caplog: pytest.LogCaptureFixture
    ) -> None:
        gateway.refund(instruction(amount_minor=100))

        outcome = gateway.refund(instruction(amount_minor=101))

        assert isinstance(outcome, Rejected)
        assert outcome.code == "idempotency_mismatch"
        assert "two bodies" in caplog.text

    @pytest.mark.parametrize("key", ["sk_live_1", "nonsense", "rk_test_1"])
    def test_stops_the_line_when_the_key_is_refused(
        self, gateway: SandboxGateway, sandbox: SandboxProcess, key: str
    ) -> None:
        outcome = sandbox.gateway(key).refund(instruction())

        assert isinstance(outcome, KeyRefused)
        assert outcome.code == GATEWAY_REFUSED_KEY
        assert sandbox.books()["refunds"] == []

    def test_refunds_a_bare_charge_by_its_own_id(self, gateway: SandboxGateway) -> None:
        gateway.announce([payment("ch_old")])

        outcome = gateway.refund(instruction(payment_external_id="ch_old"))

        assert isinstance(outcome, Accepted)
        [found] = gateway.find(instruction(payment_external_id="ch_old"))
        assert found.payment_external_id == "ch_old"


FAULTS: list[tuple[str, type, int, type]] = [
    ("reset_before", Unknown, 0, Accepted),
    ("reset_after", Unknown, 1, Accepted),
    ("hang", Unknown, 1, Accepted),
    ("500_done", Unknown, 1, Unknown),
    ("500_not_done", Unknown, 0, Unknown),
    ("429", Retry, 0, Accepted),
    ("409", Retry, 0, Accepted),
    ("pending", Accepted, 1, Accepted),
    ("fail_later", Accepted, 1, Accepted),
    ("drop_webhook", Accepted, 1, Accepted),
    ("double_webhook", Accepted, 1, Accepted),
]
"""A fault, what we hear, how many refunds there are then, and what the same key hears the second time."""


class TestFaultMatrix:
    """One refund call in foul weather, and the same call again."""

    @pytest.mark.parametrize(("fault", "heard", "made", "again"), FAULTS, ids=[row[0] for row in FAULTS])
    def test_tells_what_is_known_and_never_pays_twice(
        self, gateway: SandboxGateway, sandbox: SandboxProcess, fault: str, heard: type, made: int, again: type
    ) -> None:
        sandbox.arm(fault)
        gateway = sandbox.gateway(timeout_seconds=(1, 1)) if fault == "hang" else gateway

        assert isinstance(gateway.refund(instruction()), heard)
        assert len(sandbox.books()["refunds"]) == made
        assert isinstance(gateway.refund(instruction()), again)
        assert len(sandbox.books()["refunds"]) == (0 if fault == "500_not_done" else 1)

    @pytest.mark.parametrize("fault", ["500_done", "500_not_done"])
    def test_marks_a_stored_failure_when_it_is_replayed(
        self, gateway: SandboxGateway, sandbox: SandboxProcess, fault: str
    ) -> None:
        sandbox.arm(fault)

        first, second = gateway.refund(instruction()), gateway.refund(instruction())

        assert isinstance(first, Unknown)
        assert isinstance(second, Unknown)
        assert (first.is_replayed, second.is_replayed) == (False, True)
        assert len(gateway.find(instruction())) == (1 if fault == "500_done" else 0)

    def test_waits_as_long_as_it_is_told(self, gateway: SandboxGateway, sandbox: SandboxProcess) -> None:
        sandbox.arm("429")

        outcome = gateway.refund(instruction())

        assert isinstance(outcome, Retry)
        assert outcome.after_seconds == 1

    @pytest.mark.parametrize(
        ("raw", "heard"),
        [
            (b"", Unknown),
            (http("200 OK", '{"id": "re_1", "object": "ref', length=500), Unknown),
            (http("200 OK", '{"id": "re_1", "object": "ref'), Unknown),
            (http("200 OK", "<html>welcome</html>"), Unknown),
            (http("200 OK", "{}"), Unknown),
            (http("200 OK", "[]"), Unknown),
            (http("502 Bad Gateway", "<html>bad gateway</html>"), Unknown),
            (http("404 Not Found", "<html>a proxy speaks</html>"), Unknown),
            (http("503 Unavailable", '{"error": {"type": "api_error"}}'), Unknown),
            (http("500 Error", '{"error": {"type": "card_error", "code": "x"}}'), Unknown),
            (http("429 Slow", '{"error": {"code": "lock_timeout"}}', "Retry-After: 9"), Retry),
            (http("400 Bad", '{"error": {"code": "lock_timeout"}}'), Retry),
            (http("402 Declined", '{"error": {"type": "card_error", "code": "card_declined"}}'), Rejected),
            (http("400 Bad", '{"error": {"type": "invalid_request_error"}}'), Rejected),
            (http("403 No", '{"error": {"type": "invalid_request_error"}}'), KeyRefused),
        ],
    )
    def test_calls_unknown_whatever_is_not_certain(self, raw: bytes, heard: type) -> None:
        with answering(raw) as address:
            gateway = StripeGateway("sk_test_1", [], api_base=address, timeout_seconds=(1, 1))

            assert isinstance(gateway.refund(instruction()), heard)

    def test_calls_unknown_when_nobody_is_there(self) -> None:
        gateway = StripeGateway("sk_test_1", [], api_base="http://127.0.0.1:9", timeout_seconds=(1, 1))

        assert isinstance(gateway.refund(instruction()), Unknown)
        with pytest.raises(GatewayUnreachable):
            gateway.get("re_1")
        with pytest.raises(GatewayUnreachable):
            gateway.find(instruction())


class TestReading:
    """Look-ups."""

    def test_finds_only_the_refunds_of_one_operation(self, gateway: SandboxGateway) -> None:
        for number in range(3):
            gateway.refund(instruction(f"op-{number}", amount_minor=100 + number))

        [found] = gateway.find(instruction("op-1"))

        assert (found.amount_minor, found.currency, found.payment_external_id) == (101, "GBP", "pi_100")
        assert gateway.find(instruction("op-9")) == []
        assert gateway.get(found.external_id) == found

    def test_gets_nothing_for_an_id_nobody_knows(self, gateway: SandboxGateway) -> None:
        assert gateway.get("re_unheard_of") is None

    def test_walks_through_all_pages_of_what_was_made_since(self, gateway: SandboxGateway) -> None:
        for number in range(203):
            assert isinstance(gateway.refund(instruction(f"op-{number}", amount_minor=10)), Accepted)

        found = list(gateway.refunds_created_since(CAPTURED_AT))

        assert [one.metadata["operation_id"] for one in found] == [f"op-{number}" for number in reversed(range(203))]
        assert list(gateway.refunds_created_since(found[0].created_at + timedelta(minutes=1))) == []

    def test_is_what_the_port_asks_for(self, gateway: SandboxGateway) -> None:
        assert isinstance(gateway, PaymentGateway)
        assert isinstance(StripeGateway("sk_test_1", []), PaymentGateway)
