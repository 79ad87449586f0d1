"""The money trail: which link holds, which is missing, and what it says."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from refunds.books.periods import open_periods
from refunds.books.posting import THE_BEGINNING, post_journal
from refunds.models import Match, Operation, Period, RefundRequest, Statement, StatementLine
from refunds.money_trail.links import LinkState
from refunds.money_trail.trail import trail_of
from refunds.vocabulary import LineResult, OperationState, State
from tests.harness.people import without
from tests.refunds.books import LATER, NOON, operation_of, paid, person_with, request_in, team_called
from tests.refunds.journal.lines import line_of, settled, statement_of

if TYPE_CHECKING:
    from config.kernel.people import Team, User
    from refunds.money_trail.links import Link, Trail

pytestmark = pytest.mark.django_db

SEES = (
    "refunds.view_statement",
    "refunds.view_operation",
    "refunds.view_refundrequest",
    "refunds.view_journalentry",
    "refunds.view_period",
)


@pytest.fixture
def north() -> Team:
    return team_called("north")


@pytest.fixture
def lena(north: Team) -> User:
    return person_with("lena", *SEES, teams=(north,))


def followed(viewer: User, operation: Operation) -> Trail:
    """Follow the money of an operation's request, a week later."""
    found = RefundRequest.objects.get(pk=operation.refund_request_id)
    return trail_of(viewer, found, at=LATER)


def link(trail: Trail, title: str) -> Link:
    """Find a link of the newest way, or one that all share."""
    links = [*trail.shared, *(trail.ways[0].links if trail.ways else ())]
    return next(one for one in links if one.title == title)


def whole(operation: Operation) -> StatementLine:
    """Let the money of an operation go all the way: settled, paid out, at the bank, booked."""
    match = settled(operation, payout_ref="po_1")
    line_of("charge", 10_000, fee_minor=170, payout_ref="po_1", statement=match.line.statement)
    line_of("payout", -7610, payout_ref="po_1", statement=match.line.statement)
    line_of("payout", 7610, payout_ref="po_1", account="bank", own_account="GB33BUKB20201555555555")
    Statement.objects.update(is_imported=True, from_at=NOON, to_at=NOON)
    post_journal(at=LATER)
    open_periods(since=THE_BEGINNING)
    return match.line


