"""Two workers with the same statement, two files with the same lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from refunds.models import Match, StatementLine
from refunds.reconciliation.importing import run_import, upload_statement
from refunds.vocabulary import State
from tests.harness.people import settle
from tests.harness.races import in_the_same_instant, losers
from tests.refunds.books import LATER, csv_file, fresh, paid, team_called
from tests.refunds.reconciliation.reports import report, row

if TYPE_CHECKING:
    from config.kernel.people import User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def finance(append_only_tables_can_be_flushed: None) -> User:
    """Settle Lena of finance."""
    return settle("lena")


class TestTwoWorkers:
    """Each refund is matched once, whoever comes first."""

    def test_with_the_same_job_match_every_line_once(self, finance: User) -> None:
        operations = [paid(team=team_called("uk-retail"), amount_minor=100 + n) for n in range(15)]
        rows = [row(f"txn_{n}", f"-{one.amount.major}", operation=str(one.pk)) for n, one in enumerate(operations)]
        _, job = upload_statement(account="stripe", file=csv_file(report(rows)), actor=finance, at=LATER)
        assert job is not None

        results = in_the_same_instant(*[lambda: run_import(job_id=job.pk, at=LATER)] * 3)

        assert losers(results) == []
        assert (StatementLine.objects.count(), Match.objects.count()) == (15, 15)
        assert {fresh(one.refund_request).state for one in operations} == {State.RECONCILED}

    def test_with_overlapping_files_store_each_line_once(self, finance: User) -> None:
        rows = [row(f"txn_{n}", "5.00", category="charge") for n in range(400)]
        jobs = []
        for content in (rows, rows[::-1], rows[100:]):
            _, job = upload_statement(account="stripe", file=csv_file(report(content)), actor=finance, at=LATER)
            assert job is not None
            jobs.append(job.pk)

        results = in_the_same_instant(*[lambda pk=pk: run_import(job_id=pk, at=LATER) for pk in jobs])

        assert losers(results) == []
        assert StatementLine.objects.count() == 400

    def test_upload_of_the_same_file_twice_at_once_is_one_statement(self, finance: User) -> None:
        content = report([row("txn_1", "5.00", category="charge")])

        results = in_the_same_instant(
            *[lambda: upload_statement(account="stripe", file=csv_file(content), actor=finance, at=LATER)] * 3
        )

        assert losers(results) == []
        assert len({one[0].pk for one in results if isinstance(one, tuple)}) == 1
        assert sum(one[1] is not None for one in results if isinstance(one, tuple)) == 1
