"""Exports in a spreadsheet: hostile names stay text, amounts stay numbers."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from defusedxml.ElementTree import fromstring

from refunds.books import exporting
from refunds.books.exporting import ExportWish
from refunds.books.posting import post_journal
from refunds.books.vocabulary import ExportFormat
from refunds.models import GLAccount, GLExport
from tests.refunds.books import LATER, paid, person_with, team_called

from .lines import line_of

if TYPE_CHECKING:
    from pathlib import Path
    from xml.etree.ElementTree import Element

    from pytest_django import Settings

    from config.kernel.people import User

pytestmark = pytest.mark.django_db

HOSTILE = (
    '=HYPERLINK("http://evil.example/","x")',
    "+1+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "\t=1+1",
    "\r=1+1",
    "  =1+1",
    "\uff1d1+1",
)
"""What spreadsheets were talked into running, as names of accounts: OWASP's list, and its full-width twin."""

_RUNS = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")

OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
FILTER = "CSV:44,34,76,1,,0,false,true,false,false,false,-1,true"
"""Comma, quotes, UTF-8, from the first line, numbers recognised, and formulas evaluated: the most trusting way."""


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
def lena() -> User:
    rights = ("refunds.view_journalentry", "refunds.view_glexport", "refunds.add_glexport")
    return person_with("lena", *rights, teams=(team_called("north"),))


def exported(lena: User, tmp_path: Path, name: str, hostile: str) -> Path:
    """Book something against accounts with a hostile name, and take the journal as a file."""
    GLAccount.objects.create(role="refund_expense", code="4100", name=hostile[:80])
    GLAccount.objects.create(role="fees", code="6100", name=f"{hostile[:70]} fees")
    paid(team=team_called("north"), amount_minor=123_456)
    line_of("fee", -120)
    post_journal(at=LATER)
    wish = ExportWish(
        format=name,
        from_on=LATER.date().replace(day=1),
        to_on=LATER.date().replace(day=30),
        currency="GBP",
        subsidiary=hostile[:20],
    )
    export = exporting.ask_for_export(wish=wish, actor=lena, at=LATER)
    exporting.run_export(job_id=export.job.pk, at=LATER)
    return tmp_path / GLExport.objects.get(pk=export.pk).file


def amounts(rows: list[list[str]]) -> list[Decimal]:
    """Read every number with a point."""
    return [Decimal(cell) for row in rows[1:] for cell in row if _NUMBER.fullmatch(cell) and "." in cell]


class TestAnExport:
    @pytest.mark.parametrize("name", ExportFormat.values)
    @pytest.mark.parametrize("hostile", HOSTILE)
    def test_has_no_cell_that_a_spreadsheet_would_run(
        self, lena: User, tmp_path: Path, name: str, hostile: str
    ) -> None:
        text = exported(lena, tmp_path, name, hostile).read_text(encoding="utf-8-sig")

        rows = list(csv.reader(io.StringIO(text, newline="")))

        assert not [cell for row in rows for cell in row if _RUNS.match(cell) and not _NUMBER.fullmatch(cell)]
        assert Decimal("1234.56") in [abs(amount) for amount in amounts(rows)]
        assert len({len(row) for row in rows}) == 1

    @pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not on this machine")
    @pytest.mark.parametrize("name", ExportFormat.values)
    def test_opens_in_libreoffice_without_formulas_and_with_numbers(
        self, lena: User, tmp_path: Path, name: str
    ) -> None:
        file = exported(lena, tmp_path, name, HOSTILE[0])
        told = sorted(amounts(list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline="")))))

        cells = in_libreoffice(file, tmp_path)

        assert not [cell for cell in cells if cell.get(f"{TABLE}formula")]
        numbers = [
            Decimal(cell.get(f"{OFFICE}value") or "0") for cell in cells if cell.get(f"{OFFICE}value-type") == "float"
        ]
        assert told
        assert not [amount for amount in told if amount not in numbers]


def in_libreoffice(file: Path, folder: Path) -> list[Element]:
    """Let LibreOffice open a CSV file, and read the cells it found."""
    office = shutil.which("soffice") or ""
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = [office, profile, "--headless", f"--infilter={FILTER}", "--convert-to", "fods", "--outdir", str(folder)]
    subprocess.run([*command, str(file)], check=True, timeout=120, capture_output=True)
    root = fromstring((folder / f"{file.stem}.fods").read_text(encoding="utf-8"))
    return list(root.iter(f"{TABLE}table-cell"))