class TestTheMoneyTrail:
    def test_holds_from_the_request_to_the_signed_month(self, lena: User, north: Team) -> None:
        operation = paid(team=north)
        whole(operation)
        signers = [person_with("sina"), person_with("tom")]
        with without("refunds.Period:locks_end_by_two"):
            Period.objects.update(
                state="locked",
                first_by=signers[0],
                first_at=LATER,
                second_by=signers[1],
                second_at=LATER,
                report_sha256="0" * 64,
            )

        way = followed(lena, operation).ways[0]

        assert {one.title: one.state for one in way.links} == dict.fromkeys(
            ("Operation", "Line of the statement", "Payout", "Line of the bank", "Journal", "Period"), LinkState.HOLDS
        )
        assert any("tom" in str(fact.value) for fact in way.links[-1].facts)

    def test_shows_what_else_is_in_the_payout(self, lena: User, north: Team) -> None:
        operation = paid(team=north, amount_minor=2220)
        whole(operation)

        facts = {fact.label: str(fact.value) for fact in link(followed(lena, operation), "Payout").facts}

        assert facts["All its lines"] == "£76.10"
        assert facts["Its 1 other lines"] == "£98.30"
        assert facts["Paid out"] == "£76.10"

    def test_says_how_much_of_a_line_is_this_refund(self, lena: User, north: Team) -> None:
        first, second = paid(team=north, amount_minor=2220), paid(team=north, amount_minor=2780)
        line = line_of("refund", -5000, result=LineResult.MATCHED)
        Match.objects.bulk_create(
            Match(
                line=line,
                operation=one,
                line_minor=one.amount_minor,
                amount_minor=one.amount_minor,
                found_by="person",
                explanation="Both.",
                matched_at=NOON,
            )
            for one in (first, second)
        )

        found = link(followed(lena, second), "Line of the statement")

        assert found.state is LinkState.HOLDS
        assert "-£27.80" in [str(fact.value) for fact in found.facts if fact.label == "Of it this refund"]

    def test_waits_for_a_statement_that_reaches_so_far(self, lena: User, north: Team) -> None:
        trail = followed(lena, paid(team=north))

        found = link(trail, "Line of the statement")
        assert found.state is LinkState.WAITS
        assert "12 Nov 2026" in found.missing
        assert link(trail, "Payout").state is LinkState.LATER
        assert not trail.is_whole

    def test_is_broken_where_later_statements_do_not_show_it(self, lena: User, north: Team) -> None:
        operation = paid(team=north)
        statement_of(is_imported=True, from_at=NOON, to_at=NOON + timedelta(days=3))

        found = link(followed(lena, operation), "Line of the statement")

        assert found.is_gap
        assert "reach 15 Nov 2026 and none shows this refund" in found.missing
        assert found.next_step

    def test_is_broken_where_the_line_says_another_amount(self, lena: User, north: Team) -> None:
        operation = paid(team=north)
        line_of(
            "refund",
            -2000,
            operation_ref=str(operation.pk),
            result=LineResult.UNMATCHED,
            result_note="The amount differs by £2.20: ours is £22.20.",
        )

        trail = followed(lena, operation)

        assert link(trail, "Line of the statement").is_gap
        assert trail.verdict.missing == "The amount differs by £2.20: ours is £22.20."

    def test_finds_a_line_by_the_processors_own_id(self, lena: User, north: Team) -> None:
        operation = paid(team=north)
        Operation.objects.filter(pk=operation.pk).update(external_id="re_9")
        line_of("refund", -2000, source_id="re_9", result=LineResult.UNMATCHED, result_note="It differs.")

        assert link(followed(lena, operation), "Line of the statement").missing == "It differs."

    def test_is_broken_where_the_processor_took_it_back_and_we_do_not_know(self, lena: User, north: Team) -> None:
        operation = paid(team=north)
        settled(operation)
        line_of("refund_failure", 2220, operation_ref=str(operation.pk), result=LineResult.UNMATCHED)

        assert "took this refund back" in link(followed(lena, operation), "Line of the statement").missing

    def test_is_broken_where_the_payouts_lines_are_not_what_it_paid(self, lena: User, north: Team) -> None:
        operation = paid(team=north)
        match = settled(operation, payout_ref="po_1")
        line_of("charge", 10_000, payout_ref="po_1", statement=match.line.statement)
        line_of("payout", -7000, payout_ref="po_1", statement=match.line.statement)

        found = link(followed(lena, operation), "Payout")

        assert found.is_gap
        assert "£7.80 apart" in found.missing

    def test_is_broken_where_the_bank_sent_the_payout_back(self, lena: User, north: Team) -> None:
        operation = paid(team=north)
        match = settled(operation, payout_ref="po_1")
        line_of("payout_reversal", 500, payout_ref="po_1", statement=match.line.statement)

        found = link(followed(lena, operation), "Payout")

        assert found.is_gap
        assert "sent this payout back" in found.missing

    def test_waits_where_the_line_names_no_payout(self, lena: User, north: Team) -> None:
        operation = paid(team=north)
        settled(operation)

        assert link(followed(lena, operation), "Payout").state is LinkState.WAITS

    def test_is_broken_where_the_bank_shows_another_sum(self, lena: User, north: Team) -> None:
        operation = paid(team=north)
        whole(operation)
        StatementLine.objects.filter(account="bank").update(gross_minor=7600, net_minor=7600)

        found = link(followed(lena, operation), "Line of the bank")

        assert found.is_gap
        assert "they are £0.10 apart" in found.missing

    def test_is_broken_where_later_statements_of_the_bank_do_not_name_the_payout(self, lena: User, north: Team) -> None:
        operation = paid(team=north)
        settled(operation, payout_ref="po_1")
        statement_of("bank", is_imported=True, from_at=NOON, to_at=NOON + timedelta(days=9))

        assert "none names po_1" in link(followed(lena, operation), "Line of the bank").missing

    def test_is_broken_where_nothing_was_booked_for_a_day(self, lena: User, north: Team) -> None:
        trail = followed(lena, paid(team=north))

        assert link(trail, "Journal").is_gap
        assert link(trail, "Period").state is LinkState.LATER

    def test_waits_while_the_refund_stands_in_clearing(self, lena: User, north: Team) -> None:
        operation = paid(team=north)
        post_journal(at=LATER)

        found = link(followed(lena, operation), "Journal")

        assert found.state is LinkState.WAITS
        assert "clearing" in found.missing
        assert len(found.facts) == 1

    def test_says_that_money_came_back_and_was_sent_again(self, lena: User, north: Team) -> None:
        refund_request = request_in(State.REFUNDED, team=north)
        first = operation_of(refund_request, OperationState.FAILED)
        Operation.objects.filter(pk=first.pk).update(succeeded_at=NOON, failure_reason="expired_or_canceled_card")
        operation_of(refund_request, created_at=NOON + timedelta(days=1))

        trail = followed(lena, first)

        assert [way.links[0].state for way in trail.ways] == [LinkState.HOLDS, LinkState.ENDS]
        assert "It was sent again." in trail.ways[1].links[0].missing

    def test_is_broken_where_the_money_came_back_and_nobody_sent_it_again(self, lena: User, north: Team) -> None:
        operation = operation_of(request_in(State.FAILED, team=north), OperationState.FAILED)

        assert link(followed(lena, operation), "Operation").is_gap

    def test_ends_where_no_money_was_to_leave(self, lena: User, north: Team) -> None:
        declined = request_in(State.DECLINED, team=north)

        trail = trail_of(lena, declined, at=LATER)

        assert trail.shared[-1].state is LinkState.ENDS
        assert not trail.ways

    def test_needs_no_statement_for_store_credit(self, lena: User, north: Team) -> None:
        operation = paid(team=north)
        Operation.objects.filter(pk=operation.pk).update(gateway="store_credit")
        post_journal(at=LATER)

        trail = followed(lena, operation)

        assert link(trail, "Line of the statement").state is LinkState.ELSEWHERE
        assert link(trail, "Payout").state is LinkState.ELSEWHERE
        assert link(trail, "Journal").state is LinkState.HOLDS

    def test_reads_the_banks_own_line_of_a_transfer_of_ours(self, lena: User, north: Team) -> None:
        operation = paid(team=north)
        Operation.objects.filter(pk=operation.pk).update(gateway="bank_transfer")
        settled(operation, account="bank", own_account="GB33")

        trail = followed(lena, operation)

        assert link(trail, "Line of the statement").state is LinkState.HOLDS
        assert link(trail, "Line of the bank").state is LinkState.ELSEWHERE

    def test_hides_the_books_from_those_without_the_right(self, north: Team) -> None:
        vera = person_with("vera", *SEES[:3], teams=(north,))
        operation = paid(team=north)
        post_journal(at=LATER)

        trail = followed(vera, operation)

        assert link(trail, "Journal").state is LinkState.HIDDEN
        assert link(trail, "Period").state is LinkState.HIDDEN

    def test_costs_as_many_queries_for_many_operations_as_for_one(self, lena: User, north: Team) -> None:
        refund_request = request_in(State.REFUNDED, team=north)
        whole(operation_of(refund_request))
        followed(lena, operation_of(request_in(State.REFUNDED, team=north)))
        with CaptureQueriesContext(connection) as one:
            trail_of(lena, RefundRequest.objects.get(pk=refund_request.pk), at=LATER)
        for day in range(1, 4):
            older = operation_of(refund_request, OperationState.FAILED, created_at=NOON - timedelta(days=day))
            Operation.objects.filter(pk=older.pk).update(succeeded_at=NOON)
            settled(older, payout_ref=f"po_{day}")
        post_journal(at=LATER)

        with CaptureQueriesContext(connection) as many:
            trail_of(lena, RefundRequest.objects.get(pk=refund_request.pk), at=LATER)

        assert len(many) == len(one) <= 13
