"""OFX: what a bank's statement says in either of its clothes."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest

from refunds.reconciliation.formats.ofx import OpenFinancialExchange
from refunds.reconciliation.report import BrokenReport
from tests.refunds.reconciliation.files import OFX

LEAF = re.compile(r"<(CURDEF|BANKID|ACCTID|DT[A-Z]+|TRNTYPE|TRNAMT|FITID|NAME|MEMO|BALAMT)>([^<]*)")


def as_xml(text: str) -> str:
    """Put the old clothes' file into the new ones."""
    body = LEAF.sub(lambda tag: f"<{tag[1]}>{tag[2].strip()}</{tag[1]}>", text[text.index("<OFX>") :])
    return f'<?xml version="1.0"?>\n<?OFX OFXHEADER="200" VERSION="220"?>\n{body}'


def refused(text: str) -> str:
    with pytest.raises(BrokenReport) as broken:
        OpenFinancialExchange().read(text.encode())
    return " ".join(str(problem) for problem in broken.value.problems)


@pytest.mark.parametrize("text", [OFX, as_xml(OFX), OFX.replace("\n", "\r\n")], ids=["sgml", "xml", "windows"])
class TestAStatement:
    def test_names_our_operation_and_the_payout(self, text: str) -> None:
        payout, refund, charge = OpenFinancialExchange().read(text.encode()).lines

        assert (payout.category, payout.payout_ref, payout.net_minor) == ("payout", "po_1SampleGBP", 1092_15)
        assert (refund.category, refund.net_minor) == ("refund", -35_50)
        assert refund.operation_ref == "0198c0de-0000-7000-8000-00000000000e"
        assert (charge.category, charge.text, charge.told_category) == ("fee", "BANK CHARGES & POST", "SRVCHG")
        assert (charge.booked_at, charge.value_on) == (datetime(2026, 11, 19, tzinfo=UTC), date(2026, 11, 20))

    def test_keeps_the_banks_own_names(self, text: str) -> None:
        read = OpenFinancialExchange().read(text.encode())

        assert [line.external_id for line in read.lines] == ["55555555:F1:1", "55555555:F2:1", "55555555:F3:1"]

    def test_begins_with_what_follows_from_the_booked_balance(self, text: str) -> None:
        (balance,) = OpenFinancialExchange().read(text.encode()).balances

        assert (balance.own_account, balance.currency) == ("20201555555555", "GBP")
        assert (balance.opening_minor, balance.closing_minor) == (10_000_00, 11_044_65)


class TestWhatIsWrong:
    @pytest.mark.parametrize(
        ("right", "wrong", "why"),
        [
            ("</OFX>", "", "cut off"),
            ("</STMTTRN>\n<STMTTRN><TRNTYPE>DEBIT", "<STMTTRN><TRNTYPE>DEBIT", "before the one before it ends"),
            ("-35,50", "-35,505", "more decimals"),
            ("-35,50", "-1,035,50", "is not an amount"),
            ("-35,50", "", "is not an amount"),
            ("<CURDEF>GBP", "<CURDEF>POUND", "not a currency"),
            ("<CURDEF>GBP", "", "not a currency"),
            ("DTPOSTED>20261119", "DTPOSTED>20261131", "is not a day"),
            ("DTPOSTED>20261119", "DTPOSTED>19 Nov", "is not a day"),
            ("<BALAMT>11044.65", "<BALAMT>lots", "is not an amount"),
            ("<FITID>F3", "<FITID>F3<CORRECTFITID>F1<CORRECTACTION>REPLACE", "corrects an earlier line"),
            ("<FITID>F3", "<FITID>F3<CURRENCY><CURRATE>1.1<CURSYM>EUR</CURRENCY>", "another currency"),
        ],
    )
    def test_is_refused_whole(self, right: str, wrong: str, why: str) -> None:
        assert right in OFX
        assert why in refused(OFX.replace(right, wrong))

    def test_names_its_line(self) -> None:
        assert refused(OFX.replace("-12.00", "12 pounds")).startswith("Line 11: “12 pounds”")

    def test_of_nobodys_account_is_refused(self) -> None:
        assert "no statement" in refused("OFXHEADER:100\n<OFX><SIGNONMSGSRSV1></SIGNONMSGSRSV1></OFX>")
        assert "no statement" in refused("<OFX></OFX><X>y<STMTTRN>")

    def test_without_a_line_is_refused(self) -> None:
        empty = OFX[: OFX.index("<STMTTRN>")] + OFX[OFX.index("</BANKTRANLIST>") :]

        assert "no booked line" in refused(empty)

    def test_tells_lines_without_a_balance_all_the_same(self) -> None:
        read = OpenFinancialExchange().read(OFX.replace("<BALAMT>11044.65", "").encode())

        assert (len(read.lines), read.balances) == (3, ())
        assert "no balance before its lines" in read.warnings[0]
