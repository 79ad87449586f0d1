"""Reading Stripe's payout report: exact or refused whole."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.kernel.money import minor_digits
from refunds.reconciliation.formats.stripe_csv import BalanceChange, PayoutReconciliation
from refunds.reconciliation.readers import choose
from refunds.reconciliation.report import BrokenReport
from tests.refunds.reconciliation.reports import COLUMNS, report, row, sample


def problems_of(content: bytes) -> list[str]:
    with pytest.raises(BrokenReport) as refused:
        PayoutReconciliation().read(content)
    return [str(problem) for problem in refused.value.problems]


class TestReadReport:
    """Stripe's payout report, as it is and as it should not be."""

    def test_reads_the_sample_to_the_penny(self) -> None:
        read = PayoutReconciliation().read(sample("stripe_payout_reconciliation_itemized_5.csv"))

        assert read.net_minor == {"GBP": 109_215}
        assert [(line.operation_ref, line.gross_minor) for line in read.lines if line.category == "refund"] == [
            ("op-1", -1999),
            ("op-2", -2220),
        ]
        assert read.summary.from_at.isoformat() == "2026-11-12T10:01:00+00:00"

    def test_refuses_a_balance_transaction_that_is_there_twice(self) -> None:
        assert problems_of(sample("broken_stripe_duplicate_line.csv")) == [
            "Line 11: txn_0004 is already on line 5; a transaction happens once."
        ]

    def test_refuses_amounts_printed_in_the_smallest_unit(self) -> None:
        [sentence] = problems_of(sample("broken_stripe_minor_units.csv"))

        assert "smallest unit" in sentence

    def test_keeps_a_formula_as_text_and_says_so(self) -> None:
        read = PayoutReconciliation().read(sample("broken_stripe_formula_injection.csv"))

        assert read.net_minor == {"GBP": 109_215}
        assert read.warnings == ("1 cells look like formulas (line 2, description). They were kept as plain text.",)

    def test_cannot_know_that_a_consistent_file_lacks_a_refund(self) -> None:
        read = PayoutReconciliation().read(sample("broken_stripe_missing_refund.csv"))

        assert read.net_minor == {"GBP": 109_215 + 2_220}

    @pytest.mark.parametrize(
        "name",
        ["adyen_settlement_detail_batch_118.csv", "paypal_activity.csv", "bank_mt940.sta", "bank_camt053_v08.xml"],
    )
    def test_refuses_the_files_of_others_by_their_columns(self, name: str) -> None:
        [sentence] = problems_of(sample(name))

        assert "is missing" in sentence

    @pytest.mark.parametrize(
        "missing", ["balance_transaction_id", "currency", "gross", "fee", "net", "reporting_category"]
    )
    def test_names_the_column_that_is_missing(self, missing: str) -> None:
        [sentence] = problems_of(report([row("txn_1", "-1.00")], [name for name in COLUMNS if name != missing]))

        assert f"column {missing} is missing" in sentence

    def test_does_not_mind_columns_it_does_not_know(self) -> None:
        read = PayoutReconciliation().read(report([row("txn_1", "-1.00", new_column="x")], [*COLUMNS, "new_column"]))

        assert read.lines[0].gross_minor == -100

    def test_is_the_balance_change_where_no_payout_is_named(self) -> None:
        columns = [name for name in COLUMNS if name != "automatic_payout_id"]
        content = report([row("txn_1", "-1.00")], columns)

        assert choose(content).format.name == BalanceChange.name
        assert [line.net_minor for line in BalanceChange().read(content).lines] == [-100]

    def test_warns_when_no_refund_can_carry_our_id(self) -> None:
        read = PayoutReconciliation().read(
            report([row("txn_1", "-1.00")], [name for name in COLUMNS if "operation_id" not in name])
        )

        assert "refund_metadata[operation_id]" in read.warnings[0]

    @pytest.mark.parametrize(
        ("printed", "currency", "minor"),
        [
            ("-19.99", "gbp", -1999),
            ("500", "jpy", 500),
            ("5.124", "kwd", 5124),
            ("-0.10", "usd", -10),
            ("7.0", "eur", 700),
        ],
    )
    def test_reads_amounts_by_the_decimals_of_their_currency(self, printed: str, currency: str, minor: int) -> None:
        read = PayoutReconciliation().read(report([row("txn_1", printed, fee="0", currency=currency)]))

        assert read.lines[0].gross_minor == minor

    @pytest.mark.parametrize(
        ("bad", "says"),
        [
            (row("txn_1", "-19.999"), "more decimals than GBP"),
            (row("txn_1", "0.5", fee="0", currency="jpy"), "more decimals than JPY"),
            (row("txn_1", "-1.00", net="-1.01"), "gross -1.00 less fee 0.00 is not net -1.01"),
            (row("txn_1", "-1.00", currency="xxq"), "not a currency we know"),
            (row("", "-1.00"), "must not be empty"),
            (row("txn_1", "-1.00", created_utc="yesterday"), "is not a time"),
            (row("t" * 121, "-1.00"), "longer than 120"),
            (row("txn_1", "-1.00") | {"gross": "1,50"}, "is not an amount"),
            (row("txn_1", "-1.00") | {"gross": "1e3"}, "is not an amount"),
            (row("txn_1", "-1.00") | {"gross": "NaN"}, "is not an amount"),
            (row("txn_1", "-1.00") | {"gross": "=1+1"}, "is not an amount"),
            (row("txn_1", "-1.00") | {"gross": "\u0663.\u0660"}, "is not an amount"),
            (row("txn_1", "-1.00") | {"gross": ""}, "is not an amount"),
        ],
    )
    def test_refuses_a_bad_line_with_its_number(self, bad: dict[str, str], says: str) -> None:
        [sentence] = problems_of(report([row("txn_0", "2.00"), bad]))

        assert sentence.startswith("Line 3: ")
        assert says in sentence

    def test_tells_every_bad_line_at_once(self) -> None:
        assert len(problems_of(report([row(f"txn_{n}", "-1.00", net="5.00") for n in range(7)]))) == 7

    def test_refuses_a_payout_that_its_lines_do_not_add_up_to(self) -> None:
        lines = [
            row("txn_1", "10.00", category="charge"),
            row("txn_2", "-2.00"),
            row("txn_3", "-7.99", category="payout"),
        ]

        [sentence] = problems_of(report(lines))

        assert sentence == "The lines of payout po_1 and the payout itself are £0.01 apart."

    def test_accepts_a_payout_that_ties(self) -> None:
        lines = [
            row("txn_1", "10.00", category="charge"),
            row("txn_2", "-2.00"),
            row("txn_3", "-8.00", category="payout"),
        ]

        assert PayoutReconciliation().read(report(lines)).net_minor == {"GBP": 0}

    def test_never_mixes_currencies_in_a_sum(self) -> None:
        read = PayoutReconciliation().read(
            report([row("a", "1.00"), row("b", "2.00", currency="eur"), row("c", "3", fee="0", currency="jpy")])
        )

        assert read.net_minor == {"GBP": 100, "EUR": 200, "JPY": 3}

    @pytest.mark.parametrize(
        "content",
        [b"", b"\n\n", b"\xff\xfe\x00\x01", b"a\0b", report([]), b'balance_transaction_id,"unclosed\n1,2'],
        ids=["empty", "blank", "binary", "nul", "header only", "unclosed quote"],
    )
    def test_refuses_what_is_no_report(self, content: bytes) -> None:
        assert problems_of(content)

    def test_refuses_a_line_with_a_cell_too_many(self) -> None:
        content = report([row("txn_1", "-1.00")]).rstrip(b"\n") + b",surplus\n"

        assert "cells; the header has" in problems_of(content)[0]

    def test_catches_a_change_of_any_digit_of_an_amount(self) -> None:
        original = sample("stripe_payout_reconciliation_itemized_5.csv").decode()
        rows = list(csv.reader(io.StringIO(original)))
        amounts = [rows[0].index(name) for name in ("gross", "fee", "net")]
        unnoticed = []
        for number, cells in enumerate(rows[1:], 1):
            for column in amounts:
                for place in [match.start() for match in re.finditer(r"\d", cells[column])]:
                    changed = [list(line) for line in rows]
                    digit = str((int(cells[column][place]) + 1) % 10)
                    changed[number][column] = cells[column][:place] + digit + cells[column][place + 1 :]
                    text = io.StringIO()
                    csv.writer(text).writerows(changed)
                    try:
                        PayoutReconciliation().read(text.getvalue().encode())
                    except BrokenReport:
                        continue
                    unnoticed.append(changed[number])

        assert unnoticed == []

    @given(
        minor=st.integers(-(10**11), 10**11),
        currency=st.sampled_from(["GBP", "EUR", "JPY", "KWD", "USD", "ISK"]),
    )
    def test_prints_and_reads_back_the_same_amount(self, minor: int, currency: str) -> None:
        printed = f"{Decimal(minor).scaleb(-minor_digits(currency)):f}"

        read = PayoutReconciliation().read(report([row("txn_1", printed, fee="0", currency=currency.lower())]))

        assert read.net_minor == {currency: minor}
