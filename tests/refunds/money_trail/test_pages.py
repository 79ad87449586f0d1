"""The money trail over HTTP: from every link of it to the page, and who may open it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from refunds.books.periods import open_periods
from refunds.books.posting import THE_BEGINNING, post_journal
from refunds.lookup import straight_to
from refunds.models import JournalEntry, Operation, Period
from tests.architecture.asking import client_of
from tests.refunds.books import LATER, paid, person_with, team_called
from tests.refunds.journal.lines import line_of, settled

from .test_trail import SEES, whole

if TYPE_CHECKING:
    from django.test import Client

    from config.kernel.people import Team, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def north() -> Team:
    return team_called("north")


@pytest.fixture
def lena(north: Team) -> User:
    return person_with("lena", *SEES, teams=(north,))


@pytest.fixture
def desk(lena: User) -> Client:
    return client_of(lena)


@pytest.fixture
def operation(north: Team) -> Operation:
    """One refund that went all the way."""
    made = paid(team=north)
    Operation.objects.filter(pk=made.pk).update(external_id="re_77")
    whole(made)
    return made


def trail_of(operation: Operation) -> str:
    """Tell the address of an operation's money trail."""
    return reverse("refunds:money_trail", args=[operation.refund_request.reference])


class TestThePage:
    def test_shows_every_link(self, desk: Client, operation: Operation) -> None:
        page = desk.get(trail_of(operation)).text

        for word in ("Whole so far", "re_77", "po_1", "£76.10", "GB33BUKB20201555555555", "Refund on a statement"):
            assert word in page

    def test_marks_the_gap_and_says_what_to_do(self, desk: Client, north: Team) -> None:
        made = paid(team=north)

        page = desk.get(trail_of(made)).text

        assert "The chain is broken at: journal." in page
        assert 'class="waits"' in page
        assert 'class="broken"' in page

    def test_is_not_found_by_those_of_other_teams(self, operation: Operation) -> None:
        stranger = person_with("asha", *SEES, teams=(team_called("south"),))

        assert client_of(stranger).get(trail_of(operation)).status_code == 404

    def test_needs_the_right_to_see_statements(self, operation: Operation, north: Team) -> None:
        amir = person_with("amir", "refunds.view_refundrequest", teams=(north,))

        assert client_of(amir).get(trail_of(operation)).status_code == 403


class TestEveryLink:
    def test_leads_to_the_trail(self, desk: Client, operation: Operation) -> None:
        entries = JournalEntry.objects.filter(kind__in=["refund", "settlement"])
        open_periods(since=THE_BEGINNING)
        period = Period.objects.get(account="stripe")
        pages = [
            operation.refund_request.get_absolute_url(),
            reverse("refunds:processing") + "?column=succeeded",
            reverse("refunds:statement", args=[operation.matches.get().line.statement_id]),
            reverse("refunds:payout", args=["po_1"]),
            *(reverse("refunds:journal_entry", args=[entry.pk]) for entry in entries),
            period.get_absolute_url(),
        ]

        assert entries.count() == 2
        for address in pages[:1] + pages[2:]:
            assert f'href="{trail_of(operation)}"' in desk.get(address).text, address

    @pytest.mark.parametrize("of", ["operation", "key", "line"])
    def test_is_found_by_its_name(self, lena: User, operation: Operation, of: str) -> None:
        names = {
            "operation": str(operation.pk),
            "key": operation.idempotency_key,
            "line": operation.matches.get().line.external_id,
        }

        assert straight_to(lena, names[of]) == trail_of(operation)

    def test_is_found_by_the_payout(self, lena: User, desk: Client, operation: Operation) -> None:
        assert straight_to(lena, "po_1") == ""
        line_of("fee", -1, payout_ref="po_1Nov26")

        assert straight_to(lena, "po_1Nov26") == reverse("refunds:payout", args=["po_1Nov26"])
        assert (
            "po_1Nov26" in desk.get(reverse("refunds:search"), {"q": "po_1Nov26"}, headers={"HX-Request": "true"}).text
        )

    def test_leads_to_the_statement_where_a_line_agrees_with_nothing(self, lena: User) -> None:
        line = line_of("fee", -120)

        assert straight_to(lena, line.external_id).startswith(reverse("refunds:statement", args=[line.statement_id]))

    def test_is_kept_from_those_without_the_right(self, operation: Operation, north: Team) -> None:
        amir = person_with("amir", "refunds.view_refundrequest", teams=(north,))

        assert straight_to(amir, operation.matches.get().line.external_id) == ""


class TestPayout:
    def test_hides_lines_of_other_teams_and_still_adds_them_up(self, desk: Client, operation: Operation) -> None:
        other = paid(team=team_called("south"), amount_minor=500)
        settled(other, payout_ref="po_1")

        page = desk.get(reverse("refunds:payout", args=["po_1"])).text

        assert "£71.10" in page
        assert other.refund_request.reference not in page
        assert operation.refund_request.reference in page

    def test_is_not_found_when_nobody_told_of_it(self, desk: Client) -> None:
        assert desk.get(reverse("refunds:payout", args=["po_nobody"])).status_code == 404

    def test_books_late_lines_too(self, desk: Client, operation: Operation) -> None:
        post_journal(at=LATER)

        assert "£76.10" in desk.get(reverse("refunds:payout", args=["po_1"])).text
