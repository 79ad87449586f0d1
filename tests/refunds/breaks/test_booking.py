"""What is booked once people said what a break was: zero in every currency, in the first month that is open."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from refunds.books import closing, periods
from refunds.books.posting import post_journal
from refunds.books.selectors import clearing
from refunds.breaks import resolving
from refunds.breaks.vocabulary import BreakState, Resolution
from refunds.models import Break, BreakLimit, JournalEntry, Operation, Period, StatementLine
from refunds.vocabulary import LineResult, OperationState
from tests.refunds.books import LATER, NOON, paid
from tests.refunds.journal.lines import balances, line_of, statement_of

from .found import a_break, look

if TYPE_CHECKING:
    from config.kernel.people import Team, User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("large_limit")]

DECEMBER = datetime(2026, 12, 10, 9, tzinfo=UTC)
EVERYTHING = ("statements", "unmatched", "missing", "exports")


@pytest.fixture
def large_limit(db: None) -> None:
    """Let one person resolve anything here."""
    for currency in ("GBP", "EUR"):
        BreakLimit.objects.create(currency=currency, above_minor=1_000_000_00)


def ended(found: Break, actor: User, resolution: str = Resolution.ACCEPT, *, at: datetime = LATER) -> Break:
    done = resolving.resolve_break(break_id=found.pk, resolution=resolution, note="Seen.", actor=actor, at=at)
    post_journal(at=at)
    return done


def november() -> Period:
    """Open the month of the lines."""
    statement_of(from_at=NOON, to_at=NOON)
    periods.open_periods(since=NOON - timedelta(days=90))
    return Period.objects.get(account="stripe", first_on=date(2026, 11, 1))


def locked(*people: User) -> Period:
    """Close November."""
    post_journal(at=DECEMBER)
    period = november()
    for person in people:
        period = periods.sign_period(
            period_id=period.pk, note="Seen.", acknowledged=EVERYTHING, actor=person, at=DECEMBER
        )
    assert period.is_locked
    return period


class TestWhatIsBooked:
    @pytest.mark.parametrize(
        ("resolution", "role"),
        [
            ("fee", "fees"),
            ("our_error", "own_errors"),
            ("processor_error", "processor_receivable"),
            ("write_off", "write_off"),
            ("accept", "refund_expense"),
        ],
    )
    def test_of_a_line_that_we_never_made(self, lena: User, resolution: str, role: str) -> None:
        ended(a_break(-500), lena, resolution)

        assert balances() == {(role, "GBP"): 500, ("processor_balance", "GBP"): -500}

    def test_of_timing_is_nothing(self, lena: User) -> None:
        ended(a_break(-500), lena, Resolution.TIMING)

        assert balances() == {}

    def test_of_another_amount_settles_the_refund_too(self, lena: User, north: Team) -> None:
        operation = paid(team=north)
        found = a_break(-2250, operation_ref=str(operation.pk))

        ended(found, lena, Resolution.WRITE_OFF)

        assert balances() == {
            ("refund_expense", "GBP"): 2220,
            ("write_off", "GBP"): 30,
            ("processor_balance", "GBP"): -2250,
        }
        assert [one.difference.minor for one in clearing(lena)] == []

    def test_of_another_currency_is_zero_in_both(self, lena: User, north: Team) -> None:
        operation = paid(team=north)
        found = a_break(-2600, operation_ref=str(operation.pk), currency="EUR")

        ended(found, lena)

        assert balances() == {
            ("refund_expense", "GBP"): 2220,
            ("fx_difference", "GBP"): -2220,
            ("fx_difference", "EUR"): 2600,
            ("processor_balance", "EUR"): -2600,
        }

    def test_of_a_refund_that_never_left_takes_it_out_of_clearing(self, lena: User, north: Team) -> None:
        paid(team=north, at=NOON)
        for days in (-1, 11):
            line_of("charge", 100, at=NOON + timedelta(days=days))
        [found] = look()

        ended(found, lena, Resolution.PROCESSOR_ERROR)

        assert balances() == {("refund_expense", "GBP"): 2220, ("processor_receivable", "GBP"): -2220}
        assert [one.difference.minor for one in clearing(lena)] == []

    def test_of_a_late_failure_meets_its_return_in_clearing(self, lena: User, north: Team) -> None:
        operation = paid(team=north)
        post_journal(at=LATER)
        Operation.objects.filter(pk=operation.pk).update(state=OperationState.FAILED)
        ref: dict[str, Any] = {"operation_ref": str(operation.pk), "result": LineResult.UNMATCHED}
        line_of("refund", -2220, **ref)
        line_of("refund_failure", 2220, **ref)
        [found] = look()

        ended(found, lena)

        assert balances() == {}
        assert [one.difference.minor for one in clearing(lena)] == []

    def test_is_booked_once_and_reversed_when_it_is_opened_again(self, lena: User) -> None:
        found = ended(a_break(-500), lena)
        post_journal(at=LATER)
        assert JournalEntry.objects.filter(kind="break").count() == 1

        resolving.reopen_break(break_id=found.pk, why="Another one.", actor=lena, at=LATER)
        post_journal(at=LATER)
        assert balances() == {}

        ended(Break.objects.get(), lena, Resolution.FEE)
        assert balances() == {("fees", "GBP"): 500, ("processor_balance", "GBP"): -500}

    def test_is_reversed_once_the_line_is_matched_after_all(self, lena: User, north: Team) -> None:
        operation = paid(team=north)
        Operation.objects.filter(pk=operation.pk).update(state=OperationState.PENDING)
        ended(a_break(-2220, operation_ref=str(operation.pk)), lena, Resolution.WRITE_OFF)
        Operation.objects.filter(pk=operation.pk).update(state=OperationState.SUCCEEDED)

        [found] = look()
        post_journal(at=LATER)

        assert (found.state, found.resolution) == (BreakState.RESOLVED, Resolution.MATCHED)
        assert balances() == {("refund_expense", "GBP"): 2220, ("processor_balance", "GBP"): -2220}


class TestAClosedMonth:
    def test_keeps_its_line_and_the_resolution_is_booked_in_the_open_one(self, lena: User, luis: User) -> None:
        found = a_break(-500)
        locked(lena, luis)
        before = StatementLine.objects.values().get()

        done = ended(found, lena, at=DECEMBER)

        assert done.books_on == date(2026, 12, 1)
        entry = JournalEntry.objects.get(kind="break")
        assert (entry.occurred_on, entry.booked_on) == (date(2026, 11, 12), date(2026, 12, 1))
        assert StatementLine.objects.values().get() == before

    def test_has_its_breaks_found_late(self, lena: User, luis: User) -> None:
        line = line_of("refund", -500, result=LineResult.UNMATCHED)
        locked(lena, luis)

        [found] = look(at=DECEMBER)

        line.refresh_from_db()
        assert (found.line, found.opened_at, line.result_note) == (line, DECEMBER, "")

    def test_books_an_open_month_into_itself(self, lena: User) -> None:
        assert ended(a_break(-500), lena, at=DECEMBER).books_on == date(2026, 11, 12)


class TestTheChecklist:
    def test_counts_what_nobody_explained(self, lena: User) -> None:
        first = a_break(-500)
        a_break(-600, at=LATER)
        period = november()
        assert [age.count for age in closing.ages(period, at=LATER)] == [0, 2, 0]

        ended(first, lena)

        assert closing.unmatched_lines(period).count() == 1
        assert sum(age.count for age in closing.ages(period, at=LATER)) == 1
