"""What every gateway promises to those who call it, whoever stands behind it."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from refunds.gateways.base import Accepted, BadDelivery, GatewayUnreachable, PaymentGateway, Rejected, Unknown
from refunds.gateways.registry import FAR, OURS, forget_gateways, gateway_named
from tests.refunds.gateways.stage import CAPTURED_AT, instruction, payment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from refunds.gateways.base import RefundInstruction
    from tests.refunds.gateways.stage import SandboxProcess


@dataclass(frozen=True)
class Bench:
    """A gateway before a processor that knows a payment of GBP 100.00, and the same one before a closed door."""

    gateway: PaymentGateway
    shut: PaymentGateway
    payment_external_id: str = "pi_100"

    def refund_of(self, amount_minor: int, attempt: int = 1, operation_id: str = "op-1") -> RefundInstruction:
        """Ask for a part of that payment."""
        return instruction(
            operation_id,
            amount_minor=amount_minor,
            attempt=attempt,
            payment_external_id=self.payment_external_id,
        )


def stripe_bench(request: pytest.FixtureRequest, closed_port: int) -> Bench:
    """Put Stripe's adapter before the sandbox."""
    sandbox: SandboxProcess = request.getfixturevalue("sandbox")
    sandbox.gateway().announce([payment("pi_100")])
    kind = type(sandbox.gateway())
    return Bench(sandbox.gateway(), kind("sk_test_sandbox", ["whsec_1"], api_base=f"http://127.0.0.1:{closed_port}"))


BENCHES: dict[str, Callable[[pytest.FixtureRequest, int], Bench]] = {"stripe": stripe_bench}
"""One for each gateway of somebody else's."""


@pytest.fixture
def closed_port() -> int:
    """Find a port at which nobody answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@pytest.fixture
def bench(request: pytest.FixtureRequest, closed_port: int) -> Bench:
    return BENCHES[request.param](request, closed_port)


@pytest.fixture
def _fresh() -> Iterator[None]:
    forget_gateways()
    yield
    forget_gateways()


@pytest.mark.django_db
@pytest.mark.usefixtures("_fresh")
@pytest.mark.parametrize("name", [*OURS, *FAR])
class TestEveryGateway:
    def test_is_what_the_port_asks_for_under_its_own_name(self, name: str) -> None:
        gateway = gateway_named(name)

        assert isinstance(gateway, PaymentGateway)
        assert gateway.name == name

    @pytest.mark.parametrize("raw", [b"", b"{", b"\xff\xfe", b"[]", b'{"id": 1}', b"null"], ids=repr)
    def test_believes_no_message_that_nobody_signed(self, name: str, raw: bytes) -> None:
        with pytest.raises(BadDelivery):
            gateway_named(name).verify_webhook({"stripe-signature": "t=1,v1=00"}, raw)


class TestGatewaysOfOthers:
    def test_each_have_a_bench(self) -> None:
        assert BENCHES.keys() == FAR.keys()


@pytest.mark.parametrize("bench", BENCHES, indirect=True)
class TestAGatewayOfOthers:
    def test_pays_once_for_one_key(self, bench: Bench) -> None:
        first, again = (bench.gateway.refund(bench.refund_of(2_500)) for _ in range(2))

        assert isinstance(first, Accepted)
        assert isinstance(again, Accepted)
        assert again.external_id == first.external_id
        assert len(list(bench.gateway.refunds_created_since(CAPTURED_AT))) == 1

    def test_finds_by_our_operation_what_it_made(self, bench: Bench) -> None:
        made = bench.gateway.refund(bench.refund_of(2_500))
        assert isinstance(made, Accepted)

        [found] = bench.gateway.find(bench.refund_of(2_500, attempt=2))
        read = bench.gateway.get(made.external_id)

        assert read is not None
        assert read.external_id == found.external_id == made.external_id
        assert (read.amount_minor, read.currency, read.payment_external_id) == (2_500, "GBP", bench.payment_external_id)
        assert read.metadata["operation_id"] == "op-1"
        assert bench.gateway.find(bench.refund_of(2_500, operation_id="op-2")) == []

    def test_pays_no_more_than_was_captured(self, bench: Bench) -> None:
        bench.gateway.refund(bench.refund_of(9_000))

        assert isinstance(bench.gateway.refund(bench.refund_of(1_001, operation_id="op-2")), Rejected)
        assert [one.amount_minor for one in bench.gateway.refunds_created_since(CAPTURED_AT)] == [9_000]

    def test_knows_nothing_of_what_is_not_there(self, bench: Bench) -> None:
        assert bench.gateway.get(f"re_{uuid4().hex}") is None
        assert bench.gateway.dispute(f"dp_{uuid4().hex}") is None
        assert bench.gateway.find(bench.refund_of(2_500)) == []
        assert list(bench.gateway.disputes_opened_since(CAPTURED_AT - timedelta(days=1))) == []

    def test_does_not_know_what_became_of_money_when_nobody_answers(self, bench: Bench) -> None:
        assert isinstance(bench.shut.refund(bench.refund_of(2_500)), Unknown)
        for ask in (
            lambda: bench.shut.find(bench.refund_of(2_500)),
            lambda: bench.shut.get("re_1"),
            lambda: bench.shut.dispute("dp_1"),
            lambda: list(bench.shut.refunds_created_since(CAPTURED_AT)),
            lambda: list(bench.shut.disputes_opened_since(CAPTURED_AT)),
        ):
            with pytest.raises(GatewayUnreachable):
                ask()
