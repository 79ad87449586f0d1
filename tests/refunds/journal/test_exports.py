"""Files for the general ledger."""

from __future__ import annotations

import csv
import hashlib
import io
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config.kernel.jobs import Job as JobRow
from config.kernel.jobs import JobState
from config.kernel.refusals import Refused
from refunds.books import exporting
from refunds.books.exporting import ExportWish
from refunds.books.posting import post_journal
from refunds.models import GLAccount, GLExport, GLExportEntry, RefundRequest
from tests.architecture.asking import client_of
from tests.refunds.books import LATER, paid, person_with, team_called
from tests.refunds.reconciliation.reports import sample

from .lines import line_of

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django import DjangoAssertNumQueries, Settings

    from config.kernel.people import Team, User

pytestmark = pytest.mark.django_db


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
def north() -> Team:
    return team_called("north")


@pytest.fixture
def lena(north: Team) -> User:
    rights = ("refunds.view_journalentry", "refunds.view_glexport", "refunds.add_glexport")
    return person_with("lena", *rights, teams=(north,))


def wish(**columns: Any) -> ExportWish:
    """Want all of November."""
    return ExportWish(
        **{"format": "csv", "from_on": date(2026, 11, 1), "to_on": date(2026, 11, 30), "is_only_new": False, **columns}
    )


def made(person: User, **columns: Any) -> GLExport:
    """Ask for an export and let the worker make it."""
    export = exporting.ask_for_export(wish=wish(**columns), actor=person, at=LATER)
    exporting.run_export(job_id=export.job_id, at=LATER)
    return GLExport.objects.get(pk=export.pk)


def taken(person: User, export: GLExport) -> bytes:
    """Download it."""
    answer = client_of(person).get(reverse("refunds:gl_export_file", args=[export.pk]))
    return b"".join(answer.streaming_content)  # type: ignore[attr-defined]


def rows_of(content: bytes) -> list[list[str]]:
    """Read a file as a general ledger would."""
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


class TestAnExport:
    def test_says_how_many_rows_what_sum_and_which_hash(self, lena: User, north: Team) -> None:
        paid(team=north, amount_minor=2220)
        paid(team=north, amount_minor=1000, currency="EUR")
        post_journal(at=LATER)

        export = made(lena)

        content = taken(lena, export)
        assert hashlib.sha256(content).hexdigest() == export.sha256
        assert len(rows_of(content)) - 1 == export.row_count == 4
        assert export.sums == {"EUR": "1000", "GBP": "2220"}
        assert "from 2026-11-01 to 2026-11-30" in export.query

    def test_is_the_same_bytes_every_time(self, lena: User, north: Team) -> None:
        paid(team=north)
        post_journal(at=LATER)
        export = made(lena)
        first = taken(lena, export)
        GLAccount.objects.create(role="refund_expense", code="4100", name="Renamed since")
        paid(team=north)
        post_journal(at=LATER)

        assert taken(lena, export) == first

    def test_of_only_what_is_new_leaves_out_what_was_taken(self, lena: User, north: Team) -> None:
        paid(team=north)
        post_journal(at=LATER)
        first = made(lena, is_only_new=True)
        paid(team=north)
        post_journal(at=LATER)

        second, third = made(lena, is_only_new=True), made(lena)

        assert (first.entry_count, second.entry_count, third.entry_count) == (1, 1, 2)
        entries = [set(one.marks.values_list("entry_id", flat=True)) for one in (first, second)]
        assert not entries[0] & entries[1]

    def test_begins_again_after_a_killed_worker(self, lena: User, north: Team) -> None:
        paid(team=north)
        post_journal(at=LATER)
        export = exporting.ask_for_export(wish=wish(is_only_new=True), actor=lena, at=LATER)
        exporting._mark(export)

        exporting.run_export(job_id=export.job_id, at=LATER)
        exporting.run_export(job_id=export.job_id, at=LATER)

        assert GLExport.objects.get().entry_count == 1

    def test_leaves_out_other_teams_and_other_currencies(self, lena: User, north: Team) -> None:
        paid(team=north)
        paid(team=north, currency="EUR")
        paid(team=team_called("south"))
        line_of("fee", -120)
        post_journal(at=LATER)

        assert made(lena).entry_count == 3
        assert made(lena, currency="GBP").entry_count == 2

    def test_is_not_for_whoever_works_for_fewer_teams(self, lena: User, north: Team) -> None:
        paid(team=north)
        post_journal(at=LATER)
        export = made(lena)
        luis = person_with("luis", "refunds.view_glexport", teams=(team_called("south"),))

        assert client_of(luis).get(reverse("refunds:gl_export_file", args=[export.pk])).status_code == 404

    def test_does_not_change_once_it_is_made(self, lena: User, north: Team) -> None:
        paid(team=north)
        post_journal(at=LATER)
        made(lena)

        for sql, error in (
            ("UPDATE refunds_glexport SET row_count = 0", ProgrammingError),
            ("DELETE FROM refunds_glexportentry", IntegrityError),
        ):
            with pytest.raises(error), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(sql)
        assert GLExportEntry.objects.count() == 1


