"""Matching by hand and taking apart: sums to the last unit, four eyes, on record, and never in a signed month."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection

from config.kernel.jobs import Job
from config.kernel.people import User
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from evidence.models import LedgerEntry
from refunds.books.periods import open_periods
from refunds.books.posting import THE_BEGINNING, post_journal
from refunds.models import Break, Match, Operation, Period, RefundRequest, Release, SeveredMatch, StatementLine
from refunds.reconciliation.by_hand import match_by_hand, unmatch
from refunds.reconciliation.matching import match_open_lines
from refunds.vocabulary import LineResult, OperationState, State
from tests.harness.people import without
from tests.harness.stillness import refused
from tests.refunds.books import LATER, NOON, fresh, paid, person_with, team_called
from tests.refunds.journal.lines import balances, settled
from tests.refunds.journal.lines import line_of as written

from .conftest import FINANCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from config.kernel.people import Team

pytestmark = pytest.mark.django_db

WHY = "The bank's letter names this refund."


def line_of(*, gross_minor: int = -2220, **columns: Any) -> StatementLine:
    """Book £22.20 that went back and agrees with nothing yet."""
    return written("refund", gross_minor, result=LineResult.UNMATCHED, **columns)


def match(actor: User, lines: Sequence[StatementLine], operations: Sequence[Operation], note: str = WHY) -> list[Match]:
    """Match by hand."""
    return match_by_hand(
        line_ids=[one.pk for one in lines],
        operation_ids=[one.pk for one in operations],
        note=note,
        actor=actor,
        at=LATER,
    )


def look_again() -> None:
    """Let the machine look at the account."""
    match_open_lines(account="stripe", at=LATER, go_on=lambda _done: True)


class TestAMatchByHand:
    def test_closes_the_request_and_is_on_record(self, lena: User, north: Team) -> None:
        operation, line = paid(team=north), line_of()

        [made] = match(lena, [line], [operation])

        assert (made.found_by, made.explanation, made.matched_by) == ("by hand", WHY, lena)
        assert fresh(operation.refund_request).state == State.RECONCILED
        line.refresh_from_db()
        assert line.result == LineResult.MATCHED
        told = LedgerEntry.objects.get(kind="statement.line_matched")
        assert (told.actor, told.subject_id) == (lena, line.statement_id)
        assert WHY not in str(told.payload)
        assert LedgerEntry.objects.get(kind="refund_request.reconciled").actor == lena

    def test_ends_the_break_of_its_line(self, lena: User, north: Team) -> None:
        operation, line = paid(team=north), line_of()
        look_again()
        assert not Break.objects.get(line=line).is_resolved

        match(lena, [line], [operation])

        assert Break.objects.get(line=line).is_resolved

    def test_of_one_line_with_several_refunds_closes_all(self, lena: User, north: Team) -> None:
        operations = [paid(team=north, amount_minor=minor) for minor in (1000, 1220)]

        match(lena, [line_of()], operations)

        assert {fresh(one.refund_request).state for one in operations} == {State.RECONCILED}
        post_journal(at=LATER)
        assert balances() == {("refund_expense", "GBP"): 2220, ("processor_balance", "GBP"): -2220}

    def test_of_one_refund_with_several_lines(self, lena: User, north: Team) -> None:
        operation = paid(team=north)
        lines = [line_of(gross_minor=-1000), line_of(gross_minor=-1220)]

        match(lena, lines, [operation])

        assert fresh(operation.refund_request).state == State.RECONCILED
        assert sorted(operation.matches.values_list("amount_minor", flat=True)) == [1000, 1220]
        told = LedgerEntry.objects.get(kind="refund_request.reconciled")
        assert all(f'"{one.external_id}"' in told.payload for one in lines)

    def test_in_another_currency_is_booked_through_fx(self, lena: User, north: Team) -> None:
        operation = paid(team=north, currency="EUR")

        match(lena, [line_of(gross_minor=-1930, customer_minor=-2220, customer_currency="EUR")], [operation])

        post_journal(at=LATER)
        assert balances()["fx_difference", "GBP"] == 1930
        assert balances()["fx_difference", "EUR"] == -2220


class TestAMatchByHandIsRefused:
    @pytest.mark.parametrize(
        ("gross", "sentence"), [(-2219, "£0.01 apart"), (-2221, "£0.01 apart"), (-4440, "£22.20 apart")]
    )
    def test_for_sums_that_differ(self, lena: User, north: Team, gross: int, sentence: str) -> None:
        operation, line = paid(team=north), line_of(gross_minor=gross)

        with refused(Refused, "different_amount"):
            match(lena, [line], [operation])
        with pytest.raises(Refused, match=sentence):
            match(lena, [line], [operation])

    def test_between_several_and_several(self, lena: User, north: Team) -> None:
        lines, operations = [line_of(), line_of()], [paid(team=north), paid(team=north)]

        with refused(Refused, "too_many_sides"):
            match(lena, lines, operations)

    @pytest.mark.parametrize("told", [{}, {"customer_minor": -2219, "customer_currency": "EUR"}])
    def test_where_the_customer_did_not_get_our_amount(self, lena: User, north: Team, told: dict[str, Any]) -> None:
        code = "different_amount" if told else "different_currency"
        line, operation = line_of(gross_minor=-1930, **told), paid(team=north, currency="EUR")

        with refused(Refused, code):
            match(lena, [line], [operation])

    def test_without_a_note(self, lena: User, north: Team) -> None:
        line, operation = line_of(), paid(team=north)

        with refused(Refused, "no_reason"):
            match(lena, [line], [operation], note="ok")

    def test_without_the_right(self, north: Team) -> None:
        luis = person_with("luis", *[right for right in FINANCE if right != "refunds.add_match"], teams=(north,))
        line, operation = line_of(), paid(team=north)

        with refused(NotPermitted, "not_permitted"):
            match(luis, [line], [operation])

    def test_for_another_teams_refund(self, lena: User) -> None:
        with pytest.raises(Operation.DoesNotExist):
            match(lena, [line_of()], [paid(team=team_called("south"))])

    def test_for_what_was_matched_meanwhile(self, lena: User, north: Team) -> None:
        made, line, operation = settled(paid(team=north)), line_of(), paid(team=north)

        with refused(OutOfDate, "refund_is_matched"):
            match(lena, [line], [made.operation])
        with refused(OutOfDate, "line_is_matched"):
            match(lena, [made.line], [operation])

    def test_for_a_refund_that_came_back(self, lena: User, north: Team) -> None:
        operation = paid(team=north)
        written("refund_failure", 2220, result=LineResult.UNMATCHED, operation_ref=str(operation.pk))

        line = line_of()

        with refused(Refused, "came_back"):
            match(lena, [line], [operation])

    def test_for_a_fee_or_money_that_came_in(self, lena: User, north: Team) -> None:
        operation = paid(team=north)
        for category, gross in (("fee", -2220), ("refund", 2220)):
            line = written(category, gross, result=LineResult.UNMATCHED)
            with refused(Refused, "not_a_refund"):
                match(lena, [line], [operation])

    def test_while_an_import_matches(self, lena: User, north: Team, monkeypatch: pytest.MonkeyPatch) -> None:
        line, operation = line_of(), paid(team=north)
        monkeypatch.setattr("refunds.reconciliation.both_sides.ONE_AT_A_TIME", "42")
        other = connection.copy()
        other.cursor().execute("SELECT pg_advisory_lock(42)")
        try:
            with refused(Refused, "matching_under_way"):
                match(lena, [line], [operation])
        finally:
            other.close()

    @pytest.mark.parametrize("state", ["signed", "locked"])
    def test_in_a_month_that_was_signed(self, lena: User, north: Team, state: str) -> None:
        operation, line = paid(team=north), line_of()
        signed(state)

        with refused(Refused, "period_is_signed"):
            match(lena, [line], [operation])


def signed(state: str) -> None:
    """Let the month of the lines be signed by one or by two."""
    post_journal(at=LATER)
    open_periods(since=THE_BEGINNING)
    first, second = (User.objects.get_or_create(username=name)[0] for name in ("first", "second"))
    told: dict[str, Any] = {"first_by": first, "first_at": LATER}
    if state == "locked":
        told |= {"second_by": second, "second_at": LATER, "report_sha256": "a" * 64, "report": {"of": "November"}}
    Period.objects.update(state=state, **told)


def took_part(person: User, operation: Operation, part: str) -> None:
    """Let somebody have entered, judged or approved the request of an operation."""
    with without("refunds.RefundRequest:the_requester_stays"):
        RefundRequest.objects.filter(pk=operation.refund_request_id).update(**{part: person})


class TestFourEyes:
    @pytest.mark.parametrize("part", ["requested_by", "approved_by", "reviewed_by"])
    def test_keep_whoever_asked_or_decided_from_it(self, lena: User, north: Team, part: str) -> None:
        operation = paid(team=north)
        line = line_of()
        took_part(lena, operation, part)

        with refused(NotPermitted, "self_approval"):
            match(lena, [line], [operation])

    def test_keep_whoever_released_the_money_from_it(self, lena: User, north: Team) -> None:
        operation = paid(team=north)
        release = Release.objects.create(
            currency="GBP", operation_count=1, total_minor=2220, released_by=lena, released_at=NOON
        )
        with without("refunds.Operation:releaser_is_a_stranger"):
            Operation.objects.filter(pk=operation.pk).update(release=release)
        line = line_of()

        with refused(NotPermitted, "self_approval"):
            match(lena, [line], [operation])

    def test_keep_her_from_taking_it_apart_too(self, lena: User, north: Team) -> None:
        made = settled(paid(team=north))
        took_part(lena, made.operation, "requested_by")

        with refused(NotPermitted, "self_approval"):
            unmatch(line_id=made.line_id, why=WHY, actor=lena, at=LATER)


class TestTakingApart:
    def test_opens_line_and_request_again_and_is_on_record(self, lena: User, north: Team) -> None:
        operation = paid(team=north)
        line = line_of(operation_ref=str(operation.pk))
        look_again()
        assert fresh(operation.refund_request).state == State.RECONCILED

        unmatch(line_id=line.pk, why=WHY, actor=lena, at=LATER)

        assert fresh(operation.refund_request).state == State.REFUNDED
        assert not Match.objects.exists()
        assert SeveredMatch.objects.get().why == WHY
        kinds = set(LedgerEntry.objects.values_list("kind", flat=True))
        assert {"statement.line_unmatched", "refund_request.unreconciled"} <= kinds
        assert Job.objects.filter(kind="import_statement", subject_id=line.statement_id).exists()

    def test_is_not_undone_by_the_next_pass_but_may_be_by_a_person(self, lena: User, north: Team) -> None:
        operation = paid(team=north)
        line = line_of(operation_ref=str(operation.pk))
        look_again()
        unmatch(line_id=line.pk, why=WHY, actor=lena, at=LATER)

        look_again()

        assert not Match.objects.exists()
        assert not Break.objects.get(line=line).is_resolved
        match(lena, [line], [operation])
        assert fresh(operation.refund_request).state == State.RECONCILED

    def test_takes_everything_apart_that_was_matched_together(self, lena: User, north: Team) -> None:
        operations = [paid(team=north, amount_minor=minor) for minor in (1000, 1220)]
        line = line_of()
        match(lena, [line], operations)

        unmatch(line_id=line.pk, why=WHY, actor=lena, at=LATER)

        assert {fresh(one.refund_request).state for one in operations} == {State.REFUNDED}
        assert SeveredMatch.objects.count() == 2

    def test_is_reversed_in_the_books(self, lena: User, north: Team) -> None:
        made = settled(paid(team=north))
        post_journal(at=LATER)

        unmatch(line_id=made.line_id, why=WHY, actor=lena, at=LATER)

        post_journal(at=LATER)
        assert balances() == {("refund_expense", "GBP"): 2220, ("processor_clearing", "GBP"): -2220}

    def test_leaves_a_refund_that_failed_since_as_it_is(self, lena: User, north: Team) -> None:
        made = settled(paid(team=north))
        RefundRequest.objects.filter(pk=made.operation.refund_request_id).update(state=State.FAILED)
        Operation.objects.filter(pk=made.operation_id).update(state=OperationState.FAILED)

        unmatch(line_id=made.line_id, why=WHY, actor=lena, at=LATER)

        assert fresh(made.operation.refund_request).state == State.FAILED

    def test_is_refused_without_the_right_a_reason_or_a_match(self, lena: User, north: Team) -> None:
        made, line = settled(paid(team=north)), line_of()
        luis = person_with("luis", *[right for right in FINANCE if right != "refunds.delete_match"], teams=(north,))

        with refused(NotPermitted, "not_permitted"):
            unmatch(line_id=made.line_id, why=WHY, actor=luis, at=LATER)
        with refused(Refused, "no_reason"):
            unmatch(line_id=made.line_id, why=" ", actor=lena, at=LATER)
        with refused(Refused, "not_matched"):
            unmatch(line_id=line.pk, why=WHY, actor=lena, at=LATER)

    @pytest.mark.parametrize("state", ["signed", "locked"])
    def test_is_refused_once_the_month_is_signed(self, lena: User, north: Team, state: str) -> None:
        made = settled(paid(team=north))
        signed(state)

        with refused(Refused, "period_is_signed"):
            unmatch(line_id=made.line_id, why=WHY, actor=lena, at=LATER)
