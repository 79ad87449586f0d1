"""Taking an import back: the lines go, what another file tells of them stays, and nothing that was acted on goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from config.kernel.jobs import Job
from config.kernel.outbox import drain
from config.kernel.refusals import NotPermitted, Refused
from evidence.models import LedgerEntry
from refunds.models import Statement, StatementBalance, StatementLine
from refunds.reconciliation.importing import run_import, upload_statement
from refunds.reconciliation.undoing import undo_import, why_closed
from tests.refunds.books import LATER, csv_file, paid, person_with

from .files import CAMT, PAYPAL, PAYPAL_HEADER, PAYPAL_LINES
from .reports import report, row

if TYPE_CHECKING:
    from django.test import Client

    from config.kernel.people import Team, User

pytestmark = pytest.mark.django_db


def taken_in(actor: User, content: bytes, name: str = "a.csv") -> Statement:
    statement, job = upload_statement(file=csv_file(content, name), actor=actor, at=LATER)
    assert job is not None
    run_import(job_id=job.pk, at=LATER)
    return statement


def ids() -> set[str]:
    return set(StatementLine.objects.values_list("external_id", flat=True))


class TestUndoImport:
    def test_takes_the_lines_and_keeps_the_file_and_the_reason(self, lena: User) -> None:
        statement = taken_in(lena, CAMT.encode(), "c.xml")

        count = undo_import(statement_id=statement.pk, why=" The wrong account. ", actor=lena, at=LATER)

        statement.refresh_from_db()
        assert (count, statement.undone_why, statement.undone_by) == (1, "The wrong account.", lena)
        assert bytes(statement.content) == CAMT.encode()
        assert not StatementLine.objects.exists()
        assert not StatementBalance.objects.exists()
        assert LedgerEntry.objects.filter(kind="statement.undone", subject_id=statement.pk).exists()

    def test_lets_the_same_file_in_again(self, lena: User) -> None:
        first = taken_in(lena, CAMT.encode(), "c.xml")
        undo_import(statement_id=first.pk, why="Too early.", actor=lena, at=LATER)

        second = taken_in(lena, CAMT.encode(), "c.xml")

        assert second != first
        assert second.lines.count() == 1

    def test_keeps_what_another_file_tells_too(self, lena: User) -> None:
        first = taken_in(lena, "\n".join([PAYPAL_HEADER, *PAYPAL_LINES[:4], ""]).encode())
        taken_in(lena, PAYPAL.encode())
        everything = ids()

        undo_import(statement_id=first.pk, why="Half of it.", actor=lena, at=LATER)
        drain()

        assert ids() == everything
        assert StatementBalance.objects.count() == 2

    def test_is_refused_once_a_line_closed_a_request(self, lena: User, north: Team) -> None:
        operation = paid(team=north)
        statement = taken_in(lena, report([row("txn_1", "-22.20", operation=str(operation.pk))]))

        with pytest.raises(Refused, match="1 of its lines closed a request") as refused:
            undo_import(statement_id=statement.pk, why="Never mind.", actor=lena, at=LATER)

        assert refused.value.code == "statement_closed"
        assert statement.lines.count() == 1

    def test_is_refused_while_it_is_imported(self, lena: User) -> None:
        statement, _ = upload_statement(file=csv_file(CAMT.encode(), "c.xml"), actor=lena, at=LATER)

        assert "under way" in why_closed(statement)

    @pytest.mark.parametrize("why", ["", "   "])
    def test_needs_a_reason(self, lena: User, why: str) -> None:
        statement = taken_in(lena, CAMT.encode(), "c.xml")

        with pytest.raises(Refused, match="Say why"):
            undo_import(statement_id=statement.pk, why=why, actor=lena, at=LATER)

    def test_needs_the_right(self, lena: User) -> None:
        statement = taken_in(lena, CAMT.encode(), "c.xml")

        with pytest.raises(NotPermitted):
            undo_import(statement_id=statement.pk, why="x", actor=person_with("amir"), at=LATER)

        assert statement.lines.count() == 1

    def test_happens_once(self, lena: User) -> None:
        statement = taken_in(lena, CAMT.encode(), "c.xml")
        undo_import(statement_id=statement.pk, why="x", actor=lena, at=LATER)

        with pytest.raises(Refused, match="undone already"):
            undo_import(statement_id=statement.pk, why="x", actor=lena, at=LATER)

    def test_is_offered_on_the_page_and_shown_there(self, client: Client, lena: User) -> None:
        statement = taken_in(lena, CAMT.encode(), "c.xml")
        client.force_login(lena)
        address = reverse("refunds:statement", args=[statement.pk])

        assert "Undo this import" in client.get(address).text
        client.post(reverse("refunds:undo_import", args=[statement.pk]), {"why": "Wrong bank."})
        page = client.get(address).text

        assert "Wrong bank." in page
        assert "Undone" in client.get(reverse("refunds:reconciliation"), {"tab": "statements"}).text
        assert "Undo this import" not in page
        client.post(reverse("refunds:match_again", args=[statement.pk]))
        assert Job.objects.count() == 1
