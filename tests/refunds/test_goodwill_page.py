"""The page that gives a goodwill credit, and the pages one is seen on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from refunds.models import RefundRequest
from refunds.vocabulary import State
from tests.harness.people import settle

if TYPE_CHECKING:
    from django.test import Client

    from refunds.models import Customer
    from tests.harness.world import World

pytestmark = pytest.mark.django_db

PAGE = "refunds:goodwill"


@pytest.fixture
def customer(world: World) -> Customer:
    """Know somebody who bought from the British team."""
    known = world.customer()
    world.order(customer=known)
    return known


@pytest.fixture
def amir(client: Client, world: World) -> Client:
    """Sit at Amir's desk."""
    client.force_login(settle("amir"))
    return client


def typed(customer: Customer, more: dict[str, str] | None = None, *, do: str = "submit") -> dict[str, str]:
    more = more or {}
    kept = {"do": do, "team": "uk-retail", "currency": "gbp", "amount": "15.00", "reason": "late_delivery"}
    return kept | {"customer": customer.external_id} | more


class TestThePage:
    def test_says_what_the_policy_says_and_keeps_nothing(self, amir: Client, customer: Customer) -> None:
        shown = amir.post(reverse(PAGE), typed(customer, do="check"))

        assert shown.status_code == 200
        assert "£15.00" in shown.text
        assert f'value="{customer.external_id}"' in shown.text
        assert not RefundRequest.objects.exists()

    def test_files_it_and_leads_to_it(self, amir: Client, customer: Customer) -> None:
        answer = amir.post(reverse(PAGE), typed(customer), follow=True)

        filed = RefundRequest.objects.get()
        assert (filed.state, filed.requested_minor, filed.currency) == (State.AWAITING_APPROVAL, 15_00, "GBP")
        assert answer.redirect_chain == [(filed.get_absolute_url(), 302)]
        assert f"{filed.reference} was submitted: awaiting approval." in answer.text
        assert "Given as store credit; nothing of a payment goes back." in answer.text
        assert "Order and refund lines" not in answer.text

    def test_comes_filled_in_from_an_order(self, amir: Client, world: World, customer: Customer) -> None:
        order = world.order(customer=customer)
        intake = amir.get(reverse("refunds:intake_order", args=[order.channel, order.external_id])).text
        link = f"{reverse(PAGE)}?channel=shop-uk&amp;order={order.external_id}&amp;currency=GBP"
        assert link in intake

        form = amir.get(link.replace("&amp;", "&")).text

        assert f'value="{order.external_id}"' in form
        assert 'value="GBP"' in form

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"amount": "a lot"}, "Enter an amount such as 12.50."),
            ({"amount": "1.005"}, "GBP has 2 decimals."),
            ({"amount": "0"}, "The amount must be more than zero."),
            ({"currency": "XXQ"}, "There is no currency"),
            ({"customer": ""}, "Name the order or the customer."),
            ({"customer": "nobody"}, "bought from this team"),
            ({"team": ""}, "Name the team that gives it."),
            ({"reason": ""}, "This field is required."),
            ({"order": "W-404", "channel": "shop-uk"}, "There is no order W-404"),
        ],
    )
    def test_gives_everything_back_with_what_is_wrong(
        self, amir: Client, customer: Customer, wrong: dict[str, str], said: str
    ) -> None:
        answer = amir.post(reverse(PAGE), typed(customer, {"note": "She waited a month."} | wrong))

        assert answer.status_code == 422
        assert said in answer.text
        assert "She waited a month." in answer.text
        assert not RefundRequest.objects.exists()

    def test_hears_of_the_one_that_is_open(self, amir: Client, customer: Customer) -> None:
        amir.post(reverse(PAGE), typed(customer))

        again = amir.post(reverse(PAGE), typed(customer))

        assert again.status_code == 422
        assert "is open for the same amount to this customer" in again.text
        assert RefundRequest.objects.count() == 1


class TestWhereOneIsSeen:
    @pytest.mark.parametrize("who", ["amir", "dana", "mei", "ada"])
    def test_stands_on_its_page_in_every_role(self, client: Client, amir: Client, customer: Customer, who: str) -> None:
        amir.post(reverse(PAGE), typed(customer))
        client.force_login(settle(who))

        page = client.get(RefundRequest.objects.get().get_absolute_url())

        assert page.status_code == 200
        assert "Goodwill credit" in page.text

    def test_stands_in_lists_panels_and_drafts(self, amir: Client, customer: Customer) -> None:
        amir.post(reverse(PAGE), typed(customer))
        filed = RefundRequest.objects.get()
        draft_page = filed.get_absolute_url()
        assert "Goodwill" in amir.get(reverse("refunds:requests")).text
        amir.force_login(settle("dana"))
        assert "Goodwill credit for" in amir.get(reverse("refunds:panel", args=[filed.reference])).text
        amir.force_login(settle("ada"))
        assert amir.get(reverse("refunds:money_trail", args=[filed.reference])).status_code == 200
        assert amir.get(draft_page).status_code == 200
