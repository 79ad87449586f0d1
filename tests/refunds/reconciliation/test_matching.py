"""Laying the processor's lines beside our operations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from evidence.models import LedgerEntry
from refunds.models import Match, StatementLine
from refunds.reconciliation.importing import run_import, upload_statement
from refunds.vocabulary import OperationState, State
from tests.refunds.books import LATER, csv_file, fresh, operation_of, paid, request_in, team_called

from .reports import COLUMNS, report, row

if TYPE_CHECKING:
    from config.kernel.people import Team, User
    from refunds.models import Operation

pytestmark = pytest.mark.django_db


@pytest.fixture
def operation(north: Team) -> Operation:
    """Make a refund of £22.20 that the processor confirmed."""
    return paid(team=north)


def matched(actor: User, *rows: dict[str, str]) -> list[tuple[str, str]]:
    """Import these lines and answer the result and the note of each."""
    _, job = upload_statement(account="stripe", file=csv_file(report(rows)), actor=actor, at=LATER)
    assert job is not None
    run_import(job_id=job.pk, at=LATER)
    return list(StatementLine.objects.order_by("pk").values_list("result", "result_note"))


class TestAnExactMatch:
    """The same operation id, currency and amount."""

    def test_closes_the_request(self, lena: User, operation: Operation) -> None:
        assert matched(lena, row("txn_1", "-22.20", operation=str(operation.pk))) == [("matched", "")]

        assert fresh(operation.refund_request).state == State.RECONCILED
        assert fresh(operation.refund_request).reconciled_at == LATER
        match = Match.objects.get()
        assert (match.line.external_id, match.operation, match.found_by) == ("txn_1", operation, "operation id")

    def test_is_signed_by_the_machine_not_by_the_person_who_uploaded(self, lena: User, operation: Operation) -> None:
        matched(lena, row("txn_1", "-22.20", operation=str(operation.pk)))

        entry = LedgerEntry.objects.get(kind="refund_request.reconciled")
        assert (entry.actor, entry.machine) == (None, "matching")
        assert entry.sentence == "found £22.20 on the processor's statement."

    def test_reaches_the_requests_of_every_team(self, lena: User) -> None:
        elsewhere = paid(team=team_called("south"))

        assert matched(lena, row("txn_1", "-22.20", operation=str(elsewhere.pk))) == [("matched", "")]

    def test_matches_many_lines_whatever_their_order(self, lena: User, north: Team) -> None:
        operations = [paid(team=north, amount_minor=100 + n) for n in range(12)]
        rows = [row(f"txn_{o.amount_minor}", f"-{o.amount.major}", operation=str(o.pk)) for o in operations]

        matched(lena, *reversed(rows))

        assert Match.objects.count() == 12
        for match in Match.objects.select_related("line", "operation"):
            assert match.line.external_id == f"txn_{match.operation.amount_minor}"


class TestAnythingElse:
    """Shown with its reason, never guessed."""

    @pytest.mark.parametrize("gross", ["-22.19", "-22.21", "22.20"])
    def test_a_penny_apart_does_not_reconcile(self, lena: User, operation: Operation, gross: str) -> None:
        [(result, note)] = matched(lena, row("txn_1", gross, operation=str(operation.pk)))

        assert result == "unmatched"
        assert note.startswith("The amount differs by £")
        assert fresh(operation.refund_request).state == State.REFUNDED
        assert not Match.objects.exists()

    def test_names_the_difference(self, lena: User, operation: Operation) -> None:
        [(_, note)] = matched(lena, row("txn_1", "-22.19", operation=str(operation.pk)))

        assert note == "The amount differs by £0.01: ours is £22.20."

    def test_another_currency_does_not_reconcile(self, lena: User, operation: Operation) -> None:
        [(result, note)] = matched(lena, row("txn_1", "-22.20", currency="eur", operation=str(operation.pk)))

        assert (result, note) == ("unmatched", "The currency differs: ours is GBP.")

    def test_no_digit_of_what_the_customer_got_abroad_may_differ(self, lena: User, north: Team) -> None:
        operation = paid(team=north, currency="EUR", amount_minor=52515)
        right = "525.15"
        wrong = [
            right[:place] + str((int(digit) + 1) % 10) + right[place + 1 :]
            for place, digit in enumerate(right)
            if digit.isdecimal()
        ]
        abroad = {"customer_facing_currency": "eur", "operation": str(operation.pk)}
        rows = [
            row(f"txn_{place}", "-450.00", customer_facing_amount=f"-{amount}", **abroad)
            for place, amount in enumerate([*wrong, right])
        ]
        columns = (*COLUMNS, "customer_facing_amount", "customer_facing_currency")
        _, job = upload_statement(account="stripe", file=csv_file(report(rows, columns)), actor=lena, at=LATER)
        assert job is not None
        run_import(job_id=job.pk, at=LATER)

        assert Match.objects.get().line.external_id == f"txn_{len(wrong)}"
        open_lines = StatementLine.objects.filter(result="unmatched")
        assert {line.external_id for line in open_lines} == {f"txn_{place}" for place in range(len(wrong))}

    def test_a_line_without_our_id_is_left_open(self, lena: User, operation: Operation) -> None:
        [(result, note)] = matched(lena, row("txn_1", "-22.20"))

        assert (result, note) == ("unmatched", "It carries no operation id of ours.")

    @pytest.mark.parametrize("ref", ["01a1fb00-0000-7000-8000-000000000000", "op-1", "=1+1"])
    def test_an_unknown_id_is_left_open(self, lena: User, operation: Operation, ref: str) -> None:
        [(result, note)] = matched(lena, row("txn_1", "-22.20", operation=ref))

        assert (result, note) == ("unmatched", "Unknown operation id: we never made this refund.")

    def test_a_second_line_for_the_same_operation_is_left_open(self, lena: User, operation: Operation) -> None:
        first, second = (row(f"txn_{n}", "-22.20", operation=str(operation.pk)) for n in (1, 2))

        assert matched(lena, first, second) == [
            ("matched", ""),
            ("unmatched", "Second line for the same operation."),
        ]

    @pytest.mark.parametrize(
        ("state", "word"), [(OperationState.PENDING, "pending"), (OperationState.UNKNOWN, "answer unknown")]
    )
    def test_an_operation_that_has_not_succeeded_is_left_open(
        self, lena: User, north: Team, state: OperationState, word: str
    ) -> None:
        operation = operation_of(request_in(State.PROCESSING, team=north), state)

        [(result, note)] = matched(lena, row("txn_1", "-22.20", operation=str(operation.pk)))

        assert result == "unmatched"
        assert word in note

    def test_a_refund_that_failed_later_is_not_reconciled(self, lena: User, operation: Operation) -> None:
        lines = [
            row("txn_1", "-22.20", operation=str(operation.pk)),
            row("txn_2", "22.20", category="refund_failure", operation=str(operation.pk)),
        ]

        assert matched(lena, *lines) == [
            ("unmatched", "The refund failed later."),
            ("unmatched", "The processor took this refund back; our operation still says: succeeded."),
        ]

    def test_a_failure_that_we_know_of_is_settled(self, lena: User, north: Team) -> None:
        operation = operation_of(request_in(State.FAILED, team=north), OperationState.FAILED)

        [_, failure] = matched(
            lena,
            row("txn_1", "-22.20", operation=str(operation.pk)),
            row("txn_2", "22.20", category="refund_failure", operation=str(operation.pk)),
        )

        assert failure == ("other", "The refund came back; ours says so too.")

    def test_what_is_no_refund_is_not_asked_for_a_match(self, lena: User) -> None:
        lines = [row("txn_1", "5.00", category="charge"), row("txn_2", "0.00", fee="3.00", category="fee")]

        assert matched(lena, *lines) == [("other", ""), ("other", "")]
