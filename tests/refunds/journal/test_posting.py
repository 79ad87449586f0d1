"""What is booked, when, and that it is booked once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from refunds import tasks
from refunds.books.posting import post_journal
from refunds.books.vocabulary import EntryKind
from refunds.models import GLAccount, JournalEntry, JournalLine, Operation
from refunds.vocabulary import LineResult, OperationState
from tests.refunds.books import LATER, NOON, paid, team_called

from .lines import balances, line_of, settled

if TYPE_CHECKING:
    from config.kernel.people import Team

pytestmark = pytest.mark.django_db


@pytest.fixture
def north() -> Team:
    return team_called("north")


def fail(operation: Operation) -> None:
    """Let the processor take it back."""
    Operation.objects.filter(pk=operation.pk).update(state=OperationState.FAILED)


def add_lines(team: Team, lines: str) -> None:
    """Write further lines into the entry of a refund, past every command, and end the transaction."""
    paid(team=team)
    post_journal(at=LATER)
    entry = JournalEntry.objects.get()
    sql = f"INSERT INTO refunds_journalline (entry_id, role, code, currency, amount_minor) VALUES {lines}"  # noqa: S608
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, [entry.pk] * lines.count("%s"))
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class TestPosting:
    def test_books_a_refund_into_clearing(self, north: Team) -> None:
        operation = paid(team=north, amount_minor=2220)

        post_journal(at=LATER)

        entry = JournalEntry.objects.get()
        assert (entry.kind, entry.account, entry.reference) == ("refund", "stripe", operation.refund_request.reference)
        assert entry.booked_on == entry.occurred_on == date(2026, 11, 12)
        assert [(line.code, line.amount_minor, line.team_id) for line in entry.lines.all()] == [
            ("4100", 2220, north.pk),
            ("1150", -2220, north.pk),
        ]

    def test_twice_books_once(self, north: Team) -> None:
        settled(paid(team=north))
        first = post_journal(at=LATER)

        again = post_journal(at=LATER)

        assert (first.entry_count, again.entry_count) == (2, 0)
        assert JournalLine.objects.count() == 4

    def test_in_small_batches_books_all(self, north: Team) -> None:
        for _ in range(5):
            paid(team=north, amount_minor=100)

        assert post_journal(at=LATER, facts_at_once=2).entry_count == 5
        assert balances() == {("refund_expense", "GBP"): 500, ("processor_clearing", "GBP"): -500}

    def test_cuts_days_in_the_organisations_time_zone(self, north: Team, settings: object) -> None:
        settings.ORGANISATION_TIME_ZONE = "America/New_York"  # type: ignore[attr-defined]
        paid(team=north, at=datetime(2026, 11, 1, 2, tzinfo=UTC))

        post_journal(at=LATER)

        assert JournalEntry.objects.get().booked_on == date(2026, 10, 31)

    def test_leaves_out_what_is_older_than_it_looks(self, north: Team) -> None:
        paid(team=north, at=NOON)

        assert post_journal(at=LATER, since=NOON + timedelta(hours=1)).entry_count == 0

    def test_clears_a_refund_that_is_on_a_statement(self, north: Team) -> None:
        settled(paid(team=north, amount_minor=900))

        post_journal(at=LATER)

        assert balances() == {("refund_expense", "GBP"): 900, ("processor_balance", "GBP"): -900}

    def test_settles_another_currency_through_fx(self, north: Team) -> None:
        settled(paid(team=north, amount_minor=1000, currency="EUR"), gross_minor=-870, currency="GBP")

        post_journal(at=LATER)

        assert balances() == {
            ("refund_expense", "EUR"): 1000,
            ("fx_difference", "EUR"): -1000,
            ("fx_difference", "GBP"): 870,
            ("processor_balance", "GBP"): -870,
        }

    def test_reverses_a_refund_that_failed_weeks_later(self, north: Team) -> None:
        operation = paid(team=north)
        post_journal(at=NOON)
        fail(operation)

        posted = post_journal(at=LATER)

        reversal = JournalEntry.objects.get(kind=EntryKind.REVERSAL)
        assert (posted.entry_count, posted.reversal_count) == (0, 1)
        assert reversal.reversal_of == JournalEntry.objects.get(kind=EntryKind.REFUND)
        assert reversal.booked_on == LATER.date()
        assert balances() == {}
        assert post_journal(at=LATER).reversal_count == 0

    def test_books_a_failure_that_nobody_saw_succeed_as_both(self, north: Team) -> None:
        fail(paid(team=north))

        posted = post_journal(at=LATER)

        assert (posted.entry_count, posted.reversal_count) == (1, 1)
        assert balances() == {}

    def test_takes_a_failure_on_the_statement_out_of_clearing(self, north: Team) -> None:
        operation = paid(team=north, amount_minor=700)
        settled(operation)
        fail(operation)
        line_of("refund_failure", 700, operation_ref=str(operation.pk))
        line_of("refund_failure", 100, operation_ref="not ours", result=LineResult.UNMATCHED)

        post_journal(at=LATER)

        assert balances() == {}

    def test_books_what_only_the_statement_knows(self) -> None:
        line_of("fee", -120)
        line_of("payout", -5000)
        line_of("payout", 5000, account="bank")
        line_of("dispute", -900, fee_minor=150)
        line_of("dispute_reversal", 900)
        line_of("platform_earning_refund", -50)
        line_of("charge", 9000, fee_minor=99)

        post_journal(at=LATER)

        assert balances() == {
            ("fees", "GBP"): 270,
            ("bank", "GBP"): 5000,
            ("connect_share", "GBP"): 50,
            ("processor_balance", "GBP"): -5320,
        }

    def test_reverses_what_a_statement_told_that_was_taken_back(self, north: Team) -> None:
        match = settled(paid(team=north, amount_minor=300))
        fee = line_of("fee", -120)
        post_journal(at=NOON)
        match.delete()
        fee.delete()

        posted = post_journal(at=LATER)

        assert posted.reversal_count == 2
        assert balances() == {("refund_expense", "GBP"): 300, ("processor_clearing", "GBP"): -300}

    def test_names_the_narrowest_account_of_the_chart(self, north: Team) -> None:
        GLAccount.objects.create(role="refund_expense", code="4000", name="All refunds")
        GLAccount.objects.create(role="refund_expense", currency="EUR", code="4001", name="Refunds in euros")
        GLAccount.objects.create(role="refund_expense", team=north, code="4002", name="Refunds of North")
        paid(team=north)
        paid(team=team_called("south"), currency="EUR")
        paid(team=team_called("south"))

        post_journal(at=LATER)

        codes = JournalLine.objects.filter(role="refund_expense").order_by("pk").values_list("code", flat=True)
        assert list(codes) == ["4002", "4001", "4000"]


class TestEntries:
    @pytest.mark.parametrize(
        "lines",
        ["(%s, 'bank', '1000', 'GBP', 1)", "(%s, 'bank', '1000', 'GBP', 1), (%s, 'fees', '6100', 'EUR', -1)"],
    )
    def test_cannot_be_out_of_balance_in_any_currency(self, north: Team, lines: str) -> None:
        with pytest.raises(IntegrityError, match="not zero"):
            add_lines(north, lines)

    def test_take_no_further_lines_even_when_they_add_up(self, north: Team) -> None:
        with pytest.raises(IntegrityError, match="other lines"):
            add_lines(north, "(%s, 'bank', '1000', 'GBP', 1), (%s, 'fees', '6100', 'GBP', -1)")

    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE refunds_journalline SET amount_minor = amount_minor * 2",
            "UPDATE refunds_journalentry SET booked_on = booked_on + 1",
            "DELETE FROM refunds_journalline",
        ],
    )
    def test_stay_as_they_are(self, north: Team, sql: str) -> None:
        paid(team=north)
        post_journal(at=LATER)

        with pytest.raises(ProgrammingError, match="Cannot"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)

    @settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        events=st.lists(
            st.tuples(
                st.sampled_from(["refund", "settled", "abroad", "failed", "fee", "dispute", "post"]),
                st.integers(min_value=1, max_value=10**9),
            ),
            max_size=10,
        )
    )
    def test_are_zero_in_every_currency_whatever_happens(self, north: Team, events: list[tuple[str, int]]) -> None:
        for event, amount in events:
            if event == "post":
                post_journal(at=LATER)
            elif event in {"fee", "dispute"}:
                line_of(event, -amount, fee_minor=amount % 7, currency="EUR")
            else:
                operation = paid(team=north, amount_minor=amount)
                if event == "settled":
                    settled(operation)
                elif event == "abroad":
                    settled(operation, gross_minor=-(amount + 1), currency="USD")
                elif event == "failed":
                    fail(operation)
        post_journal(at=LATER)

        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            cursor.execute(
                "SELECT 1 FROM refunds_journalline GROUP BY entry_id, currency HAVING sum(amount_minor) <> 0"
            )
            assert cursor.fetchone() is None


class TestTheCommand:
    def test_says_what_it_booked(self, north: Team, capsys: pytest.CaptureFixture[str]) -> None:
        paid(team=north)

        call_command("post_journal")

        assert "1 entries and 0 reversals" in capsys.readouterr().out

    def test_has_a_beat_that_books_what_is_new(self, north: Team) -> None:
        paid(team=north, at=timezone.now())
        paid(team=north, at=timezone.now() - timedelta(days=30))

        tasks.post_journal()
        assert JournalEntry.objects.count() == 1
        tasks.post_whole_journal()
        assert JournalEntry.objects.count() == 2
