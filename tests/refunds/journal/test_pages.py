"""The books as finance reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from evidence.ledger import timeline_of
from refunds.books import selectors
from refunds.books.posting import post_journal
from refunds.models import GLAccount, JournalEntry
from tests.admin.desk import desk_of
from tests.architecture.asking import client_of
from tests.refunds.books import LATER, NOON, paid, person_with, team_called

from .lines import line_of, settled

if TYPE_CHECKING:
    from django.test import Client

    from config.kernel.people import Team, User
    from tests.harness.world import World

pytestmark = pytest.mark.django_db

NOVEMBER = "?month=2026-11"


@pytest.fixture
def north() -> Team:
    return team_called("north")


@pytest.fixture
def lena(north: Team) -> User:
    rights = ("refunds.view_journalentry", "refunds.view_refundrequest", "refunds.view_statement")
    return person_with("lena", *rights, teams=(north,))


@pytest.fixture
def desk(lena: User) -> Client:
    return client_of(lena)


class TestBooks:
    def test_show_each_account_in_each_currency(self, desk: Client, north: Team) -> None:
        paid(team=north, amount_minor=2220)
        paid(team=north, amount_minor=1000, currency="EUR")
        post_journal(at=LATER)

        page = desk.get(reverse("refunds:books") + NOVEMBER).text

        assert "£22.20" in page
        assert "€10.00" in page
        assert "32.20" not in page

    @pytest.mark.parametrize("month", ["0001-01", "0001-12", "9998-12", "9999-12", "2026-13", "\x00", ""])
    def test_of_no_month_there_is_are_of_this_month(self, desk: Client, month: str) -> None:
        assert desk.get(reverse("refunds:books"), {"month": month}).status_code == (422 if month == "\x00" else 200)

    def test_keep_what_is_another_teams(self, desk: Client, north: Team) -> None:
        paid(team=team_called("south"), amount_minor=7777)
        line_of("fee", -120)
        post_journal(at=LATER)
        hidden = JournalEntry.objects.get(kind="refund")

        page = desk.get(reverse("refunds:books") + NOVEMBER).text

        assert "77.77" not in page
        assert "£1.20" in page
        assert desk.get(reverse("refunds:journal_entry", args=[hidden.pk])).status_code == 404

    def test_lead_from_an_account_to_its_entries(self, desk: Client, north: Team) -> None:
        operation = paid(team=north, amount_minor=2220)
        line_of("payout", -500)
        post_journal(at=LATER)

        page = desk.get(reverse("refunds:books") + f"{NOVEMBER}&tab=entries&code=4100&currency=GBP").text

        assert operation.refund_request.reference in page
        assert "txn_" not in page

    def test_lead_from_an_entry_to_what_it_books_and_to_its_reversal(self, desk: Client, north: Team) -> None:
        match = settled(paid(team=north))
        post_journal(at=LATER)
        entry = JournalEntry.objects.get(kind="settlement")
        address = reverse("refunds:journal_entry", args=[entry.pk])
        assert reverse("refunds:statement", args=[match.line.statement_id]) in desk.get(address).text

        match.delete()
        post_journal(at=LATER)

        reversal = JournalEntry.objects.get(reversal_of=entry)
        assert reverse("refunds:journal_entry", args=[reversal.pk]) in desk.get(address).text

    def test_lead_nobody_where_she_may_not_go(self, north: Team) -> None:
        match = settled(paid(team=north))
        post_journal(at=LATER)
        entry = JournalEntry.objects.get(kind="settlement")
        reader = client_of(person_with("rita", "refunds.view_journalentry", teams=(north,)))

        page = reader.get(reverse("refunds:journal_entry", args=[entry.pk])).text

        assert entry.reference in page
        assert reverse("refunds:statement", args=[match.line.statement_id]) not in page

    @pytest.mark.parametrize("tab", ["balances", "entries", "clearing"])
    def test_ask_as_much_for_many_entries_as_for_one(self, desk: Client, north: Team, tab: str) -> None:
        counts = []
        for many in (1, 9):
            for _ in range(many):
                settled(paid(team=north))
            post_journal(at=LATER)
            with CaptureQueriesContext(connection) as asked:
                answer = desk.get(reverse("refunds:books") + f"{NOVEMBER}&tab={tab}")
            assert answer.status_code == 200
            counts.append(len(asked))

        assert counts[0] == counts[1]


class TestClearing:
    def test_is_what_succeeded_less_what_was_settled(self, lena: User, north: Team) -> None:
        paid(team=north, amount_minor=500)
        settled(paid(team=north, amount_minor=900))
        post_journal(at=NOON)

        (row,) = selectors.clearing(lena)

        assert (row.gateway, row.booked.minor, row.expected.minor) == ("stripe", -500, -500)

    def test_differs_by_what_is_not_booked_yet(self, lena: User, north: Team) -> None:
        paid(team=north, amount_minor=500)
        post_journal(at=NOON)
        paid(team=north, amount_minor=70)

        (row,) = selectors.clearing(lena)

        assert row.difference.minor == 70


class TestTheChart:
    TYPED: ClassVar[dict[str, Any]] = {
        "role": "fees",
        "currency": "eur",
        "gateway": "",
        "code": "6101",
        "name": "Fees, euro",
    }

    def test_takes_an_account_and_keeps_who_set_it(self, world: World, root: User) -> None:
        answer = desk_of(root).post(reverse("admin:refunds_glaccount_add"), self.TYPED)

        assert answer.status_code == 302, answer.context["adminform"].form.errors
        account = GLAccount.objects.get()
        assert (account.code, account.currency) == ("6101", "EUR")
        assert timeline_of(account.subject).get().actor == root

    def test_changes_and_tells_both_codes(self, world: World, root: User) -> None:
        desk = desk_of(root)
        desk.post(reverse("admin:refunds_glaccount_add"), self.TYPED)
        address = reverse("admin:refunds_glaccount_change", args=[GLAccount.objects.get().pk])

        desk.post(address, {**self.TYPED, "code": "6102"})

        assert GLAccount.objects.get().code == "6102"
        assert "6102 Fees, euro, not 6101 Fees, euro" in desk.get(address).text

    def test_holds_one_account_for_a_place(self, world: World, root: User) -> None:
        desk = desk_of(root)
        desk.post(reverse("admin:refunds_glaccount_add"), self.TYPED)

        assert desk.post(reverse("admin:refunds_glaccount_add"), self.TYPED).status_code == 200
        assert GLAccount.objects.count() == 1

    def test_refuses_a_currency_there_is_not(self, world: World, root: User) -> None:
        answer = desk_of(root).post(reverse("admin:refunds_glaccount_add"), {**self.TYPED, "currency": "XXQ"})

        assert "currency" in answer.context["adminform"].form.errors

    def test_is_not_changed_by_an_auditor(self, world: World, ada: User) -> None:
        answer = desk_of(ada).post(reverse("admin:refunds_glaccount_add"), self.TYPED)

        assert answer.status_code == 403
        assert not GLAccount.objects.exists()
