"""Two people who resolve the same break, and two imports that find it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from config.kernel.refusals import OutOfDate
from evidence.models import LedgerEntry
from refunds.breaks.resolving import confirm_resolution, resolve_break
from refunds.breaks.vocabulary import BreakState, Resolution
from refunds.models import Break, BreakLimit
from refunds.reconciliation.importing import run_import, upload_statement
from tests.harness.people import settle
from tests.harness.races import in_the_same_instant, losers
from tests.refunds.books import LATER, csv_file
from tests.refunds.reconciliation.reports import report, row

if TYPE_CHECKING:
    from config.kernel.people import User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def lena(append_only_tables_can_be_flushed: None) -> User:
    """Settle Lena of finance."""
    return settle("lena")


def found(lena: User, *rows: dict[str, str]) -> list[Break]:
    _, job = upload_statement(account="stripe", file=csv_file(report(rows)), actor=lena, at=LATER)
    assert job is not None
    run_import(job_id=job.pk, at=LATER)
    return list(Break.objects.order_by("reference"))


class TestTwoPeople:
    def test_who_resolve_a_break_at_once_resolve_it_once(self, lena: User) -> None:
        BreakLimit.objects.create(currency="GBP", above_minor=10_00)
        [one] = found(lena, row("txn_1", "-5.00"))

        results = in_the_same_instant(
            *[
                lambda who=who: resolve_break(
                    break_id=one.pk, resolution=Resolution.ACCEPT, note="Seen.", actor=who, at=LATER
                )
                for who in (lena, settle("luis"))
            ]
        )

        assert [type(loser) for loser in losers(results)] == [OutOfDate]
        assert Break.objects.get().state == BreakState.RESOLVED
        assert LedgerEntry.objects.filter(kind="break.resolved").count() == 1

    def test_cannot_both_be_the_second(self, lena: User) -> None:
        [one] = found(lena, row("txn_1", "-5.00"))
        resolve_break(break_id=one.pk, resolution=Resolution.ACCEPT, note="Seen.", actor=lena, at=LATER)
        luis, zeus = settle("luis"), settle("zeus")

        results = in_the_same_instant(
            *[lambda who=who: confirm_resolution(break_id=one.pk, actor=who, at=LATER) for who in (luis, zeus)]
        )

        assert [type(loser) for loser in losers(results)] == [OutOfDate]
        assert Break.objects.get().confirmed_by in {luis, zeus}


class TestTwoImports:
    def test_of_the_same_lines_open_each_break_once(self, lena: User) -> None:
        rows = [row(f"txn_{n}", f"-{n + 1}.00") for n in range(60)]
        jobs = []
        for content in (rows, rows[::-1], rows[20:]):
            _, job = upload_statement(account="stripe", file=csv_file(report(content)), actor=lena, at=LATER)
            assert job is not None
            jobs.append(job.pk)

        results = in_the_same_instant(*[lambda pk=pk: run_import(job_id=pk, at=LATER) for pk in jobs])

        assert losers(results) == []
        assert Break.objects.count() == 60
        assert LedgerEntry.objects.filter(kind="break.opened").count() == 60
