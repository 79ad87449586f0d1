"""Taking statements in: whole or not at all, and never twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from config.kernel.jobs import Job, JobState, cancel_job
from config.kernel.outbox import OutboxRow
from config.kernel.refusals import NotPermitted, Refused
from evidence.models import LedgerEntry
from refunds.models import Match, Statement, StatementLine
from refunds.reconciliation import checking
from refunds.reconciliation.importing import RIGHTS, queue_matching, run_import, upload_statement
from tests.refunds.books import LATER, csv_file, fresh, paid, person_with

from .reports import report, row, sample

if TYPE_CHECKING:
    from pytest_django import Settings

    from config.kernel.people import Team, User

pytestmark = pytest.mark.django_db


def upload(
    actor: User, content: bytes, *, name: str = "payout.csv", payout_total: str = ""
) -> tuple[Statement, Job | None]:
    return upload_statement(
        account="stripe", file=csv_file(content, name), actor=actor, at=LATER, payout_total=payout_total
    )


def taken_in(actor: User, content: bytes) -> dict[str, object]:
    """Upload and import, and answer the job's result."""
    _, job = upload(actor, content)
    assert job is not None
    run_import(job_id=job.pk, at=LATER)
    job.refresh_from_db()
    assert job.state == JobState.SUCCEEDED
    assert job.result is not None
    return dict(job.result)


def check_nothing_was_written() -> None:
    for model in (Statement, StatementLine, Match, Job, OutboxRow, LedgerEntry):
        assert not model.objects.exists(), model


