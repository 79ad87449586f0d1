"""Finance's pages over HTTP: who may open them, what they say, what they cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from config.kernel.jobs import Job
from config.kernel.outbox import drain
from refunds.models import Statement, StatementLine
from refunds.vocabulary import OperationState, State
from tests.refunds.books import LATER, csv_file, fresh, operation_of, paid, person_with, request_in, team_called

from .reports import report, row

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

    from config.kernel.people import Team, User

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def browser(client: Client, lena: User) -> Client:
    """Lena's browser."""
    client.force_login(lena)
    return client


def uploaded(browser: Client, *rows: dict[str, str]) -> Statement:
    """Upload lines through the page and let the worker do its work."""
    form = {"account": "stripe", "file": csv_file(report(rows))}
    response = browser.post(reverse("refunds:upload_statement"), form)
    assert response.status_code == 302
    drain()
    return Statement.objects.latest("uploaded_at")


class TestUpload:
    """A file through the browser."""

    def test_closes_the_request_in_one_round(self, browser: Client, north: Team) -> None:
        operation = paid(team=north)

        statement = uploaded(browser, row("txn_1", "-22.20", operation=str(operation.pk)))

        assert fresh(operation.refund_request).state == State.RECONCILED
        page = browser.get(reverse("refunds:statement", args=[statement.pk]))
        assert operation.refund_request.reference in page.text
        assert "Nothing of this file is open." in page.text

    def test_shows_every_reason_beside_the_form(self, browser: Client) -> None:
        bad = csv_file(report([row("a", "-1.00", net="9.00"), row("b", "-1.00", currency="xxq")]))

        response = browser.post(reverse("refunds:upload_statement"), {"account": "stripe", "file": bad})

        assert response.status_code == 422
        assert "Line 2: gross -1.00 less fee 0.00 is not net 9.00." in response.text
        assert "Line 3: " in response.text
        assert not Statement.objects.exists()

    @pytest.mark.parametrize("form", [{}, {"account": "stripe"}, {"account": "elsewhere", "file": csv_file(b"x")}])
    def test_refuses_an_incomplete_form(self, browser: Client, form: dict[str, object]) -> None:
        response = browser.post(reverse("refunds:upload_statement"), form)

        assert response.status_code == 422
        assert not Statement.objects.exists()

    def test_sends_htmx_to_the_statement(self, browser: Client) -> None:
        form = {"account": "stripe", "file": csv_file(report([row("a", "-1.00")]))}

        response = browser.post(reverse("refunds:upload_statement"), form, headers=HTMX)

        assert response["HX-Redirect"] == reverse("refunds:statement", args=[Statement.objects.get().pk])

    def test_keeps_a_formula_in_a_name_harmless(self, browser: Client) -> None:
        file = csv_file(report([row("a", "-1.00")]), name="=HYPERLINK(1)<b>.csv")

        browser.post(reverse("refunds:upload_statement"), {"account": "stripe", "file": file})

        assert "<b>" not in browser.get(reverse("refunds:reconciliation")).text


class TestProgress:
    """How far an import is."""

    def test_polls_until_it_is_over(self, browser: Client) -> None:
        form = {"account": "stripe", "file": csv_file(report([row("a", "-1.00")]))}
        browser.post(reverse("refunds:upload_statement"), form)
        address = reverse("refunds:import_progress", args=[Statement.objects.get().pk])

        before = browser.get(address, headers=HTMX).text
        drain()
        after = browser.get(address, headers=HTMX).text

        assert 'hx-trigger="every 1s"' in before
        assert "<progress" in before
        assert 'hx-trigger="every 1s"' not in after
        assert "1 lines match no refund of ours." in after

    def test_stops_when_it_is_asked_to(self, browser: Client) -> None:
        form = {"account": "stripe", "file": csv_file(report([row("a", "-1.00")]))}
        browser.post(reverse("refunds:upload_statement"), form)

        browser.post(reverse("refunds:cancel_import", args=[Statement.objects.get().pk]))
        drain()

        assert Job.objects.get().state == "cancelled"
        assert not StatementLine.objects.exists()

    def test_does_not_cancel_what_is_over(self, browser: Client) -> None:
        statement = uploaded(browser, row("a", "-1.00"))

        browser.post(reverse("refunds:cancel_import", args=[statement.pk]))

        assert Job.objects.get().state == "succeeded"

    def test_can_be_asked_to_match_again(self, browser: Client, north: Team) -> None:
        operation = operation_of(request_in(State.REFUNDED, team=north), OperationState.PENDING)
        statement = uploaded(browser, row("a", "-22.20", operation=str(operation.pk)))
        type(operation).objects.filter(pk=operation.pk).update(state="succeeded")

        browser.post(reverse("refunds:match_again", args=[statement.pk]))
        drain()

        assert fresh(operation.refund_request).state == State.RECONCILED


