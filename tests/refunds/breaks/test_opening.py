"""What the machine finds, and how it ends what it found."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from evidence.models import LedgerEntry
from refunds.breaks.opening import break_id_of
from refunds.breaks.vocabulary import BreakKind, BreakState, Resolution
from refunds.models import Break, BreakPromise, Operation, RefundRequest, StatementLine
from refunds.reconciliation.importing import run_import, upload_statement
from refunds.reconciliation.undoing import undo_import
from refunds.vocabulary import LineResult, OperationState, State
from tests.refunds.books import LATER, NOON, csv_file, operation_of, paid, request_in
from tests.refunds.journal.lines import line_of
from tests.refunds.reconciliation.reports import report, row

from .found import a_break, look

if TYPE_CHECKING:
    from config.kernel.people import Team, User
    from refunds.models import Statement

pytestmark = pytest.mark.django_db


def shown(operation: Operation, gross_minor: int = -2220, **columns: Any) -> StatementLine:
    """Let a statement show an operation."""
    category = columns.pop("category", "refund")
    columns.setdefault("operation_ref", str(operation.pk))
    return line_of(category, gross_minor, result=LineResult.UNMATCHED, **columns)


def taken_in(actor: User, *rows: dict[str, str]) -> Statement:
    statement, job = upload_statement(account="stripe", file=csv_file(report(rows)), actor=actor, at=LATER)
    assert job is not None
    run_import(job_id=job.pk, at=LATER)
    return statement


class TestTheKind:
    def test_of_another_amount_is_that_and_what_is_apart_is_unexplained(self, north: Team) -> None:
        operation = paid(team=north)
        shown(operation, -2200)

        [found] = look()

        assert (found.kind, found.amount_minor, found.operation) == (BreakKind.AMOUNT_DIFFERS, 20, operation)
        assert (found.team, found.finding) == (north, "The amount differs by £0.20: ours is £22.20.")

    def test_of_an_amount_that_is_apart_by_the_fee_is_a_fee(self, north: Team) -> None:
        shown(paid(team=north), -2250, fee_minor=30)

        assert [(one.kind, one.amount_minor) for one in look()] == [(BreakKind.FEE, -30)]

    def test_of_another_currency_is_that(self, north: Team) -> None:
        shown(paid(team=north), -2220, currency="EUR")

        assert [(one.kind, str(one.amount)) for one in look()] == [(BreakKind.CURRENCY_DIFFERS, "-€22.20")]

    def test_of_a_second_line_is_double(self, north: Team) -> None:
        operation = paid(team=north)
        shown(operation)
        second = shown(operation)

        assert [(one.kind, one.line, one.amount_minor) for one in look()] == [(BreakKind.DOUBLE, second, -2220)]

    def test_of_a_second_line_by_the_processors_reference_is_double(self, north: Team) -> None:
        Operation.objects.filter(pk=paid(team=north).pk).update(external_id="re_1")
        for _ in range(2):
            line_of("refund", -2220, source_id="re_1", result=LineResult.UNMATCHED)

        assert [one.kind for one in look()] == [BreakKind.DOUBLE]

    def test_of_a_second_line_with_another_amount_is_double_too(self, north: Team) -> None:
        operation = paid(team=north)
        shown(operation, -2200)
        shown(operation, -2210)

        assert [one.kind for one in look()] == [BreakKind.AMOUNT_DIFFERS, BreakKind.DOUBLE]

    @pytest.mark.parametrize("ref", ["", "01a1fb00-0000-7000-8000-000000000000", "=1+1"])
    def test_of_what_we_never_made_is_ungoverned(self, db: None, ref: str) -> None:
        line_of("refund", -2220, operation_ref=ref, result=LineResult.UNMATCHED)

        assert [(one.kind, one.team) for one in look()] == [(BreakKind.UNGOVERNED, None)]

    def test_of_what_has_not_succeeded_here_is_missing_with_us(self, north: Team) -> None:
        shown(operation_of(request_in(State.PROCESSING, team=north), OperationState.PENDING))

        assert [one.kind for one in look()] == [BreakKind.MISSING_AT_US]

    def test_of_a_refund_that_came_back_is_a_late_failure(self, north: Team) -> None:
        operation = paid(team=north)
        shown(operation)
        shown(operation, 2220, category="refund_failure")

        assert [(one.kind, one.amount_minor) for one in look()] == [
            (BreakKind.LATE_FAILURE, -2220),
            (BreakKind.LATE_FAILURE, 2220),
        ]

    def test_of_a_request_that_is_not_there_yet_is_timing(self, north: Team) -> None:
        operation = operation_of(request_in(State.PROCESSING, team=north))
        Operation.objects.filter(pk=operation.pk).update(succeeded_at=NOON)
        shown(operation)

        assert [one.kind for one in look()] == [BreakKind.TIMING]


class TestABreak:
    def test_keeps_the_id_that_its_line_always_named(self, db: None) -> None:
        found = a_break()

        assert found.line is not None
        assert (found.pk, found.reference) == (found.line.break_id, found.line.external_id)
        assert (found.opened_at, found.happened_at) == (LATER, NOON)

    def test_is_opened_once_however_often_anybody_looks(self, db: None) -> None:
        found = a_break()

        assert look(at=LATER + timedelta(days=1)) == [found]
        assert LedgerEntry.objects.filter(kind="break.opened", subject_id=found.pk).count() == 1

    def test_promises_the_standard_or_what_somebody_promised(self, db: None) -> None:
        BreakPromise.objects.create(kind=BreakKind.UNGOVERNED, days=7)

        assert a_break().due_at == LATER + timedelta(days=7)

    def test_says_what_is_true_by_now(self, north: Team) -> None:
        operation = operation_of(request_in(State.PROCESSING, team=north), OperationState.PENDING)
        shown(operation)
        look()
        Operation.objects.filter(pk=operation.pk).update(state=OperationState.FAILED)

        assert [(one.kind, one.round) for one in look()] == [(BreakKind.LATE_FAILURE, 1)]

    def test_ends_by_itself_once_its_line_is_matched(self, north: Team) -> None:
        operation = operation_of(request_in(State.PROCESSING, team=north), OperationState.PENDING)
        shown(operation)
        look()
        Operation.objects.filter(pk=operation.pk).update(state=OperationState.SUCCEEDED, succeeded_at=NOON)
        RefundRequest.objects.filter(pk=operation.refund_request_id).update(state=State.REFUNDED, refunded_at=NOON)

        [found] = look(at=LATER + timedelta(hours=1))

        assert (found.state, found.resolution) == (BreakState.RESOLVED, Resolution.MATCHED)
        assert found.resolved_at == LATER + timedelta(hours=1)
        assert LedgerEntry.objects.get(kind="break.ended").machine == "matching"

    def test_costs_no_more_queries_the_more_there_are(self, north: Team) -> None:
        def cost() -> int:
            with CaptureQueriesContext(connection) as asked:
                look()
            return len(asked)

        a_break()
        few = cost()
        for _ in range(30):
            line_of("refund", -500, result=LineResult.UNMATCHED)
        look()

        assert cost() == few


class TestARefundThatNoStatementShows:
    def test_has_a_break_once_statements_reach_beyond_it(self, north: Team) -> None:
        missing = paid(team=north, at=NOON)
        line_of("charge", 100, at=NOON - timedelta(days=1))
        line_of("charge", 100, at=NOON + timedelta(days=11))

        [found] = look()

        assert (found.pk, found.kind) == (break_id_of(missing.pk), BreakKind.MISSING_AT_PROCESSOR)
        assert (found.amount_minor, found.reference) == (2220, missing.refund_request.reference)
        assert (found.line, found.operation, found.team) == (None, missing, north)

    @pytest.mark.parametrize(("first", "last"), [(-1, 9), (1, 11)])
    def test_has_none_before_they_do(self, north: Team, first: int, last: int) -> None:
        paid(team=north, at=NOON)
        for days in (first, last):
            line_of("charge", 100, at=NOON + timedelta(days=days))

        assert look() == []

    @pytest.mark.parametrize("columns", [{"account": "adyen"}, {"currency": "EUR"}])
    def test_is_not_looked_for_elsewhere(self, north: Team, columns: dict[str, Any]) -> None:
        paid(team=north, at=NOON)
        for days in (-1, 11):
            line_of("charge", 100, at=NOON + timedelta(days=days), **columns)

        assert look(columns.get("account", "stripe")) == []

    def test_ends_once_a_line_comes(self, north: Team) -> None:
        missing = paid(team=north, at=NOON)
        for days in (-1, 11):
            line_of("charge", 100, at=NOON + timedelta(days=days))
        look()
        shown(missing)

        assert [(one.state, one.resolution) for one in look()] == [(BreakState.RESOLVED, Resolution.MATCHED)]

    def test_ends_when_it_failed_after_all(self, north: Team) -> None:
        missing = paid(team=north, at=NOON)
        for days in (-1, 11):
            line_of("charge", 100, at=NOON + timedelta(days=days))
        look()
        Operation.objects.filter(pk=missing.pk).update(state=OperationState.FAILED)

        assert [(one.state, one.resolution) for one in look()] == [(BreakState.RESOLVED, Resolution.NO_LONGER)]


class TestAnImportThatIsUndone:
    def test_ends_its_breaks_which_stay_without_their_line(self, lena: User) -> None:
        statement = taken_in(lena, row("txn_1", "-5.00"))

        undo_import(statement_id=statement.pk, why="The wrong month.", actor=lena, at=LATER)

        found = Break.objects.get()
        assert (found.state, found.resolution, found.line) == (BreakState.RESOLVED, Resolution.IMPORT_UNDONE, None)
        assert found.reference == "txn_1"

    def test_opens_them_again_when_the_file_comes_back(self, lena: User) -> None:
        statement = taken_in(lena, row("txn_1", "-5.00"))
        undo_import(statement_id=statement.pk, why="Too early.", actor=lena, at=LATER)

        taken_in(lena, row("txn_1", "-5.00"))

        found = Break.objects.get()
        assert (found.state, found.resolution, found.round) == (BreakState.OPEN, "", 2)
        assert found.line == StatementLine.objects.get()
