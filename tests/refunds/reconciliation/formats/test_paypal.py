"""PayPal's activity: in either order, with days or months first, the balance always follows."""

from __future__ import annotations

import pytest

from refunds.reconciliation.formats.paypal import Activity
from refunds.reconciliation.report import BrokenReport, Report
from tests.refunds.reconciliation.files import PAYPAL, PAYPAL_HEADER, PAYPAL_LINES


def read(*lines: str) -> Report:
    return Activity().read("\n".join([PAYPAL_HEADER, *lines, ""]).encode())


class TestTheActivity:
    def test_says_what_each_line_is(self) -> None:
        found = read(*PAYPAL_LINES)

        categories = [line.category for line in found.lines]
        assert categories[:3] == ["charge", "refund", "charge"]
        assert categories[3:] == ["currency_conversion", "currency_conversion", "hold", "payout"]
        assert found.lines[1].operation_ref == "0198c0de-0000-7000-8000-00000000000b"
        assert found.lines[1].payment_ref == "T1"
        assert "1 lines moved nothing" in found.warnings[0]

    def test_gives_a_balance_for_each_currency(self) -> None:
        balances = {one.currency: (one.opening_minor, one.closing_minor) for one in read(*PAYPAL_LINES).balances}

        assert balances == {"USD": (1_000_00, 0), "EUR": (0, 0)}

    def test_is_the_same_the_other_way_round(self) -> None:
        forwards, backwards = read(*PAYPAL_LINES), read(*PAYPAL_LINES[::-1])

        assert {line.external_id for line in forwards.lines} == {line.external_id for line in backwards.lines}
        assert set(forwards.balances) == set(backwards.balances)

    def test_reads_months_first_where_a_day_makes_that_certain(self) -> None:
        american = [line.replace("16/11/2026", "11/16/2026") for line in PAYPAL_LINES]

        assert read(*american).lines[0].booked_at == read(*PAYPAL_LINES).lines[0].booked_at

    def test_warns_where_no_day_makes_it_certain(self) -> None:
        unsure = [line.replace("16/11/2026", "06/11/2026") for line in PAYPAL_LINES]

        assert "day/month" in read(*unsure).warnings[-1]
        assert read(*unsure).lines[0].booked_at.month == 11

    @pytest.mark.parametrize(
        ("right", "wrong", "why"),
        [
            ("996.77", "996.78", "does not follow"),
            ("-84.00,0.00", "-84.00,0.10", "are not net"),
            ('"-1,000.00",0.00,"-1,000.00"', '"-10,00.00",0.00,"-10,00.00"', "not an amount"),
            (",PST,A", ",Mars,A", "not a time zone"),
            ("07:45:51", "7.45", "is not a time"),
            ("T2,T1", "T1,T1", "already on line 2"),
        ],
    )
    def test_that_is_wrong_is_refused(self, right: str, wrong: str, why: str) -> None:
        assert right in PAYPAL
        with pytest.raises(BrokenReport) as broken:
            Activity().read(PAYPAL.replace(right, wrong).encode())
        assert why in " ".join(str(problem) for problem in broken.value.problems)
