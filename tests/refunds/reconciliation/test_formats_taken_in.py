"""Files of every kind through the whole import: whole, once, and overlapping ones only for what is new."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from config.kernel.refusals import Refused
from refunds.models import Statement, StatementBalance, StatementLine
from refunds.reconciliation.importing import preview_statement, run_import, upload_statement
from tests.refunds.books import LATER, csv_file

from .files import ADYEN, BAI2, PAYPAL, PAYPAL_HEADER, PAYPAL_LINES, WHOLE
from .reports import report, row

if TYPE_CHECKING:
    from django.test import Client

    from config.kernel.people import User

pytestmark = pytest.mark.django_db

NAMES = {"adyen": "a.csv", "paypal": "p.csv", "mt940": "m.sta", "bai2": "b.bai", "camt": "c.xml", "ofx": "o.ofx"}
DAYS = datetime(2026, 11, 30, tzinfo=UTC)


def taken_in(actor: User, text: str, name: str) -> Statement:
    statement, job = upload_statement(file=csv_file(text.encode(), name), actor=actor, at=max(LATER, DAYS))
    if job is not None:
        run_import(job_id=job.pk, at=max(LATER, DAYS))
    return statement


class TestAFile:
    @pytest.mark.parametrize("kind", list(WHOLE))
    def test_is_recognised_and_stored_once(self, lena: User, kind: str) -> None:
        reader, text = WHOLE[kind]

        statement = taken_in(lena, text, NAMES[kind])
        again = taken_in(lena, text, NAMES[kind])

        assert again == statement
        assert (statement.account, statement.format) == (reader.account, reader.name)
        read = reader.read(text.encode())
        stored = StatementLine.objects.order_by("number").values_list("external_id", "net_minor", "payout_ref", "text")
        assert list(stored) == [(line.external_id, line.net_minor, line.payout_ref, line.text) for line in read.lines]
        assert StatementBalance.objects.count() == len(read.balances)

    def test_adds_only_what_is_new_to_one_that_overlaps(self, lena: User) -> None:
        taken_in(lena, "\n".join([PAYPAL_HEADER, *PAYPAL_LINES[:4], ""]), "first.csv")

        second = taken_in(lena, PAYPAL, "second.csv")

        assert StatementLine.objects.count() == 7
        assert second.lines.count() == 4

    def test_of_tomorrow_is_refused(self, lena: User) -> None:
        with pytest.raises(Refused, match="Line 2: It was booked on 2027-01-12, which is yet to come"):
            taken_in(lena, report([row("a", "-1.00", created_utc="2027-01-12 10:00:00")]).decode(), "a.csv")

        assert not Statement.objects.exists()

    def test_of_kinds_that_nobody_knows_is_refused(self, lena: User) -> None:
        with pytest.raises(Refused, match=r"1 of 7 lines are of kinds we do not know \(“Gift”\)"):
            taken_in(lena, ADYEN.replace("ChargebackReversed", "Gift"), "a.csv")

    @pytest.mark.parametrize("day", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
    def test_of_no_day_that_books_know_is_refused(self, lena: User, day: str) -> None:
        with pytest.raises(Refused, match="Line 2: “"):
            taken_in(lena, report([row("a", "-1.00", created_utc=day)]).decode(), "a.csv")

    def test_of_more_than_any_payment_is_refused(self, lena: User) -> None:
        huge = 10**20
        whole = BAI2.replace("010,1000000,,,", "").replace("109215", str(huge))

        with pytest.raises(Refused, match="Line 4: Its amount is more than any payment"):
            taken_in(lena, whole.replace("2218430", str(1_218_430 - 109_215 + huge)), "b.bai")

    def test_that_a_library_cannot_read_leaves_no_word_of_it_in_the_log(
        self, lena: User, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(Refused):
            taken_in(lena, WHOLE["mt940"][1].replace(":61:26", ":61:Frau Muster"), "m.sta")

        assert "Muster" not in "".join(capsys.readouterr())

    def test_that_nobody_recognises_is_refused(self, lena: User) -> None:
        with pytest.raises(Refused, match="Nobody recognises this file") as refused:
            taken_in(lena, "a,b\n1,2\n", "a.csv")

        assert refused.value.code == "unknown_format"


class TestACheck:
    def test_says_what_would_happen_and_keeps_nothing(self, lena: User) -> None:
        taken_in(lena, "\n".join([PAYPAL_HEADER, *PAYPAL_LINES[:4], ""]), "first.csv")

        preview = preview_statement(file=csv_file(PAYPAL.encode(), "p.csv"), actor=lena, at=max(LATER, DAYS))

        assert (preview.new_count, preview.known_count, preview.choice.format.name) == (4, 3, "paypal.activity")
        assert "moved nothing" in preview.warnings[0]
        assert Statement.objects.count() == 1

    def test_warns_of_the_same_days_in_another_format(self, lena: User) -> None:
        camt = WHOLE["camt"][1]
        taken_in(lena, camt, "c.xml")

        preview = preview_statement(file=csv_file(WHOLE["mt940"][1].encode(), "m.sta"), actor=lena, at=max(LATER, DAYS))

        assert "counts them twice" in preview.warnings[-1]

    def test_is_shown_on_the_page_with_and_without_scripts(self, client: Client, lena: User) -> None:
        client.force_login(lena)
        for headers in ({}, {"HX-Request": "true"}):
            form = {"check": "1", "file": csv_file(report([row("a", "-1.00")]))}
            response = client.post(reverse("refunds:upload_statement"), form, headers=headers)

            assert response.status_code == 200
            assert "Read as Stripe payout reconciliation, 95 % sure." in response.text
            assert ("<html" in response.text) is (not headers)
        assert not Statement.objects.exists()

    def test_shows_every_reason_why_not(self, client: Client, lena: User) -> None:
        client.force_login(lena)
        form = {"check": "1", "file": csv_file(report([row("a", "-1.00", net="2.00")]))}

        response = client.post(reverse("refunds:upload_statement"), form, headers={"HX-Request": "true"})

        assert response.status_code == 422
        assert "Line 2: gross -1.00" in response.text
        assert '<form id="upload"' not in response.text
