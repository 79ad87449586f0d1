"""Each statement of an account begins with what the one before it ended with, or somebody is told."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from refunds.books import periods
from refunds.books.closing import checklist
from refunds.models import Period
from refunds.reconciliation.continuity import gaps_between
from refunds.reconciliation.importing import preview_statement, run_import, upload_statement
from refunds.reconciliation.undoing import undo_import
from tests.refunds.books import csv_file

from .files import OFX

if TYPE_CHECKING:
    from config.kernel.people import User
    from refunds.models import Statement

pytestmark = pytest.mark.django_db

NOVEMBER, DECEMBER = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
LATER = datetime(2026, 11, 30, 12, tzinfo=UTC)
AMOUNT = re.compile(r"(?<=TRNAMT>)[+-][0-9]+[.,][0-9]{2}|(?<=<BALAMT>)11044[.]65")


def one_line(day: int, minor: int, closing_minor: int, currency: str = "GBP") -> bytes:
    """Print a statement of one day with one line."""
    return (
        f"<OFX><STMTRS><CURDEF>{currency}<BANKID>202015<ACCTID>55555555<BANKTRANLIST><STMTTRN><TRNTYPE>CREDIT"
        f"<DTPOSTED>202611{day:02}<TRNAMT>{minor / 100:.2f}<FITID>D{day}</STMTTRN></BANKTRANLIST>"
        f"<LEDGERBAL><BALAMT>{closing_minor / 100:.2f}</LEDGERBAL></STMTRS></OFX>"
    ).encode()


def taken_in(lena: User, content: bytes, name: str) -> Statement:
    statement, job = upload_statement(file=csv_file(content, name), actor=lena, at=LATER, name="ofx")
    assert job is not None
    run_import(job_id=job.pk, at=LATER)
    return statement


def said() -> list[str]:
    return [str(gap) for gap in gaps_between("bank", from_at=NOVEMBER, until_at=DECEMBER)]


@pytest.fixture
def first(lena: User) -> Statement:
    """Take in the seventeenth, which ends with £10,000.00."""
    return taken_in(lena, one_line(17, 1_00, 10_000_00), "17.ofx")


@pytest.mark.usefixtures("north", "first")
class TestTheNextStatement:
    def test_that_goes_on_is_not_spoken_of(self, lena: User) -> None:
        taken_in(lena, OFX.encode(), "18.ofx")

        assert said() == []

    def test_that_does_not_is_named_with_the_difference(self, lena: User) -> None:
        taken_in(lena, one_line(19, 2_00, 10_102_50), "19.ofx")

        (sentence,) = said()
        assert sentence.startswith("20201555555555 begins with £10,100.50, and 17.ofx ended on 17 November with £10,00")
        assert sentence.endswith(": £100.50 apart. A statement between them may be missing, or an amount is wrong.")

    def test_that_does_not_stands_on_the_checklist_of_its_month(self, lena: User) -> None:
        taken_in(lena, one_line(19, 2_00, 10_102_50), "19.ofx")
        periods.open_periods(since=NOVEMBER)
        month = Period.objects.get(account="bank", first_on=NOVEMBER.date())

        (item,) = [item for item in checklist(month) if item.key == "balances"]

        assert (item.count, item.is_open, [item.sentence]) == (1, True, said())

    def test_comes_between_two_and_mends_it(self, lena: User) -> None:
        taken_in(lena, one_line(19, 2_00, 10_102_50), "19.ofx")
        taken_in(lena, one_line(18, 100_50, 10_100_50), "18.ofx")

        assert said() == []

    def test_that_was_undone_does_not_count(self, lena: User, first: Statement) -> None:
        taken_in(lena, one_line(19, 2_00, 10_102_50), "19.ofx")
        undo_import(statement_id=first.pk, actor=lena, why="The bank sent another.", at=LATER)

        assert said() == []

    def test_in_another_currency_is_another_account(self, lena: User) -> None:
        taken_in(lena, one_line(19, 2_00, 2_00, currency="EUR"), "19.ofx")

        assert said() == []

    def test_of_the_same_days_is_not_held_against_it(self, lena: User) -> None:
        taken_in(lena, one_line(17, 3_00, 10_500_00).replace(b"D17", b"D17b"), "17b.ofx")

        assert said() == []

    def test_shows_any_digit_of_it_that_was_changed(self, lena: User) -> None:
        places = [place for found in AMOUNT.finditer(OFX) for place in range(*found.span()) if OFX[place].isdecimal()]
        for place in places:
            wrong = OFX[:place] + str((int(OFX[place]) + 1) % 10) + OFX[place + 1 :]
            preview = preview_statement(file=csv_file(wrong.encode(), "w.ofx"), actor=lena, at=LATER)
            assert "apart. A statement between them may be missing" in preview.warnings[-1]

        right = preview_statement(file=csv_file(OFX.encode(), "r.ofx"), actor=lena, at=LATER)
        assert (len(places), len(right.warnings)) == (21, 1)