class TestUploadStatement:
    """What is kept, and what is refused."""

    def test_keeps_the_file_and_queues_its_import(self, lena: User) -> None:
        statement, job = upload(lena, sample("stripe_payout_reconciliation_itemized_5.csv"))

        assert job is not None
        assert (statement.currency, statement.net_minor, statement.line_count) == ("GBP", 109_215, 9)
        assert OutboxRow.objects.get(news="job.queued.import_statement").ids == {"job_id": str(job.pk)}
        assert not StatementLine.objects.exists()

    def test_answers_the_first_statement_to_the_same_file(self, lena: User) -> None:
        content = report([row("txn_1", "-1.00")])
        first, job = upload(lena, content)
        assert job is not None
        run_import(job_id=job.pk)

        again, no_job = upload(lena, content, name="renamed.csv")

        assert (again, no_job) == (first, None)
        assert Statement.objects.count() == Job.objects.count() == StatementLine.objects.count() == 1

    @pytest.mark.parametrize(
        ("name", "says"),
        [
            ("broken_stripe_duplicate_line.csv", "already on line 5"),
            ("broken_stripe_minor_units.csv", "smallest unit"),
        ],
    )
    def test_refuses_a_broken_file_and_writes_nothing(self, lena: User, name: str, says: str) -> None:
        with pytest.raises(Refused, match=says) as refused:
            upload(lena, sample(name))

        assert refused.value.code == "broken_statement"
        check_nothing_was_written()

    def test_refuses_the_file_of_another_account(self, lena: User) -> None:
        with pytest.raises(Refused, match="a file of PayPal") as refused:
            upload(lena, sample("paypal_activity.csv"))

        assert refused.value.code == "wrong_account"
        check_nothing_was_written()

    @pytest.mark.parametrize(
        ("content", "name", "code"),
        [
            (b"", "empty.csv", "broken_statement"),
            (b"PK\x03\x04 a workbook", "report.csv", "unsupported_media_type"),
            (b"%PDF-1.7", "report.csv", "unsupported_media_type"),
            (b"a,b\n1,2\n", "report.xlsx", "unsupported_media_type"),
            (b"a\0b", "report.csv", "unsupported_media_type"),
            (b"\xff\xfe,", "report.csv", "broken_statement"),
        ],
    )
    def test_refuses_what_is_no_report_and_writes_nothing(
        self, lena: User, content: bytes, name: str, code: str
    ) -> None:
        with pytest.raises(Refused) as refused:
            upload(lena, content, name=name)

        assert refused.value.code == code
        check_nothing_was_written()

    def test_refuses_a_file_above_the_limit(self, lena: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(checking, "LARGEST_FILE_BYTES", 100)

        with pytest.raises(Refused) as refused:
            upload(lena, report([row("txn_1", "-1.00")]))

        assert refused.value.code == "too_large"
        check_nothing_was_written()

    def test_refuses_one_file_more_than_a_person_may_bring_in_a_day(self, lena: User, settings: Settings) -> None:
        settings.STATEMENT_DAY_FILES = 1
        upload(lena, report([row("txn_1", "-1.00")]))

        with pytest.raises(Refused) as refused:
            upload(lena, report([row("txn_2", "-1.00")]))

        assert refused.value.code == "quota_reached"
        assert Statement.objects.count() == 1
        upload(lena, report([row("txn_1", "-1.00")]))
        colleague = person_with("colleague", *RIGHTS)
        upload(colleague, report([row("txn_3", "-1.00")]))
        assert Statement.objects.count() == 2

    def test_tells_how_many_more_lines_are_bad(self, lena: User) -> None:
        with pytest.raises(Refused) as refused:
            upload(lena, report([row(f"txn_{n}", "-1.00", net="9.99") for n in range(60)]))

        assert len(refused.value.reasons) == 51
        assert refused.value.reasons[-1].detail == "And 10 more lines."

    def test_finds_a_missing_line_by_the_total_at_the_bank(self, lena: User) -> None:
        with pytest.raises(Refused, match=r"They are £22\.20 apart"):
            upload(lena, sample("broken_stripe_missing_refund.csv"), payout_total="1,092.15")

        check_nothing_was_written()

    def test_accepts_a_file_that_adds_up_to_the_total_at_the_bank(self, lena: User) -> None:
        statement, _ = upload(lena, sample("stripe_payout_reconciliation_itemized_5.csv"), payout_total="1092.15")

        assert statement.net_minor == 109_215

    def test_refuses_to_hear_another_amount_for_a_known_line(self, lena: User) -> None:
        taken_in(lena, report([row("txn_1", "-1.00")]))

        with pytest.raises(Refused, match="txn_1 was imported before with another day, amount"):
            upload(lena, report([row("txn_1", "-1.01")]))

        assert StatementLine.objects.get().gross_minor == -100

    @pytest.mark.parametrize("missing", ["refunds.add_statement", "refunds.reconcile_refundrequest"])
    def test_needs_both_rights(self, north: Team, missing: str) -> None:
        rights = {"refunds.add_statement", "refunds.reconcile_refundrequest"} - {missing}
        clerk = person_with("clerk", *rights, teams=(north,))

        with pytest.raises(NotPermitted, match=missing):
            upload(clerk, report([row("txn_1", "-1.00")]))

        check_nothing_was_written()


class TestRunImport:
    """What a job does with a file."""

    def test_stores_every_line_and_says_what_came_of_it(self, lena: User) -> None:
        result = taken_in(lena, sample("stripe_payout_reconciliation_itemized_5.csv"))

        assert result == {
            "lines": 9,
            "new": 9,
            "known": 0,
            "matched": 0,
            "unmatched": 3,
            "other": 6,
            "reconciled": 0,
        }

    def test_adds_only_what_is_new_of_an_overlapping_file(self, lena: User, north: Team) -> None:
        operation = paid(team=north)
        shared = row("txn_2", "-22.20", operation=str(operation.pk))
        taken_in(lena, report([row("txn_1", "5.00", category="charge"), shared]))

        result = taken_in(lena, report([shared, row("txn_3", "7.00", category="charge")]))

        assert (result["new"], result["known"], result["reconciled"]) == (1, 1, 0)
        assert list(StatementLine.objects.order_by("external_id").values_list("external_id", flat=True)) == [
            "txn_1",
            "txn_2",
            "txn_3",
        ]
        assert Match.objects.count() == 1

    def test_changes_nothing_when_it_runs_again(self, lena: User, north: Team) -> None:
        operation = paid(team=north)
        _, job = upload(lena, report([row("txn_1", "-22.20", operation=str(operation.pk))]))
        assert job is not None
        run_import(job_id=job.pk)
        entries = LedgerEntry.objects.count()
        Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING)

        run_import(job_id=job.pk)

        assert (StatementLine.objects.count(), Match.objects.count()) == (1, 1)
        assert LedgerEntry.objects.count() == entries

    def test_does_not_begin_once_it_is_cancelled(self, lena: User) -> None:
        _, job = upload(lena, report([row("txn_1", "-1.00")]))
        assert job is not None
        cancel_job(job_id=job.pk)

        run_import(job_id=job.pk)

        job.refresh_from_db()
        assert job.state == JobState.CANCELLED
        assert not StatementLine.objects.exists()

    def test_may_be_taken_up_again_after_a_cancel(self, lena: User) -> None:
        content = report([row("txn_1", "-1.00")])
        _, job = upload(lena, content)
        assert job is not None
        cancel_job(job_id=job.pk)

        assert taken_in(lena, content)["new"] == 1

    def test_looks_again_at_lines_left_open_before(self, lena: User, north: Team) -> None:
        operation = paid(team=north)
        type(operation).objects.filter(pk=operation.pk).update(state="pending")
        taken_in(lena, report([row("txn_1", "-22.20", operation=str(operation.pk))]))
        type(operation).objects.filter(pk=operation.pk).update(state="succeeded")

        job = queue_matching(statement=Statement.objects.get(), actor=lena, at=LATER)
        run_import(job_id=job.pk, at=LATER)

        assert fresh(operation.refund_request).state == "reconciled"
