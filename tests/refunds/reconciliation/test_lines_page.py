"""Lines over HTTP: both sides, what a line may be, and the buttons, with and without htmx."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from refunds.breaks.resolving import resolve_break
from refunds.breaks.vocabulary import Resolution
from refunds.models import Break, BreakLimit, Match, Operation, SeveredMatch, StatementLine
from refunds.reconciliation.matching import match_open_lines
from refunds.vocabulary import LineResult, OperationState, State
from tests.harness.known import payment_behind
from tests.refunds.books import LATER, fresh, operation_of, paid, person_with, request_in, team_called
from tests.refunds.journal.lines import line_of as written
from tests.refunds.journal.lines import settled

from .conftest import FINANCE
from .test_by_hand import signed, took_part

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

    from config.kernel.people import Team, User

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def lena(north: Team) -> User:
    """Lena of finance, who also sees breaks."""
    return person_with("lena", *FINANCE, "refunds.view_break", "refunds.view_period", teams=(north,))


@pytest.fixture
def browser(client: Client, lena: User) -> Client:
    """Lena's browser."""
    client.force_login(lena)
    return client


def line_of(*, gross_minor: int = -2220, category: str = "refund", **columns: Any) -> StatementLine:
    """Book £22.20 that went back and agrees with nothing yet."""
    return written(category, gross_minor, **{"result": LineResult.UNMATCHED, **columns})


def look() -> None:
    """Let the machine look at the account."""
    match_open_lines(account="stripe", at=LATER, go_on=lambda _done: True)


def listed(browser: Client, **query: str) -> list[str]:
    """Read which lines the list shows."""
    response = browser.get(reverse("refunds:reconciliation"), {"tab": "lines", **query})
    return sorted(row.line.external_id for row in response.context["lines"])


def match(browser: Client, beside: StatementLine, **form: Any) -> Any:
    """Press a button of the panel."""
    return browser.post(reverse("refunds:match_line", args=[beside.pk]), form)


class TestWhatIsPosted:
    def test_is_matched_with_nothing_of_another_team(self, browser: Client, north: Team) -> None:
        """Whether it is there or not: the form's hidden numbers lead nowhere."""
        mine, other = line_of(), paid(team=team_called("south"))

        answers = [
            match(browser, mine, operation=str(other.pk), note="It is this one."),
            match(browser, mine, operation="01a1fb00-0000-7000-8000-000000000000", note="It is this one."),
            match(browser, mine, operation=str(paid(team=north).pk), line="999999999", note="It is this one."),
        ]

        assert [answer.status_code for answer in answers] == [404, 404, 404]
        assert not Match.objects.exists()


