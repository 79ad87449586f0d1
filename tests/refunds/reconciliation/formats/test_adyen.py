"""Adyen's settlement details: fees apart, what the customer saw beside, each batch to nothing."""

from __future__ import annotations

import pytest

from refunds.reconciliation.formats.adyen import SettlementDetail
from refunds.reconciliation.report import BrokenReport
from tests.refunds.reconciliation.files import ADYEN


def refused(text: str) -> str:
    with pytest.raises(BrokenReport) as broken:
        SettlementDetail().read(text.encode())
    return " ".join(str(problem) for problem in broken.value.problems)


class TestABatch:
    def test_says_what_is_ours(self) -> None:
        _, refund, *_ = SettlementDetail().read(ADYEN.encode()).lines

        assert (refund.category, refund.told_category, refund.gross_minor) == ("refund", "Refunded", -19_95)
        assert refund.operation_ref == "0198c0de-0000-7000-8000-00000000000a"
        assert (refund.payment_ref, refund.source_id, refund.merchant_ref) == ("P1", "M1", "ORDER-1")
        assert refund.booked_at.isoformat() == "2026-11-17T00:00:00+00:00"

    def test_keeps_what_the_customer_paid_abroad(self) -> None:
        abroad = SettlementDetail().read(ADYEN.encode()).lines[2]

        assert (abroad.gross_minor, abroad.fee_minor, abroad.currency) == (18_30, 20, "EUR")
        assert (abroad.customer_minor, abroad.customer_currency, abroad.exchange_rate) == (20_00, "USD", "0.9150")

    def test_has_a_price_as_a_fee_of_nothing(self) -> None:
        *_, fee, _ = SettlementDetail().read(ADYEN.encode()).lines

        assert (fee.category, fee.gross_minor, fee.fee_minor, fee.net_minor) == ("fee", 0, 50, -50)

    def test_warns_of_a_rate_that_leads_elsewhere(self) -> None:
        (warning,) = SettlementDetail().read(ADYEN.replace("0.9150", "0.9250").encode()).warnings

        assert "line 4" in warning

    @pytest.mark.parametrize(
        ("right", "wrong", "why"),
        [
            ("EUR,13.80", "EUR,13.81", "are €0.01 apart"),
            (",EUR,19.95,,1,EUR,19.95,", ",EUR,19.95,,1,EUR,19.95,1.00", "both given"),
            ("Merchant Account,", "Account,", "the column Merchant Account is missing"),
            ("EUR,0.50,", "XXQ,0.50,", "not a currency"),
            ("EUR,,31.15", "EUR,,31.155", "more decimals"),
            ("17,UTC\nShop,P2", "17,Mars\nShop,P2", "not a time zone"),
            ("Shop,P2,ORDER-2,visa,CET,Settled,,", "Shop,P1,ORDER-1,visa,CET,Settled,,", "already on line 2"),
        ],
    )
    def test_that_is_wrong_is_refused(self, right: str, wrong: str, why: str) -> None:
        assert right in ADYEN
        assert why in refused(ADYEN.replace(right, wrong, 1))

    def test_in_the_smallest_unit_is_refused(self) -> None:
        header, *rows = ADYEN.splitlines()
        assert "smallest unit" in refused("\n".join([header, *(row.replace(".", "") for row in rows)]))
