"""A file of somebody we have no reader for, read as a saved mapping says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from config.kernel.refusals import Refused
from evidence.models import LedgerEntry
from refunds.models import ColumnMapping, Statement, StatementLine
from refunds.models.column_mapping import READ_BY
from refunds.reconciliation.formats.mapped import MappedCsv
from refunds.reconciliation.importing import run_import, upload_statement
from refunds.reconciliation.mapping import faults_of
from refunds.reconciliation.report import BrokenReport
from tests.admin.desk import desk_of
from tests.refunds.books import LATER, csv_file

if TYPE_CHECKING:
    from config.kernel.people import User

pytestmark = pytest.mark.django_db

SPARKASSE = """Buchungstag;Betrag;Saldo;Referenz;Zweck
03.11.2026;-1.035,50;8.964,50;RD0198c0de00007000800000000000000e;Erstattung Müller
04.11.2026;100,00;9.064,50;;po_1SampleGBP
04.11.2026;-1,00;9.063,50;;Gebühr
"""


def sparkasse(**changes: object) -> ColumnMapping:
    told = {
        "slug": "sparkasse",
        "title": "Sparkasse",
        "account": "bank",
        "own_account": "DE89370400440532013000",
        "delimiter": ";",
        "encoding": "cp1252",
        "decimal_mark": ",",
        "date_pattern": "%d.%m.%Y",
        "time_zone": "Europe/Berlin",
        "currency": "EUR",
        "booked_column": "Buchungstag",
        "amount_column": "Betrag",
        "balance_column": "Saldo",
        "operation_column": "Referenz",
        "text_column": "Zweck",
        **changes,
    }
    return ColumnMapping(**told)


class TestAMapping:
    def test_reads_what_it_was_made_for(self) -> None:
        read = MappedCsv(sparkasse()).read(SPARKASSE.encode("cp1252"))

        refund, payout, other = read.lines
        assert (refund.category, refund.net_minor) == ("refund", -1_035_50)
        assert refund.operation_ref == "0198c0de-0000-7000-8000-00000000000e"
        assert refund.text == "Erstattung Müller"
        assert refund.booked_at.isoformat() == "2026-11-02T23:00:00+00:00"
        assert (payout.category, payout.payout_ref) == ("payout", "po_1SampleGBP")
        assert other.category == "debit"
        assert (read.balances[0].opening_minor, read.balances[0].closing_minor) == (10_000_00, 9_063_50)

    @pytest.mark.parametrize(
        ("right", "wrong", "why"),
        [
            ("100,00", "100,01", "does not follow"),
            ("-1.035,50", "-10.35,50", "not an amount"),
            ("03.11.2026", "11/03/2026", "is not a time"),
            ("Saldo", "Stand", "the column Saldo is missing"),
        ],
    )
    def test_refuses_what_it_was_not_made_for(self, right: str, wrong: str, why: str) -> None:
        with pytest.raises(BrokenReport) as broken:
            MappedCsv(sparkasse()).read(SPARKASSE.replace(right, wrong, 1).encode("cp1252"))

        assert why in str(broken.value)

    def test_reads_debit_and_credit_in_words_of_theirs(self) -> None:
        mapping = sparkasse(
            encoding="utf-8",
            amount_column="",
            balance_column="",
            debit_column="Soll",
            credit_column="Haben",
            in_smallest_unit=True,
            category_column="Art",
            categories="Gutschrift = refund_failure\nEntgelt = fee",
            operation_column="",
            text_column="",
        )
        text = "Buchungstag;Soll;Haben;Art\n03.11.2026;;2000;Gutschrift\n03.11.2026;15;;Entgelt\n"

        read = MappedCsv(mapping).read(text.encode())

        assert [(line.category, line.net_minor) for line in read.lines] == [("refund_failure", 20_00), ("fee", -15)]
        assert "whether it is whole" in read.warnings[0]
        with pytest.raises(BrokenReport, match="One of Soll and Haben"):
            MappedCsv(mapping).read(text.replace("15;;", ";;").encode())

    def test_makes_a_file_recognised(self, lena: User) -> None:
        sparkasse().save()

        statement, job = upload_statement(file=csv_file(SPARKASSE.encode("cp1252")), actor=lena, at=LATER)
        assert job is not None
        run_import(job_id=job.pk, at=LATER)

        assert (statement.format, statement.account) == ("csv.sparkasse", "bank")
        assert StatementLine.objects.count() == 3
        assert {line.own_account for line in StatementLine.objects.all()} == {"DE89370400440532013000"}

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"amount_column": ""}, "amount_column"),
            ({"debit_column": "Soll"}, "amount_column"),
            ({"currency": ""}, "currency"),
            ({"currency": "XXQ"}, "currency"),
            ({"time_zone": "Mars"}, "time_zone"),
            ({"category_column": "Art"}, "categories"),
            ({"category_column": "Art", "categories": "a = b"}, "categories"),
        ],
    )
    def test_that_cannot_be_says_so_at_its_field(self, change: dict[str, object], field: str) -> None:
        assert field in {fault.field for fault in faults_of(sparkasse(**change))}


TYPED = ("title", *READ_BY)


class TestTheAdminSite:
    def typed(self, **changes: object) -> dict[str, object]:
        mapping = sparkasse()
        told = {name: getattr(mapping, name) for name in TYPED}
        return {**{name: value for name, value in told.items() if value is not False}, **changes}

    def test_saves_a_mapping_and_says_who(self, root: User) -> None:

        answer = desk_of(root).post(reverse("admin:refunds_columnmapping_add"), self.typed())

        assert answer.status_code == 302
        assert ColumnMapping.objects.get().slug == "sparkasse"
        assert LedgerEntry.objects.filter(kind="column_mapping.set").count() == 1

    def test_keeps_one_that_was_used_as_it_is(self, lena: User, root: User) -> None:
        sparkasse().save()
        upload_statement(file=csv_file(SPARKASSE.encode("cp1252")), actor=lena, at=LATER)
        address = reverse("admin:refunds_columnmapping_change", args=[ColumnMapping.objects.get().pk])

        refused = desk_of(root).post(address, self.typed(text_column="Saldo"))
        renamed = desk_of(root).post(address, self.typed(title="Sparkasse Köln"))

        assert "Make another one." in refused.text
        assert renamed.status_code == 302
        assert (ColumnMapping.objects.get().text_column, ColumnMapping.objects.get().title) == (
            "Zweck",
            "Sparkasse Köln",
        )

    def test_refuses_an_upload_by_a_mapping_there_is_not(self, lena: User) -> None:
        with pytest.raises(Refused, match="not a format we read"):
            upload_statement(file=csv_file(SPARKASSE.encode()), name="csv.volksbank", actor=lena, at=LATER)

        assert not Statement.objects.exists()