class TestFormats:
    def test_of_netsuite_have_the_columns_of_the_sample(self, lena: User, north: Team) -> None:
        operation = paid(team=north, amount_minor=2220)
        post_journal(at=LATER)

        header, debit, credit = rows_of(taken(lena, made(lena, format="netsuite", subsidiary="1")))

        assert header == rows_of(sample("gl_netsuite_journal.csv"))[0]
        reference = operation.refund_request.reference
        assert debit[1:] == ["2026-11-12", "1", "GBP", f"Refund {reference}", "4100 Refunds", "22.20", "", reference]
        assert credit[5:8] == ["1150 Refunds in clearing", "", "22.20"]
        assert debit[0] == credit[0]

    def test_of_xero_are_signed_and_in_one_currency(self, lena: User, north: Team) -> None:
        paid(team=north, amount_minor=2220)
        post_journal(at=LATER)

        rows = rows_of(taken(lena, made(lena, format="xero", currency="GBP")))

        assert [row[5] for row in rows[1:]] == ["22.20", "-22.20"]
        with pytest.raises(Refused, match="one currency"):
            made(lena, format="xero")

    @pytest.mark.parametrize("form", ["netsuite", "quickbooks", "xero", "csv"])
    def test_let_no_cell_be_a_formula(self, lena: User, north: Team, form: str) -> None:
        operation = paid(team=north)
        RefundRequest.objects.filter(pk=operation.refund_request_id).update(reference="=1+1")
        GLAccount.objects.create(role="refund_expense", code="@SUM(A1)", name="\t=cmd")
        post_journal(at=LATER)

        cells = [cell for row in rows_of(taken(lena, made(lena, format=form, currency="GBP"))) for cell in row]

        assert not [cell for cell in cells if cell[:1] in "=+@\t" and cell] + [
            cell for cell in cells if cell.startswith("-") and not cell[1:].replace(".", "").isdigit()
        ]

    def test_keep_the_digits_of_each_currency(self, lena: User, north: Team) -> None:
        paid(team=north, amount_minor=500, currency="JPY")
        paid(team=north, amount_minor=1234, currency="KWD")
        post_journal(at=LATER)

        rows = rows_of(taken(lena, made(lena, format="quickbooks")))

        assert [(row[7], row[3] or row[4]) for row in rows[1::2]] == [("JPY", "500"), ("KWD", "1.234")]


class TestThePage:
    def test_asks_makes_and_shows(self, lena: User, north: Team) -> None:
        paid(team=north)
        post_journal(at=LATER)
        desk = client_of(lena)
        typed = {"format": "csv", "from_on": "2026-11-01", "to_on": "2026-11-30", "currency": "gbp"}

        answer = desk.post(reverse("refunds:gl_exports"), typed)

        export = GLExport.objects.get()
        assert answer.headers["Location"] == reverse("refunds:gl_export", args=[export.pk])
        assert "Waiting for a worker" in desk.get(answer.headers["Location"]).text
        exporting.run_export(job_id=export.job_id, at=LATER)
        assert export.pk.hex
        assert GLExport.objects.get().sha256 in desk.get(answer.headers["Location"]).text
        assert "CSV with every column" in desk.get(reverse("refunds:gl_exports")).text

    def test_refuses_days_in_the_wrong_order_at_the_field(self, lena: User) -> None:
        typed = {"format": "csv", "from_on": "2026-11-30", "to_on": "2026-11-01"}

        answer = client_of(lena).post(reverse("refunds:gl_exports"), typed)

        assert answer.status_code == 422
        assert "The last day is before the first." in answer.text
        assert not GLExport.objects.exists()


class TestStoppingAnExport:
    def test_makes_no_file_and_leaves_the_entries_to_the_next(self, lena: User, north: Team) -> None:
        paid(team=north)
        post_journal(at=LATER)
        stopped = exporting.ask_for_export(wish=wish(), actor=lena, at=LATER)
        JobRow.objects.filter(pk=stopped.job.pk).update(state=JobState.RUNNING, is_cancel_wanted=True)

        exporting.run_export(job_id=stopped.job.pk, at=LATER)

        assert JobRow.objects.get(pk=stopped.job.pk).state == JobState.CANCELLED
        assert not GLExport.objects.get(pk=stopped.pk).sha256
        assert not GLExportEntry.objects.exists()
        following = exporting.ask_for_export(wish=wish(), actor=lena, at=LATER)
        exporting.run_export(job_id=following.job.pk, at=LATER)
        assert GLExportEntry.objects.filter(export=following).count() == 1

    def test_is_asked_for_on_its_page(self, lena: User, north: Team) -> None:
        export = exporting.ask_for_export(wish=wish(), actor=lena, at=LATER)
        desk = client_of(lena)

        desk.post(reverse("refunds:cancel_gl_export", args=[export.pk]))
        exporting.run_export(job_id=export.job.pk, at=LATER)

        assert "The export was stopped." in desk.get(reverse("refunds:gl_export", args=[export.pk])).text
        assert desk.post(reverse("refunds:cancel_gl_export", args=[export.pk])).status_code == 409

    def test_needs_the_right(self, lena: User, north: Team) -> None:
        export = exporting.ask_for_export(wish=wish(), actor=lena, at=LATER)
        auditor = person_with("ada", "refunds.view_glexport", teams=(north,))

        assert client_of(auditor).post(reverse("refunds:cancel_gl_export", args=[export.pk])).status_code == 403
        assert JobRow.objects.get(pk=export.job.pk).state == JobState.QUEUED


class TestTheListOfExports:
    def test_costs_as_many_queries_for_many_as_for_one(
        self, lena: User, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        desk = client_of(lena)
        for _ in range(2):
            exporting.ask_for_export(wish=wish(), actor=lena, at=LATER)
        desk.get(reverse("refunds:gl_exports"))
        with CaptureQueriesContext(connection) as few:
            desk.get(reverse("refunds:gl_exports"))
        for _ in range(10):
            exporting.ask_for_export(wish=wish(), actor=lena, at=LATER)

        with django_assert_max_num_queries(len(few)):
            desk.get(reverse("refunds:gl_exports"))
