"""Closing a month."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pypdfium2
import pytest
import rfc8785
import time_machine
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from evidence.ledger import timeline_of
from refunds.books import exporting, periods
from refunds.books.exporting import ExportWish
from refunds.books.posting import THE_BEGINNING, post_journal
from refunds.books.vocabulary import PeriodState
from refunds.models import GLAccount, JournalEntry, JournalLine, Match, Operation, Period, StatementLine
from refunds.reconciliation import importing, matching
from refunds.reconciliation.passes import find_pairs
from refunds.reconciliation.undoing import why_closed
from refunds.vocabulary import LineResult, OperationState
from tests.api.conftest import Caller
from tests.architecture.asking import client_of
from tests.harness.sign_in import make_stale
from tests.refunds.books import NOON, csv_file, paid, person_with, team_called
from tests.refunds.reconciliation.reports import report, row

from .lines import line_of, settled, statement_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_django import Settings

    from config.kernel.people import Team, User

pytestmark = pytest.mark.django_db

DECEMBER = datetime(2026, 12, 3, 9, tzinfo=UTC)
EVERYTHING = ("statements", "unmatched", "missing", "exports")
RIGHTS = (
    "refunds.view_period",
    "refunds.sign_period",
    "refunds.reopen_period",
    "refunds.view_journalentry",
    "refunds.view_glexport",
    "refunds.add_glexport",
    "refunds.add_statement",
    "refunds.reconcile_refundrequest",
)


@pytest.fixture(autouse=True)
def own_media(settings: Settings, tmp_path: Path) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path), "base_url": None},
        },
    }


@pytest.fixture
def north(db: None) -> Team:
    return team_called("north")


@pytest.fixture
def lena(north: Team) -> User:
    return person_with("lena", *RIGHTS, teams=(north,))


@pytest.fixture
def luis(north: Team) -> User:
    return person_with("luis", *RIGHTS, teams=(north,))


@pytest.fixture
def in_december() -> Iterator[None]:
    with time_machine.travel(DECEMBER, tick=True):
        yield


def november() -> Period:
    """Book what happened, and find its month."""
    post_journal(at=DECEMBER)
    periods.open_periods(since=THE_BEGINNING)
    return Period.objects.get(account="stripe", first_on=date(2026, 11, 1))


def signed(period: Period, person: User, **more: Any) -> Period:
    """Sign with everything acknowledged."""
    words = {"note": "Seen.", "acknowledged": EVERYTHING, "at": DECEMBER, **more}
    return periods.sign_period(period_id=period.pk, actor=person, **words)


@pytest.fixture
def locked(north: Team, lena: User, luis: User) -> Period:
    """November with one settled refund and one open line, signed by both."""
    settled(paid(team=north, amount_minor=2220))
    line_of("refund", -100, result=LineResult.UNMATCHED)
    period = november()
    signed(period, lena)
    return signed(period, luis)


class TestAMonth:
    def test_opens_with_what_is_in_it_in_the_organisations_time_zone(self, north: Team, settings: Settings) -> None:
        settings.ORGANISATION_TIME_ZONE = "America/New_York"
        paid(team=north)

        period = november()

        assert (period.first_on, period.last_on, period.state) == (date(2026, 11, 1), date(2026, 11, 30), "open")
        assert period.from_at == datetime(2026, 11, 1, 4, tzinfo=UTC)
        assert period.until_at == datetime(2026, 12, 1, 5, tzinfo=UTC)
        assert periods.open_periods(since=THE_BEGINNING) == 0

    def test_is_locked_by_the_second_of_two_people(self, locked: Period, lena: User, luis: User) -> None:
        assert (locked.state, locked.first_by, locked.second_by) == (PeriodState.LOCKED, lena, luis)
        assert [entry.kind for entry in timeline_of(locked.subject)] == ["period.signed", "period.locked"]

    def test_is_not_signed_twice_by_the_same_person(self, north: Team, lena: User) -> None:
        paid(team=north)
        period = november()
        signed(period, lena)

        with pytest.raises(NotPermitted, match="somebody else"):
            signed(period, lena)
        with pytest.raises(IntegrityError, match="signed_by_two"), transaction.atomic():
            Period.objects.update(state="locked", second_by=lena, second_at=DECEMBER, report_sha256="0" * 64)

    def test_is_not_signed_before_it_is_over(self, north: Team, lena: User) -> None:
        paid(team=north)

        with pytest.raises(Refused, match="not over"):
            signed(november(), lena, at=datetime(2026, 11, 30, 23, tzinfo=UTC))

    def test_names_everything_that_is_open(self, north: Team, lena: User) -> None:
        paid(team=north)
        line_of("refund", -100, result=LineResult.UNMATCHED)
        period = november()

        with pytest.raises(Refused) as no:
            signed(period, lena, acknowledged=["exports"])

        sentences = " ".join(reason.detail for reason in no.value.reasons)
        assert "No statement covers" in sentences
        assert "1 lines agree with nothing" in sentences
        assert "1 refunds are on no statement" in sentences
        assert "export" not in sentences
        assert Period.objects.get(pk=period.pk).state == PeriodState.OPEN

    def test_needs_a_reason_for_what_stays_open(self, north: Team, lena: User) -> None:
        paid(team=north)

        with pytest.raises(Refused, match="Say why"):
            signed(november(), lena, note="  ")

    def test_is_never_signed_with_facts_that_are_not_booked(self, north: Team, lena: User) -> None:
        paid(team=north)
        period = november()
        paid(team=north)

        with pytest.raises(Refused, match="1 facts have no journal entry"):
            signed(period, lena, acknowledged=(*EVERYTHING, "journal"))

    def test_needs_no_word_when_nothing_is_open(self, north: Team, lena: User) -> None:
        statement = statement_of(
            is_imported=True,
            from_at=datetime(2026, 11, 1, 3, tzinfo=UTC),
            to_at=datetime(2026, 11, 30, 20, tzinfo=UTC),
        )
        settled(paid(team=north), statement=statement)
        period = november()
        wish = ExportWish(format="csv", from_on=period.first_on, to_on=period.last_on)
        export = exporting.ask_for_export(wish=wish, actor=lena, at=DECEMBER)
        exporting.run_export(job_id=export.job_id, at=DECEMBER)

        assert signed(period, lena, note="", acknowledged=()).state == PeriodState.SIGNED

    def test_takes_the_first_signature_back_from_nobody_else(self, north: Team, lena: User, luis: User) -> None:
        paid(team=north)
        period = november()
        signed(period, lena)

        with pytest.raises(NotPermitted):
            periods.withdraw_signature(period_id=period.pk, actor=luis, at=DECEMBER)
        assert periods.withdraw_signature(period_id=period.pk, actor=lena, at=DECEMBER).state == PeriodState.OPEN

    def test_keeps_the_report_that_was_signed(self, locked: Period) -> None:
        assert hashlib.sha256(rfc8785.dumps(locked.report)).hexdigest() == locked.report_sha256
        assert [one["username"] for one in locked.report["signatures"]] == ["lena", "luis"]
        assert {row["currency"]: row["debit_minor"] for row in locked.report["journal"] if row["code"] == "4100"} == {
            "GBP": "2220"
        }
        assert locked.report["open"][0]["minor"] == "-100"
        with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
            Period.objects.update(report={})


class TestALockedMonth:
    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE refunds_statementline SET gross_minor = gross_minor - 1, net_minor = net_minor - 1",
            "UPDATE refunds_statementline SET booked_at = booked_at + interval '60 days'",
            "UPDATE refunds_statementline SET result = 'other'",
            "DELETE FROM refunds_match",
            "DELETE FROM refunds_statementline WHERE result = 'unmatched'",
            """INSERT INTO refunds_journalentry (event_key, kind, account, gateway, occurred_on, booked_on,
               subject_kind, subject_id, reference, line_count, created_at) VALUES ('x', 'refund', 'stripe', 'stripe',
               '2026-11-30', '2026-11-30', 'refund_request', 'x', 'x', 2, now())""",
        ],
    )
    def test_is_not_changed_past_every_command(self, locked: Period, sql: str) -> None:
        with (
            pytest.raises(IntegrityError, match="This month is closed"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql)

    def test_takes_no_new_line_or_match(self, locked: Period, north: Team) -> None:
        line = StatementLine.objects.get(result=LineResult.UNMATCHED)
        operation = paid(team=north, amount_minor=-line.gross_minor)

        with pytest.raises(IntegrityError, match="closed"), transaction.atomic():
            line_of("fee", -1)
        with pytest.raises(IntegrityError, match="closed"), transaction.atomic():
            Match.objects.create(
                line=line,
                operation=operation,
                line_minor=-line.gross_minor,
                amount_minor=-line.gross_minor,
                found_by="hand",
                explanation="It is.",
                matched_at=DECEMBER,
            )

    def test_lets_words_be_forgotten_and_other_months_go_on(self, locked: Period) -> None:
        StatementLine.objects.update(result_note="")
        line_of("fee", -120, at=DECEMBER)
        line_of("fee", -120, account="adyen")

        assert post_journal(at=DECEMBER).entry_count == 2

    def test_is_booked_late_into_the_first_open_month_with_its_own_day(self, locked: Period, north: Team) -> None:
        paid(team=north, amount_minor=70)

        post_journal(at=DECEMBER)

        entry = JournalEntry.objects.order_by("-pk")[0]
        assert (entry.occurred_on, entry.booked_on, entry.is_late) == (NOON.date(), date(2026, 12, 1), True)

    def test_has_a_late_failure_reversed_in_the_open_month(self, locked: Period) -> None:
        Operation.objects.update(state=OperationState.FAILED)

        post_journal(at=DECEMBER)

        reversal = JournalEntry.objects.get(kind="reversal")
        assert reversal.booked_on == DECEMBER.date()
        assert sum(JournalLine.objects.filter(entry=reversal).values_list("amount_minor", flat=True)) == 0

    def test_skips_closed_months_one_after_the_other(self, locked: Period, north: Team) -> None:
        paid(team=north, at=DECEMBER)
        post_journal(at=DECEMBER)
        periods.open_periods(since=THE_BEGINNING)
        december = Period.objects.get(first_on=date(2026, 12, 1))
        january = datetime(2027, 1, 5, tzinfo=UTC)
        for person in (locked.first_by, locked.second_by):
            assert person is not None
            signed(december, person, at=january)

        paid(team=north, amount_minor=1)
        post_journal(at=january)

        assert JournalEntry.objects.order_by("-pk")[0].booked_on == date(2027, 1, 1)

    def test_leaves_its_lines_out_of_matching(self, north: Team, lena: User, luis: User) -> None:
        operation = paid(team=north, amount_minor=100)
        line = line_of("refund", -100, operation_ref=str(operation.pk), result=LineResult.UNMATCHED)
        period = november()
        signed(period, lena)
        signed(period, luis)

        assert find_pairs(account="stripe", at=DECEMBER) == 0
        assert not matching.open_lines("stripe").exists()
        line.refresh_from_db()
        assert line.result == LineResult.UNMATCHED

    def test_keeps_the_lines_of_its_statement(self, locked: Period) -> None:
        line = StatementLine.objects.get(result=LineResult.UNMATCHED)

        assert "month that is closed" in why_closed(line.statement)

    def test_refuses_a_file_with_a_line_nobody_knew(self, locked: Period, lena: User) -> None:
        with pytest.raises(Refused, match="November 2026, which is closed"):
            importing.upload_statement(
                account="stripe", file=csv_file(report([row("txn_late", "-5.00")])), actor=lena, at=DECEMBER
            )


class TestReopening:
    def test_needs_two_people_and_a_reason(self, locked: Period, lena: User, luis: User) -> None:
        with pytest.raises(Refused, match="Say why"):
            periods.ask_to_reopen(period_id=locked.pk, why=" ", actor=lena, at=DECEMBER)
        with pytest.raises(OutOfDate):
            periods.reopen_period(period_id=locked.pk, actor=luis, at=DECEMBER)
        periods.ask_to_reopen(period_id=locked.pk, why="A file was missing.", actor=lena, at=DECEMBER)
        with pytest.raises(NotPermitted, match="somebody else"):
            periods.reopen_period(period_id=locked.pk, actor=lena, at=DECEMBER)

        reopened = periods.reopen_period(period_id=locked.pk, actor=luis, at=DECEMBER)

        assert (reopened.state, reopened.first_by, reopened.report) == (PeriodState.OPEN, None, {})
        line_of("fee", -1)
        assert [entry.kind for entry in timeline_of(locked.subject)][2:] == [
            "period.reopening_asked",
            "period.reopened",
        ]

    def test_can_be_asked_for_again_after_it_was_locked_again(self, locked: Period, lena: User, luis: User) -> None:
        for _ in range(2):
            periods.ask_to_reopen(period_id=locked.pk, why="Again.", actor=luis, at=DECEMBER)
            periods.reopen_period(period_id=locked.pk, actor=lena, at=DECEMBER)
            signed(locked, lena)
            signed(locked, luis)

        assert Period.objects.get(pk=locked.pk).is_locked

    @pytest.mark.parametrize("asked", [False, True])
    def test_is_held_by_the_database(self, locked: Period, lena: User, asked: bool) -> None:  # noqa: FBT001
        if asked:
            periods.ask_to_reopen(period_id=locked.pk, why="Please.", actor=lena, at=DECEMBER)
        changes = {"reopened_by": lena, "reopened_at": DECEMBER} if asked else {}

        with pytest.raises((IntegrityError, ProgrammingError)), transaction.atomic():
            Period.objects.update(state="open", first_by=None, second_by=None, **changes)


@pytest.mark.usefixtures("in_december")
class TestThePages:
    def test_close_a_month_without_a_script(self, north: Team, lena: User, luis: User) -> None:
        settled(paid(team=north, amount_minor=2220))
        period = november()
        address = reverse("refunds:sign_period", args=[period.pk])
        typed = {"note": "The export follows.", "acknowledged": ["statements", "exports"]}

        refused = client_of(lena).post(address, {"note": ""})
        assert refused.status_code == 422
        assert "No statement covers" in refused.text
        for person in (lena, luis):
            assert client_of(person).post(address, typed).status_code == 302

        assert Period.objects.get(pk=period.pk).is_locked
        page = client_of(lena).get(reverse("refunds:period_report", args=[period.pk])).text
        assert "As it was signed." in page
        assert "£22.20" in page
        assert Period.objects.get(pk=period.pk).report_sha256 in page
        assert "Stripe" in client_of(lena).get(reverse("refunds:periods")).text

    def test_print_the_report_as_the_same_bytes_every_time(self, locked: Period, lena: User) -> None:
        address = reverse("refunds:period_pdf", args=[locked.pk])
        first, second = (client_of(lena).get(address).content for _ in range(2))

        assert first.startswith(b"%PDF-")
        assert first == second
        document = pypdfium2.PdfDocument(first)
        words = "".join(page.get_textpage().get_text_range() for page in document)
        assert locked.report_sha256 in words.replace("\r\n", "")
        assert "GBP 22.20" in words
        assert "lena" in words

    def test_print_names_that_look_like_markup_as_words(self, north: Team, lena: User) -> None:
        GLAccount.objects.create(role="refund_expense", code="<b>4", name="<para> & 退款")
        paid(team=north)
        address = reverse("refunds:period_pdf", args=[november().pk])

        assert client_of(lena).get(address).content.startswith(b"%PDF-")

    def test_open_it_again(self, locked: Period, lena: User, luis: User) -> None:
        ask, agree = (reverse(f"refunds:{name}", args=[locked.pk]) for name in ("ask_to_reopen", "reopen_period"))

        assert client_of(lena).post(ask, {"why": ""}).status_code == 422
        assert client_of(lena).post(ask, {"why": "A file was missing."}).status_code == 302
        assert client_of(lena).post(agree).status_code == 403
        assert "A file was missing." in client_of(luis).get(locked.get_absolute_url()).text
        assert client_of(luis).post(agree).status_code == 302
        assert client_of(luis).post(agree).status_code == 409

    @pytest.mark.parametrize("name", ["period", "period_report"])
    def test_ask_as_much_for_much_as_for_little(self, north: Team, lena: User, name: str) -> None:
        counts = []
        for many in (1, 7):
            for _ in range(many):
                settled(paid(team=north))
                paid(team=north)
                line_of("refund", -100, result=LineResult.UNMATCHED)
            period = november()
            with CaptureQueriesContext(connection) as asked:
                assert client_of(lena).get(reverse(f"refunds:{name}", args=[period.pk])).status_code == 200
            counts.append(len(asked))

        assert counts[0] == counts[1]


@pytest.mark.usefixtures("in_december")
class TestTheApi:
    def test_lists_months_as_they_are(self, locked: Period, lena: User) -> None:
        answer = client_of(lena).get(reverse("refunds_api:periods"))

        assert answer.json()["results"] == [
            {
                "id": str(locked.pk),
                "account": "stripe",
                "from": "2026-11-01",
                "to": "2026-11-30",
                "state": "locked",
            }
        ]

    def test_signs_and_names_what_is_open(self, north: Team, lena: User) -> None:
        settled(paid(team=north))
        address = reverse("refunds_api:sign_off", args=[november().pk])
        desk = client_of(lena)

        refused = desk.post(address, {"note": "Seen."}, content_type="application/json")
        taken = desk.post(
            address, {"note": "Seen.", "acknowledged": ["statements", "exports"]}, content_type="application/json"
        )

        assert (refused.status_code, taken.status_code) == (422, 200)
        assert "open_items" in refused.text
        assert taken.json()["state"] == "signed"

    def test_signs_nothing_for_whoever_did_not_show_who_she_is(self, north: Team, lena: User) -> None:
        settled(paid(team=north))
        month, desk = november(), client_of(lena)
        address = reverse("refunds_api:sign_off", args=[month.pk])
        words = {"note": "Seen.", "acknowledged": EVERYTHING}
        make_stale(desk)

        stale = desk.post(address, words, content_type="application/json")
        token = Caller(lena).post(f"periods/{month.pk}/sign-off", words)

        assert {(no.status_code, no.json()["code"]) for no in (stale, token)} == {(403, "step_up_required")}
        assert Period.objects.get(pk=month.pk).state == PeriodState.OPEN
        assert not timeline_of(month.subject).exists()
        assert Caller(lena).fresh().post(f"periods/{month.pk}/sign-off", words).json()["state"] == "signed"


class TestAPeriod:
    def test_does_not_become_longer(self, locked: Period) -> None:
        with pytest.raises(ProgrammingError), transaction.atomic():
            Period.objects.update(last_on=locked.last_on + timedelta(days=1))


class TestTheListOfMonths:
    def test_asks_as_much_for_many_months_as_for_few(self, lena: User, north: Team) -> None:
        paid(team=north)
        november()
        desk, page = client_of(lena), reverse("refunds:periods")
        desk.get(page)
        with CaptureQueriesContext(connection) as few:
            desk.get(page)
        for number in range(1, 9):
            paid(team=north, at=NOON - timedelta(days=32 * number))
        november()

        with CaptureQueriesContext(connection) as many:
            desk.get(page)

        assert Period.objects.count() > 5
        assert len(many) == len(few)
