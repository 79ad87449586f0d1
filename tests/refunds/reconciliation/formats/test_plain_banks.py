"""MT940 and BAI2: what banks say of our transfers, balanced and counted."""

from __future__ import annotations

import pytest

from refunds.reconciliation.formats.bai2 import CashManagement
from refunds.reconciliation.formats.mt940 import CustomerStatement
from refunds.reconciliation.report import BrokenReport
from tests.refunds.reconciliation.files import BAI2, MT940

FIRST_PAGE = MT940.replace(":62F:C261119GBP11032,65", ":62M:C261119GBP11032,65")
SECOND_PAGE = (
    MT940.replace(":60F:C261118GBP10000,00", ":60M:C261119GBP11032,65").replace("11032,65\n-", "12065,30\n-")
).replace("//BANK", "//NEXT")


def refused(reader: CustomerStatement | CashManagement, text: str) -> str:
    with pytest.raises(BrokenReport) as broken:
        reader.read(text.encode())
    return " ".join(str(problem) for problem in broken.value.problems)


class TestMt940:
    def test_names_our_operation_and_the_payout(self) -> None:
        payout, refund, *charges = CustomerStatement().read(MT940.encode()).lines

        assert (payout.category, payout.payout_ref, payout.number) == ("payout", "po_1SampleGBP", 5)
        assert (refund.category, refund.operation_ref) == ("refund", "0198c0de-0000-7000-8000-00000000000c")
        assert [line.category for line in charges] == ["fee", "fee"]

    def test_tells_twins_apart(self) -> None:
        read = CustomerStatement().read(MT940.encode())

        assert len({line.external_id for line in read.lines}) == 4

    def test_reads_a_statement_of_several_pages(self) -> None:
        (balance,) = CustomerStatement().read((FIRST_PAGE + SECOND_PAGE).encode()).balances

        assert (balance.opening_minor, balance.closing_minor) == (10_000_00, 12_065_30)

    def test_misses_a_page(self) -> None:
        other = SECOND_PAGE.replace("11032,65", "11000,00").replace("12065,30", "12032,65")

        assert "so one is missing" in refused(CustomerStatement(), MT940 + other)

    @pytest.mark.parametrize(
        ("right", "wrong", "why"),
        [
            ("D35,50", "D35,51", "£0.01 apart"),
            (":62F:C261119GBP11032,65\n", "", "cut off"),
            (":62F:", ":62M:", "cut off"),
            ("GBP11032,65", "EUR11032,65", "mixes currencies"),
            ("D35,50", "D35,505", "more decimals"),
            (":20:STARTUMSE\n", "", "the field :20: is missing"),
            (":61:2611181118D35,50", ":61:26?1181118D35,50", "Statement 1"),
        ],
    )
    def test_that_is_wrong_is_refused(self, right: str, wrong: str, why: str) -> None:
        assert right in MT940
        assert why in refused(CustomerStatement(), MT940.replace(right, wrong))


class TestBai2:
    def test_names_our_operation_and_the_payout(self) -> None:
        read = CashManagement().read(BAI2.encode())
        payout, refund, charge = read.lines

        assert (payout.category, payout.payout_ref, payout.number) == ("payout", "po_1SampleGBP", 4)
        assert (refund.category, refund.operation_ref) == ("refund", "0198c0de-0000-7000-8000-00000000000d")
        assert (charge.category, charge.net_minor) == ("fee", -12_00)
        assert (read.balances[0].opening_minor, read.balances[0].closing_minor) == (10_000_00, 11_044_65)

    def test_warns_where_only_the_totals_can_be_checked(self) -> None:
        short = BAI2.replace("010,1000000,,,", "").replace("2218430", "1218430")

        assert "no opening balance" in CashManagement().read(short.encode()).warnings[0]

    @pytest.mark.parametrize(
        ("right", "wrong", "why"),
        [
            ("475,3550", "475,3551", "control total"),
            ("49,2218430", "49,2218431", "control total"),
            ("98,2218430", "98,2218431", "control total"),
            ("99,2218430", "99,2218431", "control total"),
            ("99,2218430,1,9/\n", "", "cut off"),
            ("98,2218430,1,7/", "98,2218430,1,8/", "records"),
            ("16,475,3550", "16,142,3550", "apart from its closing balance"),
            ("16,475,3550", "16,475,x", "that can be read"),
            ("55555555,GBP", "55555555,XXQ", "not a currency"),
        ],
    )
    def test_that_is_wrong_is_refused(self, right: str, wrong: str, why: str) -> None:
        assert right in BAI2
        assert why in refused(CashManagement(), BAI2.replace(right, wrong))
