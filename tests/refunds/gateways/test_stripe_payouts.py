"""Automatic payouts at the sandbox, through the real SDK."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from refunds.gateways.base import Accepted, GatewayUnreachable
from refunds.gateways.payouts import PayoutGateway
from refunds.reconciliation.formats.registry import format_named, recognised
from refunds.reconciliation.report import BrokenReport

from .stage import SandboxProcess, instruction, payment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from refunds.gateways.sandbox_client import SandboxGateway
    from refunds.reconciliation.report import Report

pytestmark = pytest.mark.servers

FIGURES = ("category", "gross_minor", "fee_minor", "net_minor", "currency", "booked_at", "operation_ref", "payment_ref")
ALSO = ("source_id", "payout_ref", "customer_minor", "customer_currency", "told_category", "value_on")


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxProcess]:
    """Run a sandbox with one charge and one refund of it, a minute ago."""
    process = SandboxProcess(tmp_path / "books")
    process.start()
    gateway = process.gateway()
    gateway.announce([payment("pi_100"), payment("pi_200", 500, "JPY")])
    assert isinstance(gateway.refund(instruction()), Accepted)
    process.ask("POST", "/_sandbox/clock", {"ahead_seconds": 60})
    yield process
    process.stop()


def paid_out(sandbox: SandboxProcess, **more: Any) -> str:
    """Let the sandbox pay out, and answer the payout's id."""
    return str(sandbox.ask("POST", "/_sandbox/payouts", {"currency": "gbp", **more})["id"])


def fetched(gateway: SandboxGateway, payout: str) -> Report:
    """Read a payout as the importer does."""
    content = gateway.payout_document(payout)
    assert recognised(content)[0][1].name == "stripe.api.payout"
    told = format_named("stripe.api.payout")
    assert told is not None
    return told.read(content)


class TestPayouts:
    def test_are_listed_and_read(self, sandbox: SandboxProcess) -> None:
        gateway = sandbox.gateway()
        payout = paid_out(sandbox)

        read = gateway.payout(payout)

        assert isinstance(gateway, PayoutGateway)
        assert read is not None
        # 100.00 less 1.70 of fees less the refund of 25.00.
        assert (read.amount_minor, read.currency, read.status) == (7330, "GBP", "paid")
        assert read.is_automatic
        assert read.is_reconciled
        assert list(gateway.payouts_since(read.created_at)) == [read]
        assert gateway.payout("po_nobody") is None

    def test_consist_of_the_same_lines_as_the_report_says(self, sandbox: SandboxProcess) -> None:
        gateway = sandbox.gateway()
        payout = paid_out(sandbox)
        csv = format_named("stripe.payout_reconciliation.itemized")
        assert csv is not None

        told = {line.external_id: line for line in csv.read(gateway.report_of_payout(payout)).lines}
        read = {line.external_id: line for line in fetched(gateway, payout).lines}

        assert read.keys() - told.keys() == {f"txn_{payout}"}
        for name, line in told.items():
            for column in (*FIGURES, *ALSO):
                assert getattr(read[name], column) == getattr(line, column), (name, column)

    def test_are_fetched_as_the_same_bytes_every_time(self, sandbox: SandboxProcess) -> None:
        gateway, payout = sandbox.gateway(), paid_out(sandbox)
        first = gateway.payout_document(payout)

        sandbox.ask("POST", f"/_sandbox/payouts/{payout}/fail")

        assert gateway.payout_document(payout) == first

    def test_lack_a_line_until_they_are_reconciled(self, sandbox: SandboxProcess) -> None:
        gateway, payout = sandbox.gateway(), paid_out(sandbox, reconciled=False)
        read = gateway.payout(payout)
        assert read is not None
        assert not read.is_reconciled

        with pytest.raises(BrokenReport, match="a line is missing"):
            fetched(gateway, payout)

        sandbox.ask("POST", f"/_sandbox/payouts/{payout}/reconcile", {})
        assert len(fetched(gateway, payout).lines) == 3

    def test_bring_back_what_the_bank_refused_with_the_next_one(self, sandbox: SandboxProcess) -> None:
        gateway, payout = sandbox.gateway(), paid_out(sandbox)
        sandbox.ask("POST", f"/_sandbox/payouts/{payout}/fail")
        read = gateway.payout(payout)
        assert read is not None
        assert read.is_back

        sandbox.ask("POST", "/_sandbox/clock", {"ahead_seconds": 120})
        following = fetched(gateway, paid_out(sandbox))

        assert [line.category for line in following.lines] == ["payout_reversal", "payout"]
        assert following.lines[0].gross_minor == 7330

    def test_know_no_lines_of_manual_ones(self, sandbox: SandboxProcess) -> None:
        gateway = sandbox.gateway()
        manual = gateway._client.v1.payouts.create({"amount": 100, "currency": "gbp"})

        read = gateway.payout(manual.id)

        assert read is not None
        assert not read.is_automatic
        assert not read.is_reconciled
        with pytest.raises(GatewayUnreachable):
            gateway.payout_document(manual.id)

    def test_are_told_by_their_webhooks(self, sandbox: SandboxProcess) -> None:
        paid_out(sandbox)

        types = [one.type for one in sandbox.gateway()._client.v1.events.list({"limit": 3})]

        assert sorted(types) == ["payout.created", "payout.paid", "payout.reconciliation_completed"]


class TestTheDocument:
    @pytest.mark.parametrize(
        "spoil",
        [
            lambda told: told["transactions"].pop(),
            lambda told: told["transactions"].pop(0),
            lambda told: told["transactions"][0].update(amount=1.5),
            lambda told: told["transactions"][0].update(fee=told["transactions"][0]["fee"] + 1),
            lambda told: told["payout"].update(amount=1),
            lambda told: told["payout"].update(currency="xxq"),
            lambda told: told["transactions"][0].pop("source"),
        ],
    )
    def test_is_refused_whole_when_anything_is_wrong(self, sandbox: SandboxProcess, spoil: Any) -> None:
        told = json.loads(sandbox.gateway().payout_document(paid_out(sandbox)))
        told["transactions"] = [one for one in told["transactions"] if one["reporting_category"] != "payout"]
        spoil(told)
        read = format_named("stripe.api.payout")
        assert read is not None

        with pytest.raises(BrokenReport):
            read.read(json.dumps(told).encode())

    def test_holds_nobodys_name(self, sandbox: SandboxProcess) -> None:
        text = sandbox.gateway().payout_document(paid_out(sandbox)).decode()

        for word in ("billing_details", "last4", "email", "receipt"):
            assert word not in text
