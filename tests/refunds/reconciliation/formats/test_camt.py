"""A bank's statement is read exactly in every version, or refused whole."""

from __future__ import annotations

import json

import pytest

from config.kernel.ids import new_id
from refunds.payouts.credit_transfer import end_to_end_id_of
from refunds.reconciliation.formats.camt import BankToCustomerStatement
from refunds.reconciliation.readers import parse
from refunds.reconciliation.report import BrokenReport, Report
from tests.refunds.payouts.banking import Entry, statement
from tests.refunds.reconciliation.reports import sample


def refused(content: bytes) -> str:
    """Read a file that must not be believed, and answer why."""
    with pytest.raises(BrokenReport) as broken:
        BankToCustomerStatement().read(content)
    return " ".join(str(problem) for problem in broken.value.problems)


class TestTheSamples:
    @pytest.mark.parametrize("name", ["bank_camt053_v02.xml", "bank_camt053_v08.xml"])
    def test_add_up_to_what_was_expected(self, name: str) -> None:
        read = BankToCustomerStatement().read(sample(name))
        expected = json.loads(sample("expected.json"))

        moved = round((float(expected["bank_close"]) - float(expected["bank_open"])) * 100)
        assert (dict(read.net_minor), len(read.lines)) == ({"GBP": moved}, 3)
        assert [line.payment_ref for line in read.lines] == ["po_1SampleGBP", "E2E-op-7", "NONREF"]
        assert [line.operation_ref for line in read.lines] == ["", "", ""]
        assert [line.payout_ref for line in read.lines] == ["po_1SampleGBP", "", ""]
        assert [line.category for line in read.lines] == ["payout", "debit", "debit"]
        assert {line.own_account for line in read.lines} == {"GB33BUKB20201555555555"}
        (balance,) = read.balances
        assert (balance.opening_minor, balance.closing_minor) == (10_000_00, 11_044_65)

    def test_with_a_wrong_closing_balance_is_refused(self) -> None:
        assert "£1.00 apart" in refused(sample("broken_camt053_closing_balance.xml"))


class TestAStatement:
    @pytest.mark.parametrize("version", ["02", "04", "08"])
    def test_of_every_version_names_our_operation(self, version: str) -> None:
        operation_id = new_id()
        status = "BOOK" if version == "02" else "<Cd>BOOK</Cd>"
        entry = Entry(end_to_end_id_of(operation_id).upper(), 35_50, status=status)

        (line,) = parse(statement(entry, version=version), account="bank").lines

        assert (line.category, line.operation_ref, line.gross_minor) == ("refund", str(operation_id), -35_50)

    def test_has_a_credit_with_our_id_as_money_that_came_back(self) -> None:
        (line,) = (
            BankToCustomerStatement().read(statement(Entry(end_to_end_id_of(new_id()), 5_00, is_credit=True))).lines
        )

        assert (line.category, line.net_minor) == ("refund_failure", 5_00)

    def test_leaves_out_what_is_not_booked_yet(self) -> None:
        booked, pending = Entry("a", 5_00), Entry("b", 7_00, status="<Cd>PDNG</Cd>")

        assert [line.payment_ref for line in BankToCustomerStatement().read(statement(booked, pending)).lines] == ["a"]

    def test_reads_several_transactions_of_one_booking(self) -> None:
        parts = "".join(
            f"<TxDtls><Refs><EndToEndId>{end_to_end_id_of(new_id())}</EndToEndId></Refs>"
            f"<Amt Ccy='GBP'>{amount}</Amt></TxDtls>"
            for amount in ("2.00", "3.00")
        )
        whole = statement(Entry("x", 5_00))
        batch = whole.replace(whole[whole.index(b"<TxDtls>") : whole.index(b"</NtryDtls>")], parts.encode())

        read = BankToCustomerStatement().read(batch)

        assert [line.gross_minor for line in read.lines] == [-2_00, -3_00]
        assert len({line.external_id for line in read.lines}) == 2
        assert "do not add up" in refused(batch.replace(b">3.00<", b">3.01<"))

    def test_has_the_same_line_ids_in_every_file(self) -> None:
        def ids(read: Report) -> list[str]:
            return [line.external_id for line in read.lines]

        first, second = Entry("a", 5_00), Entry("b", 6_00)
        assert (
            ids(BankToCustomerStatement().read(statement(first)))[0]
            == ids(BankToCustomerStatement().read(statement(first, second)))[0]
        )
        twins = (
            statement(first, first)
            .replace(b"<AcctSvcrRef>ASR1</AcctSvcrRef>", b"")
            .replace(b"<AcctSvcrRef>ASR2</AcctSvcrRef>", b"")
        )
        assert len(set(ids(BankToCustomerStatement().read(twins)))) == 2

    def test_has_the_same_line_ids_in_any_order(self) -> None:
        def ids(*entries: Entry) -> set[tuple[str, int]]:
            whole = statement(*entries)
            for place in range(1, len(entries) + 1):
                whole = whole.replace(f"ASR{place}<".encode(), b"SAME<")
            return {(line.external_id, line.net_minor) for line in BankToCustomerStatement().read(whole).lines}

        first, second, third = Entry("a", 5_00), Entry("b", 6_00), Entry("c", 7_00)
        assert ids(first, second, third) == ids(third, first, second)

    def test_that_is_missing_between_two_others_is_noticed(self) -> None:
        whole = statement(Entry("a", 5_00))
        start, end = whole.index(b"<Stmt>"), whole.index(b"</Stmt>") + len(b"</Stmt>")

        assert "so one is missing" in refused(whole[:end] + whole[start:end].replace(b"ASR1", b"ASR2") + whole[end:])

    def test_with_any_digit_of_an_amount_changed_is_refused(self) -> None:
        right = statement(Entry("a", 12_34), Entry("b", 56_78)).decode()
        for amount in ("12.34", "56.78"):
            for place in (0, 1, 3, 4):
                wrong = amount[:place] + str((int(amount[place]) + 1) % 10) + amount[place + 1 :]
                assert "apart" in refused(right.replace(amount, wrong).encode())

    @pytest.mark.parametrize(
        ("content", "why"),
        [
            (b"", "not XML"),
            (b"<a/>", "not a camt.053"),
            (b"a,b\n1,2\n", "not XML"),
            (b'<!DOCTYPE a [<!ENTITY x "y">]><Document>&x;</Document>', "not XML"),
            (statement(Entry("a", 5_00)).replace(b"camt.053.001.08", b"camt.054.001.08"), "not a camt.053"),
            (statement(Entry("a", 5_00)).replace(b"'GBP'>5.00", b"'EUR'>5.00"), "mixes currencies"),
            (statement(Entry("a", 5_00)).replace(b"'GBP'>5.00", b"'GBP'>5.001"), "more decimals"),
            (statement(Entry("a", 5_00)).replace(b"'GBP'>5.00", b"'GBP'>-5.00"), "never negative"),
            (statement(Entry("a", 5_00)).replace(b"'GBP'>5.00", b"'GBP'>5,00"), "not an amount"),
            (statement(Entry("a", 5_00)).replace(b"DBIT", b"DEBT"), "credit or a debit"),
            (statement(Entry("a", 5_00)).replace(b"CLBD", b"CLAV"), "no booked opening or closing"),
            (statement(Entry("a", 5_00)).replace(b"2026-12-09", b"09.12.2026"), "not the day"),
            (statement(), "no booked entry"),
        ],
    )
    def test_that_is_anything_else_is_refused_whole(self, content: bytes, why: str) -> None:
        assert why in refused(content)