class TestReconciliation:
    """Both sides beside each other."""

    def test_shows_the_difference_of_each_currency_by_itself(self, browser: Client, north: Team) -> None:
        paid(team=north, amount_minor=1_000)
        euro = paid(team=north, amount_minor=700, currency="EUR")
        uploaded(browser, row("a", "-7.00", currency="eur", operation=str(euro.pk)))

        text = browser.get(reverse("refunds:reconciliation")).text

        assert "-£10.00" in text
        assert "1 of 1" in text
        assert "£17.00" not in text
        assert "€17.00" not in text

    def test_lists_a_refund_that_no_statement_knows(self, browser: Client, north: Team) -> None:
        missing = paid(team=north)

        text = browser.get(reverse("refunds:reconciliation"), {"tab": "missing"}).text

        assert missing.refund_request.reference in text
        assert "Waits for the next statement" in text

    def test_calls_it_missing_once_later_refunds_are_on_a_statement(self, browser: Client, north: Team) -> None:
        missing = paid(team=north)
        uploaded(browser, row("a", "5.00", category="charge", created_utc="2026-11-19 00:00:00"))

        text = browser.get(reverse("refunds:reconciliation"), {"tab": "missing"}).text

        assert missing.refund_request.reference in text
        assert '<span class="badge bad" title="Later refunds are on a statement already.">' in text

    def test_keeps_other_teams_out_of_sight(self, browser: Client) -> None:
        theirs = paid(team=team_called("south"))
        statement = uploaded(browser, row("a", "-22.20", operation=str(theirs.pk)))

        pages = [
            browser.get(reverse("refunds:reconciliation"), {"tab": tab}).text
            for tab in ("statements", "unmatched", "missing")
        ]
        pages.append(browser.get(reverse("refunds:statement", args=[statement.pk])).text)

        assert not any(theirs.refund_request.reference in text for text in pages)

    def test_narrows_to_a_period(self, browser: Client, north: Team) -> None:
        paid(team=north)

        text = browser.get(reverse("refunds:reconciliation"), {"from": "2026-11-13"}).text

        assert "Nothing fits these filters" in text

    @pytest.mark.parametrize(
        "query", [{"from": "x", "to": "9999-99-99"}, {"tab": "none"}, {"tab": "missing", "after": "%00"}]
    )
    def test_leaves_out_what_it_cannot_read(self, browser: Client, query: dict[str, str]) -> None:
        assert browser.get(reverse("refunds:reconciliation"), query).status_code == 200

    def test_pages_through_many_lines(self, browser: Client) -> None:
        statement = uploaded(browser, *[row(f"txn_{n:03}", "-1.00") for n in range(120)])
        seen: list[str] = []
        for address in (
            reverse("refunds:statement", args=[statement.pk]),
            reverse("refunds:reconciliation") + "?tab=unmatched",
        ):
            found, following = 0, address
            while following:
                response = browser.get(following)
                rows = response.context["rows"] if "rows" in response.context else response.context["lines"]
                found += len(rows)
                seen += [one.line.external_id for one in rows]
                following = address.split("?")[0] + response.context["next"] if response.context.get("next") else ""
            assert found == 120
        assert len(set(seen)) == 120

    @pytest.mark.parametrize("tab", ["statements", "unmatched", "missing"])
    def test_asks_no_more_queries_for_more_rows(
        self, browser: Client, north: Team, tab: str, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        for n in range(8):
            paid(team=north)
            uploaded(browser, row(f"txn_{n}", "-1.00", operation=str(paid(team=north).pk)))

        with django_assert_max_num_queries(21):
            browser.get(reverse("refunds:reconciliation"), {"tab": tab})

    def test_answers_htmx_with_its_part_only(self, browser: Client) -> None:
        text = browser.get(reverse("refunds:reconciliation"), headers=HTMX).text

        assert text.lstrip().startswith('<div id="books"')


class TestWhoMayOpen:
    """Finance, auditors who only read, and nobody else."""

    @pytest.mark.parametrize("name", ["reconciliation", "upload_statement", "payout_report", "processing"])
    def test_a_person_without_the_right_hears_403(self, client: Client, north: Team, name: str) -> None:
        client.force_login(person_with("amir", "refunds.view_refundrequest", teams=(north,)))

        assert client.get(reverse(f"refunds:{name}")).status_code == 403

    def test_an_auditor_reads_and_cannot_upload(self, client: Client, north: Team) -> None:
        client.force_login(person_with("ada", "refunds.view_statement", "refunds.view_operation", teams=(north,)))

        page = client.get(reverse("refunds:reconciliation"))
        form = {"account": "stripe", "file": csv_file(report([row("a", "-1.00")]))}

        assert page.status_code == 200
        assert "Upload and match" not in page.text
        assert client.post(reverse("refunds:upload_statement"), form).status_code == 403
        assert not Statement.objects.exists()

    def test_an_unknown_statement_is_404(self, browser: Client) -> None:
        assert (
            browser.get(reverse("refunds:statement", args=["01a1fb8c-558b-7728-8916-25b7b358f707"])).status_code == 404
        )


class TestPayoutReport:
    """The sandbox's own report in the demo."""

    def test_is_refused_politely_while_the_sandbox_is_silent(self, browser: Client) -> None:
        response = browser.get(reverse("refunds:payout_report"), {"currency": "GBP"})

        assert response.status_code in {404, 422}

    def test_does_not_take_any_word_for_a_currency(self, browser: Client) -> None:
        assert browser.get(reverse("refunds:payout_report"), {"currency": "../x"}).status_code in {404, 422}


class TestProcessing:
    """The processing board."""

    def test_counts_and_sums_each_column_per_currency(self, browser: Client, north: Team) -> None:
        for amount_minor, currency in ((1_000, "GBP"), (2_000, "GBP"), (500, "EUR")):
            waiting = request_in(State.PROCESSING, team=north, amount_minor=amount_minor, currency=currency)
            operation_of(waiting, OperationState.PENDING)

        [pending] = [
            t for t in browser.get(reverse("refunds:processing")).context["tallies"] if t.column.name == "pending"
        ]

        assert pending.count == 3
        assert [str(total) for total in pending.sums] == ["€5.00", "£30.00"]

    def test_opens_with_what_failed_and_says_why_in_words(self, browser: Client, north: Team) -> None:
        failed = operation_of(request_in(State.FAILED, team=north), OperationState.FAILED)
        type(failed).objects.filter(pk=failed.pk).update(failure_reason="lost_or_stolen_card")
        operation_of(request_in(State.PROCESSING, team=north), OperationState.READY)

        text = browser.get(reverse("refunds:processing")).text

        assert "The card was reported lost or stolen; the bank sent the money back." in text
        assert "Send £22.20 again" in text
        assert reverse("refunds:retry", args=[failed.refund_request.reference]) in text

    def test_forgets_a_failure_that_was_sent_again(self, browser: Client, north: Team) -> None:
        refund_request = request_in(State.PROCESSING, team=north)
        operation_of(refund_request, OperationState.FAILED)
        operation_of(refund_request, OperationState.READY, created_at=LATER)

        counts = {t.column.name: t.count for t in browser.get(reverse("refunds:processing")).context["tallies"]}

        assert (counts["failed"], counts["queued"]) == (0, 1)

    def test_shows_nothing_of_other_teams(self, browser: Client) -> None:
        operation_of(request_in(State.FAILED, team=team_called("south")), OperationState.FAILED)

        assert not any(t.count for t in browser.get(reverse("refunds:processing")).context["tallies"])

    def test_offers_no_retry_to_a_reader(self, client: Client, north: Team) -> None:
        operation_of(request_in(State.FAILED, team=north), OperationState.FAILED)
        client.force_login(person_with("ada", "refunds.view_operation", teams=(north,)))

        text = client.get(reverse("refunds:processing"), {"column": "failed"}).text

        assert "again</button>" not in text

    def test_asks_no_more_queries_for_more_rows(
        self, browser: Client, north: Team, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        for _ in range(12):
            operation_of(request_in(State.FAILED, team=north), OperationState.FAILED)

        with django_assert_max_num_queries(14):
            browser.get(reverse("refunds:processing"))
