"""The payout report closes to the penny."""

from __future__ import annotations

import csv
import io
import time
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import stripe

from refunds.gateways.base import Accepted
from tests.refunds.gateways.stage import CAPTURED_AT, PROJECT, SandboxProcess, instruction, payment

if TYPE_CHECKING:
    from refunds.gateways.sandbox_client import SandboxGateway

SAMPLE = PROJECT.parent / "shared/data/recon_samples/stripe_payout_reconciliation_itemized_5.csv"


def rows(report: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(report.decode())))


class TestPayoutReport:
    """The report finance uploads."""

    def test_has_the_columns_of_stripes_report(self, gateway: SandboxGateway) -> None:
        if not SAMPLE.exists():
            pytest.skip("the sample report in ../shared/data is absent")

        ours = gateway.payout_report("GBP").decode().splitlines()[0].split(",")

        theirs = Path(SAMPLE).read_text().splitlines()[0].replace("[case]", "[refund_request]").split(",")
        assert ours == theirs

    def test_closes_to_the_penny_with_every_kind_of_movement(
        self, gateway: SandboxGateway, sandbox: SandboxProcess
    ) -> None:
        gateway.announce([payment("pi_139", 13_912), payment("pi_bad", 45_000, method="pm_card_createDispute")])
        outcome = gateway.refund(instruction("op-1", amount_minor=1_999, payment_external_id="pi_139"))
        gateway.refund(instruction("op-2", amount_minor=2_220))
        assert isinstance(outcome, Accepted)
        sandbox.ask("POST", f"/_sandbox/refunds/{outcome.external_id}/fail")

        lines = rows(gateway.payout_report("GBP"))

        assert [line["reporting_category"] for line in lines].count("charge") == 3
        by_refund = {
            category: [line for line in lines if line["reporting_category"] == category]
            for category in ("refund", "refund_failure", "dispute")
        }
        assert [line["net"] for line in by_refund["refund"]] == ["-19.99", "-22.20"]
        assert [line["net"] for line in by_refund["refund_failure"]] == ["19.99"]
        assert [(line["gross"], line["fee"]) for line in by_refund["dispute"]] == [("-450.00", "20.00")]
        assert next(line["fee"] for line in lines if line["payment_intent_id"] == "pi_139") == "2.29"
        assert {line["refund_metadata[operation_id]"] for line in by_refund["refund"]} == {"op-1", "op-2"}
        assert by_refund["refund"][0]["refund_metadata[refund_request]"] == "RR-7F3K"
        assert all(line["payment_metadata[order_id]"] == "536365" for line in lines)
        assert all(Decimal(line["gross"]) - Decimal(line["fee"]) == Decimal(line["net"]) for line in lines)
        assert len({line["automatic_payout_id"] for line in lines}) == 1
        assert len({line["balance_transaction_id"] for line in lines}) == len(lines)
        charges, fees = Decimal("139.12") + 450 + 100, Decimal("2.29") + Decimal("6.95") + Decimal("1.70")
        assert sum(Decimal(line["net"]) for line in lines) == charges - fees - Decimal("22.20") - 470

    def test_is_cut_by_its_window(self, gateway: SandboxGateway) -> None:
        gateway.refund(instruction())
        day_after = CAPTURED_AT + timedelta(days=1)

        old = rows(gateway.payout_report("GBP", until_at=day_after))
        new = rows(gateway.payout_report("GBP", from_at=day_after))

        assert [line["reporting_category"] for line in old] == ["charge"]
        assert [line["reporting_category"] for line in new] == ["refund"]
        assert old[0]["automatic_payout_id"] != new[0]["automatic_payout_id"]

    def test_shows_one_currency_in_its_own_decimals(self, gateway: SandboxGateway) -> None:
        gateway.announce([payment("pi_jpy", 5_000, "JPY"), payment("pi_kwd", 5_120, "KWD")])

        [yen] = rows(gateway.payout_report("JPY"))
        [dinar] = rows(gateway.payout_report("KWD"))

        assert (yen["gross"], dinar["gross"]) == ("5000", "5.120")

    def test_agrees_with_the_list_of_balance_transactions(
        self, gateway: SandboxGateway, sandbox: SandboxProcess
    ) -> None:
        gateway.refund(instruction())
        client = stripe.StripeClient("sk_test_1", base_addresses={"api": sandbox.address})

        listed = client.v1.balance_transactions.list({"currency": "gbp", "limit": 100}).data

        shown = [
            (line["balance_transaction_id"], Decimal(line["net"]) * 100) for line in rows(gateway.payout_report("GBP"))
        ]
        assert shown == [(one.id, Decimal(one.net)) for one in reversed(listed)]
        assert listed[0].created <= time.time()
