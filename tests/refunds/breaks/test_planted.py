"""Faults that were planted become breaks of their kind, and nothing else does."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from django.db import connection

from refunds.breaks.vocabulary import BreakKind
from refunds.models import Match
from refunds.reconciliation.importing import run_import, upload_statement
from tests.benchmarks.month import draw_month
from tests.refunds.books import LATER, csv_file
from tests.refunds.reconciliation.reports import sample

from .found import look

if TYPE_CHECKING:
    from config.kernel.people import User

pytestmark = pytest.mark.django_db


class TestAMonthWithOneOfEachFault:
    def test_has_a_break_for_each(self, db: None) -> None:
        draw_month(14)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = origin")

        found = look()

        assert Counter(one.kind for one in found) == {
            BreakKind.AMOUNT_DIFFERS: 1,
            BreakKind.CURRENCY_DIFFERS: 1,
            BreakKind.DOUBLE: 1,
            BreakKind.LATE_FAILURE: 2,
            BreakKind.MISSING_AT_US: 1,
            # One too late, two for one, one that names another, one without and one with an odd reference.
            BreakKind.UNGOVERNED: 6,
            # Those five refunds, and the one that is not told at all.
            BreakKind.MISSING_AT_PROCESSOR: 6,
        }
        assert Match.objects.count() == 4


class TestTheSamplePayout:
    def test_has_a_break_for_each_refund_that_we_never_made(self, lena: User) -> None:
        file = csv_file(sample("stripe_payout_reconciliation_itemized_5.csv"))
        _, job = upload_statement(file=file, actor=lena, at=LATER)
        assert job is not None
        run_import(job_id=job.pk, at=LATER)

        found = look()

        told = [(one.line.source_id, one.kind, one.amount_minor) for one in found if one.line is not None]
        assert sorted(told) == [
            ("re_1", BreakKind.UNGOVERNED, -1999),
            ("re_1", BreakKind.UNGOVERNED, 1999),
            ("re_2", BreakKind.UNGOVERNED, -2220),
        ]