class TestTheList:
    def test_shows_each_line_under_its_result(self, browser: Client, north: Team) -> None:
        operation = paid(team=north)
        pending = operation_of(request_in(State.PROCESSING, team=north), OperationState.PENDING)
        lines = {
            "amount": line_of(gross_minor=-2221, operation_ref=str(operation.pk)),
            "external": line_of(operation_ref="01a1fb00-0000-7000-8000-000000000000"),
            "ledger": line_of(operation_ref=str(pending.pk)),
            "fee": line_of(category="fee", result=LineResult.OTHER),
            "other": line_of(category="charge", result=LineResult.OTHER),
            "matched": settled(paid(team=north)).line,
        }
        look()

        assert {name: listed(browser, result=name) for name in lines} == {
            name: [line.external_id] for name, line in lines.items()
        }
        assert listed(browser) == sorted(lines[name].external_id for name in ("amount", "external", "ledger"))

    def test_counts_what_it_shows_and_not_what_somebody_explained(self, browser: Client, north: Team) -> None:
        BreakLimit.objects.create(currency="GBP", above_minor=100_00)
        explained, open_line = line_of(), line_of()
        look()
        resolve_break(
            break_id=Break.objects.get(line=explained).pk,
            resolution=Resolution.ACCEPT,
            note="Support made it on the telephone.",
            actor=person_with("luis", *FINANCE, "refunds.resolve_break", "refunds.view_break", teams=(north,)),
            at=LATER,
        )

        page = browser.get(reverse("refunds:reconciliation"))

        assert listed(browser) == [open_line.external_id]
        assert page.context["tabs"][0]["count"] == 1

    def test_narrows_by_account_currency_and_day(self, browser: Client, north: Team) -> None:
        here = line_of()
        line_of(account="adyen")
        line_of(currency="EUR")

        assert listed(browser, account="stripe", currency="GBP", **{"from": "2026-11-12", "to": "2026-11-12"}) == [
            here.external_id
        ]
        assert listed(browser, **{"from": "2026-11-13"}) == []

    def test_adds_no_currencies_up(self, browser: Client, north: Team) -> None:
        for currency in ("GBP", "EUR"):
            settled(paid(team=north, amount_minor=1000, currency=currency))

        page = browser.get(reverse("refunds:reconciliation"), {"currency": "EUR"})

        assert [total.processor.currency for total in page.context["totals"]] == ["EUR"]
        assert "20.00" not in page.text

    def test_costs_the_same_however_many_lines_there_are(
        self, browser: Client, north: Team, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        for _ in range(12):
            line_of(operation_ref=str(paid(team=north).pk))
        browser.get(reverse("refunds:reconciliation"))

        with django_assert_max_num_queries(22):
            browser.get(reverse("refunds:reconciliation"))


class TestThePanel:
    def test_says_what_a_line_may_be_and_why(self, browser: Client, north: Team) -> None:
        operation = paid(team=north)
        line = line_of(payment_ref=payment_behind(operation).external_id)

        text = browser.get(reverse("refunds:line", args=[line.pk]), headers=HTMX).text

        assert text.lstrip().startswith('<section class="card" id="panel"')
        assert "The same payment." in text
        assert f"Accept {operation.refund_request.reference}, £22.20" in text

    def test_offers_no_button_for_an_amount_alone(self, browser: Client, north: Team) -> None:
        paid(team=north)

        text = browser.get(reverse("refunds:line", args=[line_of().pk])).text

        assert "An amount alone proves nothing." in text
        assert "Accept RR-" not in text

    def test_shows_the_rate_of_another_currency(self, browser: Client, north: Team) -> None:
        operation = paid(team=north, currency="EUR")
        line = line_of(
            gross_minor=-1930, operation_ref=str(operation.pk), customer_minor=-2220, customer_currency="EUR"
        )

        text = browser.get(reverse("refunds:line", args=[line.pk])).text

        assert "€22.20" in text
        assert "1 EUR = 0.869369 GBP" in text

    def test_says_that_a_signed_month_stays(self, browser: Client, north: Team) -> None:
        operation, line = paid(team=north), line_of()
        signed("signed")

        text = browser.get(reverse("refunds:line", args=[line.pk])).text

        assert "its lines stay as they are" in text
        assert "Match these" not in text
        match(browser, line, operation=str(operation.pk), note="The letter says so.")
        assert not Match.objects.exists()

    def test_is_not_there_for_another_teams_line(self, browser: Client) -> None:
        line = settled(paid(team=team_called("south"))).line

        assert browser.get(reverse("refunds:line", args=[line.pk])).status_code == 404

    def test_has_no_buttons_for_an_auditor(self, client: Client, north: Team) -> None:
        client.force_login(person_with("ada", "refunds.view_statement", "refunds.view_operation", teams=(north,)))
        operation = paid(team=north)
        line = line_of(payment_ref=payment_behind(operation).external_id)

        text = client.get(reverse("refunds:line", args=[line.pk])).text

        assert "The same payment." in text
        assert "Accept RR-" not in text
        assert match(client, line, operation=str(operation.pk)).status_code == 403


class TestTheButtons:
    def test_accept_a_suggestion_with_its_reasons_as_the_note(self, browser: Client, north: Team) -> None:
        operation = paid(team=north)
        line = line_of(payment_ref=payment_behind(operation).external_id)

        response = match(browser, line, operation=str(operation.pk), back="tab=lines&result=open")

        assert response.status_code == 302
        assert response.url == f"{reverse('refunds:reconciliation')}?tab=lines&result=open"
        made = Match.objects.get()
        assert made.explanation == "The same payment. The same amount: £22.20. On the same day."
        assert fresh(operation.refund_request).state == State.RECONCILED

    def test_accept_no_amount_alone_without_a_note(self, browser: Client, north: Team) -> None:
        operation, line = paid(team=north), line_of()

        assert match(browser, line, operation=str(operation.pk)).status_code == 422
        assert match(browser, line, operation=str(operation.pk), note="The letter says so.").status_code == 302

    def test_match_refunds_by_their_references(self, browser: Client, north: Team) -> None:
        first, second = paid(team=north, amount_minor=1000), paid(team=north, amount_minor=1220)
        names = f"{first.refund_request.reference} {second.refund_request.reference.lower()}"

        assert match(browser, line_of(), references=names, note="One transfer for both.").status_code == 302
        assert Match.objects.count() == 2

    def test_match_several_lines_with_one_refund(self, browser: Client, north: Team) -> None:
        operation = paid(team=north)
        first, second = (line_of(gross_minor=-1110, operation_ref=str(operation.pk)) for _ in range(2))

        match(browser, first, operation=str(operation.pk), line=str(second.pk), note="Captured in two parts.")

        assert {match.line_id for match in Match.objects.all()} == {first.pk, second.pk}

    @pytest.mark.parametrize(
        ("form", "sentence"),
        [
            ({"references": "RR-NONE", "note": "It is this one."}, "RR-NONE is no refund of your teams"),
            ({"note": "It is this one."}, "Choose the refund that this line is."),
        ],
    )
    def test_say_beside_the_line_what_is_wrong(self, browser: Client, form: dict[str, str], sentence: str) -> None:
        response = match(browser, line_of(), **form)

        assert response.status_code == 422
        assert sentence in response.text
        assert "It is this one." in response.text

    def test_say_who_may_not(self, browser: Client, lena: User, north: Team) -> None:
        operation = paid(team=north)
        line = line_of(payment_ref=payment_behind(operation).external_id)
        took_part(lena, operation, "requested_by")

        response = match(browser, line, operation=str(operation.pk))

        assert response.status_code == 403
        assert "Whoever asked, approved or paid does not say that it arrived." in response.text

    def test_answer_htmx_with_the_next_line_and_take_the_row_away(self, browser: Client, north: Team) -> None:
        operation, following = paid(team=north), line_of()
        line = line_of(payment_ref=payment_behind(operation).external_id)
        address = reverse("refunds:match_line", args=[line.pk])

        text = browser.post(address, {"operation": str(operation.pk)}, headers=HTMX).text

        assert f'data-row-id="row-{following.pk}"' in text
        assert f'<tr id="row-{line.pk}" hx-swap-oob="delete">' in text
        assert 'id="totals" hx-swap-oob="true"' in text

    def test_take_a_match_apart(self, browser: Client, north: Team) -> None:
        made = settled(paid(team=north))
        assert "Take apart" in browser.get(reverse("refunds:line", args=[made.line_id])).text

        browser.post(reverse("refunds:unmatch_line", args=[made.line_id]), {"note": "It was another one."})

        assert SeveredMatch.objects.get().why == "It was another one."
        assert listed(browser) == [made.line.external_id]


class TestAcceptingAllThatIsExact:
    def test_takes_what_is_proved_and_nothing_else(self, browser: Client, north: Team) -> None:
        proved = [line_of(operation_ref=str(paid(team=north).pk)) for _ in range(3)]
        likely = paid(team=north)
        line_of(payment_ref=payment_behind(likely).external_id)
        page = browser.get(reverse("refunds:reconciliation"))
        assert "Accept 3 exact matches" in page.text
        pairs = [f"{line.pk}:{operation.pk}" for line, operation in page.context["exact"]]

        browser.post(reverse("refunds:accept_exact"), {"pair": pairs})

        assert {match.line for match in Match.objects.all()} == set(proved)
        assert set(Match.objects.values_list("found_by", flat=True)) == {"accepted as exact"}

    def test_refuses_a_pair_that_is_likely_or_weak(self, browser: Client, north: Team) -> None:
        for is_likely in (False, True):
            operation = paid(team=north)
            line = line_of(payment_ref=payment_behind(operation).external_id if is_likely else "")

            page = browser.post(reverse("refunds:accept_exact"), {"pair": f"{line.pk}:{operation.pk}"}, follow=True)

            assert "is not an exact match any more" in page.text
        assert not Match.objects.exists()

    def test_passes_over_what_is_not_there_or_not_hers(self, browser: Client, lena: User, north: Team) -> None:
        own, good = paid(team=north), paid(team=north)
        took_part(lena, own, "requested_by")
        lines = [line_of(operation_ref=str(one.pk)) for one in (own, good)]
        pairs = [f"{line.pk}:{one.pk}" for line, one in zip(lines, (own, good), strict=True)]

        page = browser.post(
            reverse("refunds:accept_exact"), {"pair": [*pairs, "9:x", "999999:" + str(own.pk)]}, follow=True
        )

        assert Match.objects.get().operation == good
        assert "Whoever asked, approved or paid" in page.text
        assert "1 exact match" in page.text


def test_operations_have_no_exact_match_before_they_left(browser: Client, north: Team) -> None:
    """What is still on its way is not offered."""
    pending = operation_of(request_in(State.PROCESSING, team=north), OperationState.PENDING)
    line_of(operation_ref=str(pending.pk))

    assert browser.get(reverse("refunds:reconciliation")).context["exact"] == []
    assert Operation.objects.count() == 1
