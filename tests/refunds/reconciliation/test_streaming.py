"""Files that are too long for an upload."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

import pytest
from django.core.management import CommandError, call_command

from config.kernel.outbox import OutboxRow, drain
from refunds.models import Statement, StatementBalance, StatementLine
from refunds.reconciliation import streaming
from refunds.reconciliation.importing import run_import, upload_statement
from refunds.reconciliation.undoing import why_closed
from refunds.vocabulary import State
from tests.refunds.books import LATER, csv_file, fresh, paid

from .files import CAMT, PAYPAL
from .reports import report, row

if TYPE_CHECKING:
    from pathlib import Path

    from config.kernel.people import Team, User

pytestmark = pytest.mark.django_db


def imported(path: Path, **options: str) -> str:
    out = StringIO()
    call_command("import_statement", str(path), by="lena", stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """A year of PayPal."""
    path = tmp_path / "year.csv"
    path.write_text(PAYPAL)
    return path


@pytest.mark.usefixtures("lena")
class TestImportStatement:
    def test_takes_a_file_in_once(self, export: Path) -> None:
        first, again = imported(export), imported(export)

        assert "7 lines, 7 of them new, as paypal.activity" in first
        assert "nothing was added" in again
        assert StatementLine.objects.count() == 7
        assert StatementBalance.objects.count() == 2
        assert bytes(Statement.objects.get().content) == PAYPAL.encode()

    def test_keeps_the_hash_alone_of_what_is_too_large(self, export: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(streaming, "LARGEST_FILE_BYTES", 100)
        imported(export)

        statement = Statement.objects.get()
        assert (bytes(statement.content), statement.is_imported) == (b"", True)
        assert not why_closed(statement) or "under way" in why_closed(statement)

    def test_has_its_lines_matched_by_a_worker(self, north: Team, tmp_path: Path) -> None:
        operation = paid(team=north)
        path = tmp_path / "payout.csv"
        path.write_bytes(report([row("txn_1", "-22.20", operation=str(operation.pk))]))

        imported(path)
        drain()

        assert fresh(operation.refund_request).state == State.RECONCILED

    @pytest.mark.parametrize(
        ("right", "wrong", "why"),
        [
            ("996.77", "996.78", "does not follow"),
            ("16/11/2026", "16/11/2028", "yet to come"),
            (",Hold,", ",Riddle,", "kinds we do not know"),
            ("Gross,Fee", "Gross,Fees", "Nobody recognises"),
        ],
    )
    def test_refuses_it_whole(self, export: Path, right: str, wrong: str, why: str) -> None:
        export.write_text(PAYPAL.replace(right, wrong))

        with pytest.raises(CommandError, match=why):
            imported(export)

        assert not Statement.objects.exists()
        assert not StatementLine.objects.exists()
        assert not OutboxRow.objects.exists()

    def test_leaves_what_is_no_table_to_the_upload(self, tmp_path: Path) -> None:
        path = tmp_path / "c.xml"
        path.write_text(CAMT)

        with pytest.raises(CommandError, match="read as a whole"):
            imported(path)

    def test_wants_somebody_and_a_file(self, export: Path) -> None:
        with pytest.raises(CommandError, match="nobody called"):
            call_command("import_statement", str(export), by="nobody")
        with pytest.raises(CommandError, match="is not a file"):
            imported(export.parent)

    def test_bars_the_undoing_of_an_import_that_overlaps(
        self, lena: User, export: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        statement, job = upload_statement(file=csv_file(PAYPAL.encode()), actor=lena, at=LATER)
        assert job is not None
        run_import(job_id=job.pk, at=LATER)
        monkeypatch.setattr(streaming, "LARGEST_FILE_BYTES", 100)
        export.write_text(f"{PAYPAL}\n\n")
        imported(export)

        assert "too large to be kept" in why_closed(statement)
