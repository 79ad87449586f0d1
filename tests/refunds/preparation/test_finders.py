"""What each finder says of a case, and what it rests on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from approvals.vocabulary import Verdict
from config.kernel.money import Money
from refunds import workflow
from refunds.crediting import CreditDraft
from refunds.models import Customer, Order, RefundLine
from refunds.preparation.base import Tone
from refunds.preparation.preparing import preparation_for
from refunds.selectors import request_page
from tests.evidence.test_reuse import jpeg, scene
from tests.harness.known import order_of
from tests.harness.people import settle
from tests.harness.world import NOON, World
from tests.refunds.test_reuse import sent

if TYPE_CHECKING:
    from config.kernel.people import User
    from refunds.models import RefundRequest
    from refunds.preparation.base import PreparedFinding

pytestmark = pytest.mark.django_db


def looked_up(viewer: User, refund_request: RefundRequest, finder: str) -> list[PreparedFinding]:
    """List what one finder says to somebody."""
    found = request_page(viewer, refund_request.reference)
    assert found is not None
    prepared = preparation_for(viewer, found, at=NOON)
    assert prepared is not None
    return [finding for finding in prepared.findings if finding.finder == finder]


def told(viewer: User, refund_request: RefundRequest, finder: str) -> list[tuple[Tone, str]]:
    """List tones and sentences."""
    return [(finding.tone, finding.sentence) for finding in looked_up(viewer, refund_request, finder)]


@pytest.fixture
def buyer(world: World) -> Customer:
    return world.customer()


class TestDuplicates:
    def test_are_none_on_a_first_request(self, world: World, amir: User, dana: User) -> None:
        assert told(dana, world.waiting(by=amir), "duplicates") == [
            (Tone.FINE, "Nothing of this order was asked for before.")
        ]

    def test_are_requests_for_the_same_lines(self, world: World, amir: User, dana: User) -> None:
        order = world.order(unit_minor=100_00)
        first = world.filed(order, by=amir)
        workflow.decide(
            reference=first.reference, verdict=Verdict.DECLINE, rationale="Not ours to pay.", actor=dana, at=NOON
        )

        (finding,) = looked_up(dana, world.filed(order, by=amir), "duplicates")

        assert finding.tone is Tone.LOOK
        assert f"{first.reference} (declined)" in finding.sentence
        assert [(one.record, one.field, one.page) for one in finding.sources] == [
            (first.reference, "lines", first.get_absolute_url())
        ]

    def test_are_not_requests_for_other_lines(self, world: World, amir: User, dana: User) -> None:
        order = world.order(unit_minor=100_00, line_count=2)
        world.filed(order, by=amir)
        second = workflow.file_request(draft=world.draft_of(order, line="2"), actor=amir, at=NOON)

        assert [tone for tone, _ in told(dana, second, "duplicates")] == [Tone.FINE]

    def test_are_the_same_amount_on_another_order(self, world: World, amir: User, dana: User, buyer: Customer) -> None:
        first = world.filed(world.order(unit_minor=100_00, customer=buyer), by=amir)
        second = world.filed(world.order(unit_minor=100_00, customer=buyer), by=amir)

        ((tone, sentence),) = told(dana, second, "duplicates")

        assert tone is Tone.LOOK
        assert first.reference in sentence

    def test_of_goodwill_are_the_same_amount_whatever_the_order(
        self, world: World, amir: User, dana: User, buyer: Customer
    ) -> None:
        order = world.order(customer=buyer, unit_minor=100_00)
        refund = world.filed(order, by=amir)
        draft = CreditDraft(
            amount=Money(75_00, "GBP"), channel="shop-uk", order=order.external_id, reason="late_delivery"
        )
        first = workflow.file_request(draft=draft, actor=amir, at=NOON)
        assert told(dana, first, "duplicates") == [(Tone.FINE, "Nothing like it was asked for before.")]
        assert told(dana, refund, "duplicates") == [(Tone.FINE, "Nothing of this order was asked for before.")]
        workflow.withdraw(reference=first.reference, note="", actor=amir, at=NOON)

        again = workflow.file_request(
            draft=replace(draft, order="", customer=buyer.external_id, team="uk-retail"), actor=amir, at=NOON
        )

        assert told(dana, again, "duplicates") == [
            (
                Tone.LOOK,
                f"The same amount was asked for by this customer within 90 days, in {first.reference} (withdrawn).",
            )
        ]

    def test_of_another_team_are_counted_and_not_named(
        self, world: World, amir: User, luis: User, buyer: Customer
    ) -> None:
        world.team("us-dtc")
        hidden = world.filed(world.order(unit_minor=100_00, customer=buyer, team="us-dtc"), by=amir)
        Order.objects.filter(pk=order_of(hidden).pk).update(currency="GBP")
        type(hidden).objects.filter(pk=hidden.pk).update(currency="GBP")
        own = world.filed(world.order(unit_minor=100_00, customer=buyer), by=amir)

        (finding,) = looked_up(luis, own, "duplicates")

        assert "1 request of another team" in finding.sentence
        assert hidden.reference not in finding.sentence
        assert finding.sources == ()


class TestItemMatch:
    def test_is_fine_where_the_condition_goes_with_the_reason(self, world: World, amir: User, dana: User) -> None:
        ((tone, sentence),) = told(dana, world.waiting(by=amir), "item_match")
        assert (tone, sentence) == (Tone.FINE, "What is claimed is on the order: 1 of 4 of line 1.")

    def test_asks_for_a_look_where_it_does_not(self, world: World, amir: User, dana: User) -> None:
        waiting = world.waiting(by=amir)
        RefundLine.objects.filter(refund_request=waiting).update(condition="worn")

        (finding,) = looked_up(dana, waiting, "item_match")

        assert finding.tone is Tone.LOOK
        assert "“worn”" in finding.sentence
        assert [one.field for one in finding.sources] == ["condition", "reason"]


class TestDelivery:
    def test_is_unexplained_where_somebody_has_what_was_never_delivered(
        self, world: World, amir: User, dana: User
    ) -> None:
        assert [tone for tone, _ in told(dana, world.waiting(by=amir), "delivery")] == [Tone.LOOK]

    def test_contradicts_a_customer_who_received_nothing(self, world: World, amir: User, dana: User) -> None:
        order = world.order(unit_minor=100_00)
        Order.objects.filter(pk=order.pk).update(delivered_at=NOON - timedelta(days=3))
        waiting = world.filed(order, by=amir, reason="not_received")

        said = told(dana, waiting, "delivery")

        assert said == [
            (Tone.LOOK, "The shop says it was delivered on 17 November 2026; the customer says it did not arrive."),
            (Tone.UNKNOWN, "No proof of the carrier is attached."),
        ]


class TestReturnWindow:
    def test_repeats_what_the_policy_found_with_its_day(self, world: World, amir: User, dana: User) -> None:
        waiting = world.waiting(by=amir)
        assert waiting.decision is not None
        (finding,) = looked_up(dana, waiting, "return_window")

        said = next(one["sentence"] for one in waiting.decision.findings if one["rule"] == "return_window")
        assert finding.sentence.startswith(said)
        assert "no delivery is known, 12 November 2026" in finding.sentence
        assert [one.field for one in finding.sources] == ["placed_at", "return_window"]

    def test_asks_for_a_look_outside(self, world: World, amir: User, mei: User) -> None:
        late = world.filed(world.order(unit_minor=100_00, days_ago=50), by=amir)
        assert [tone for tone, _ in told(mei, late, "return_window")] == [Tone.LOOK]


class TestPhotos:
    def test_sent_before_name_the_other_request(self, world: World, amir: User, dana: User) -> None:
        first = sent(world, amir, jpeg(scene()), pounds=100)
        again = sent(world, amir, jpeg(scene()), pounds=100)

        (finding,) = looked_up(dana, again, "photos")

        assert finding.tone is Tone.LOOK
        assert finding.sentence == f"A photo here is, to the last byte, one of {first.reference}."
        assert finding.sources[-1].page == first.get_absolute_url()


class TestVelocity:
    def test_counts_windows_and_keeps_currencies_apart(
        self, world: World, amir: User, dana: User, buyer: Customer
    ) -> None:
        world.filed(world.order(unit_minor=100_00, customer=buyer), by=amir)
        world.filed(world.order(unit_minor=70_00, customer=buyer, team="us-dtc"), by=amir)
        earlier = NOON - timedelta(days=60)
        world.filed(world.order(unit_minor=90_00, customer=buyer, at=earlier), by=amir, at=earlier)
        own = world.filed(world.order(unit_minor=80_00, customer=buyer), by=amir)

        month, quarter = told(dana, own, "velocity")

        assert month == (Tone.LOOK, "2 other requests in the 30 days before, £100.00 and US$70.00 in all.")
        assert quarter == (Tone.FINE, "3 other requests in the 90 days before, £190.00 and US$70.00 in all.")

    def test_follows_an_address_over_customer_numbers(
        self, world: World, amir: User, dana: User, buyer: Customer
    ) -> None:
        twin = world.customer()
        Customer.objects.filter(pk__in=[buyer.pk, twin.pk]).update(email="ada@example.com")
        world.filed(world.order(unit_minor=100_00, customer=twin), by=amir)
        own = world.filed(world.order(unit_minor=80_00, customer=Customer.objects.get(pk=buyer.pk)), by=amir)

        said = told(dana, own, "velocity")

        assert said[0][1].startswith("1 other request in the 30 days before")
        assert said[-1] == (Tone.LOOK, "The same e-mail address has 2 customer numbers; all are counted.")
        assert "ada@example.com" not in str(said)

    def test_does_not_count_what_gave_nothing_back(self, world: World, amir: User, dana: User, buyer: Customer) -> None:
        first = world.filed(world.order(unit_minor=100_00, customer=buyer), by=amir)
        workflow.decide(
            reference=first.reference, verdict=Verdict.DECLINE, rationale="Not ours to pay.", actor=dana, at=NOON
        )
        own = world.filed(world.order(unit_minor=80_00, customer=buyer), by=amir)

        assert told(dana, own, "velocity")[0] == (Tone.FINE, "0 other requests in the 30 days before.")

    def test_is_unknown_without_a_customer(self, world: World, amir: User, dana: User) -> None:
        assert [tone for tone, _ in told(dana, world.waiting(by=amir), "velocity")] == [Tone.UNKNOWN]


class TestOrderHistory:
    def test_says_what_became_of_the_others(self, world: World, amir: User, dana: User, buyer: Customer) -> None:
        first = world.filed(world.order(unit_minor=100_00, customer=buyer), by=amir)
        workflow.decide(
            reference=first.reference, verdict=Verdict.DECLINE, rationale="Not ours to pay.", actor=dana, at=NOON
        )
        own = world.filed(world.order(unit_minor=80_00, customer=buyer), by=settle("amir"))

        assert told(dana, own, "order_history") == [
            (Tone.FINE, "This customer has 2 orders with us and 1 other request: 1 declined or blocked.")
        ]
