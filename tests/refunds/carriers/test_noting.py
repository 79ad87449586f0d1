"""When an order arrived: a person's note with her name, what the carrier says, and the return window after it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from django.utils import timezone

from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from evidence.models import LedgerEntry
from policies.judging import document_of
from refunds.carriers.base import Parcel
from refunds.carriers.noting import note_delivery, note_parcels
from refunds.facts import gather
from refunds.models import DeliveryProof, Order, RefundRequest
from refunds.orders.sold import LineFacts, OrderFacts
from refunds.orders.upserting import upsert_order
from tests.architecture.asking import client_of
from tests.harness.known import order_of
from tests.harness.people import settle
from tests.harness.world import NOON

if TYPE_CHECKING:
    from config.kernel.people import User
    from tests.harness.world import World

pytestmark = pytest.mark.django_db

WHY = "The courier's picture shows the parcel at the door."
ARRIVED = date(2026, 11, 15)


@pytest.fixture
def waiting(world: World, amir: User) -> RefundRequest:
    """Have a request on an order that was placed on 12 November."""
    return world.waiting(by=amir)


def note(
    refund_request: RefundRequest, actor: User, *, on: date = ARRIVED, why: str = WHY, at: datetime = NOON
) -> None:
    """Note a day."""
    note_delivery(reference=refund_request.reference, arrived_on=on, why=why, actor=actor, at=at)


def arrived(refund_request: RefundRequest) -> datetime | None:
    """Read what counts."""
    return Order.objects.get(pk=order_of(refund_request).pk).delivered_at


def parcel(day: int | None, name: str = "1") -> Parcel:
    """Have a carrier say that a parcel arrived on a day of November."""
    there = None if day is None else datetime(2026, 11, day, 9, tzinfo=UTC)
    return Parcel(external_id=name, carrier="DHL", tracking="JD1", shipped_at=NOON, delivered_at=there)


class TestANote:
    def test_counts_names_the_person_and_is_on_the_ledger(self, waiting: RefundRequest, amir: User) -> None:
        note(waiting, amir)

        proof = DeliveryProof.objects.get()
        assert (proof.noted_by, proof.note, proof.source) == (amir, WHY, "person")
        assert arrived(waiting) == datetime(2026, 11, 15, 12, tzinfo=UTC)
        entry = LedgerEntry.objects.get(kind="refund_request.delivery_noted")
        assert entry.actor == amir
        assert "15 November 2026" in str(entry.payload)
        assert WHY not in str(entry.payload)

    def test_moves_the_return_window(self, waiting: RefundRequest, amir: User, world: World) -> None:
        def days() -> int | None:
            fresh = RefundRequest.objects.get(pk=waiting.pk)
            return gather(fresh, document_of(world.policy()), at=NOON).days_since_delivery

        before = days()
        note(waiting, amir)

        assert (before, days()) == (8, 5)

    @pytest.mark.parametrize(
        ("on", "why"),
        [
            (date(2026, 11, 11), WHY),
            (date(2026, 11, 21), WHY),
            (ARRIVED, " "),
            (ARRIVED, "x" * 5000),
            (ARRIVED, "Card 4242 4242 4242 4242"),
        ],
    )
    def test_that_cannot_be_is_refused(self, waiting: RefundRequest, amir: User, on: date, why: str) -> None:
        with pytest.raises(Refused):
            note(waiting, amir, on=on, why=why)

        assert arrived(waiting) is None
        assert not DeliveryProof.objects.exists()

    def test_is_refused_to_whoever_may_not_submit(self, waiting: RefundRequest) -> None:
        with pytest.raises(NotPermitted):
            note(waiting, settle("lena"))

        assert not DeliveryProof.objects.exists()

    def test_is_not_there_for_a_stranger(self, waiting: RefundRequest) -> None:
        with pytest.raises(RefundRequest.DoesNotExist):
            note(waiting, settle("asha"))

    def test_comes_too_late_once_it_is_decided(self, world: World, amir: User, dana: User) -> None:
        with pytest.raises(OutOfDate):
            note(world.approved(by=amir, approver=dana), amir)

        assert not DeliveryProof.objects.exists()


class TestWhatCounts:
    def test_is_the_last_parcel_once_all_arrived(self, waiting: RefundRequest) -> None:
        note_parcels(order_id=order_of(waiting).pk, parcels=[parcel(14), parcel(None, "2")])
        assert arrived(waiting) is None

        note_parcels(order_id=order_of(waiting).pk, parcels=[parcel(14), parcel(16, "2")])
        assert arrived(waiting) == datetime(2026, 11, 16, 9, tzinfo=UTC)
        assert DeliveryProof.objects.count() == 2

    def test_is_a_persons_note_whatever_the_carrier_says_before_and_after(
        self, waiting: RefundRequest, amir: User
    ) -> None:
        note_parcels(order_id=order_of(waiting).pk, parcels=[parcel(13)])
        note(waiting, amir)
        note_parcels(order_id=order_of(waiting).pk, parcels=[parcel(14)])

        assert arrived(waiting) == datetime(2026, 11, 15, 12, tzinfo=UTC)
        page = client_of(amir).get(waiting.get_absolute_url()).text
        assert "says another day" in page
        assert "DHL" in page

    def test_is_the_newest_note(self, waiting: RefundRequest, amir: User, dana: User) -> None:
        note(waiting, amir)
        note(waiting, dana, on=date(2026, 11, 17), at=NOON + timedelta(hours=1))

        assert arrived(waiting) == datetime(2026, 11, 17, 12, tzinfo=UTC)
        assert DeliveryProof.objects.count() == 2

    def test_is_a_note_before_what_a_sender_tells_later(self, waiting: RefundRequest, amir: User) -> None:
        note(waiting, amir)
        order = order_of(waiting)
        line = order.lines.get()
        told = OrderFacts(
            channel=order.channel, external_id=order.external_id, team="uk-retail", placed_at=order.placed_at,
            delivered_at=datetime(2026, 11, 13, tzinfo=UTC),
            lines=[LineFacts(line=line.line, sku=line.sku, quantity=4, unit_price_minor=line.unit_price_minor)],
        )  # fmt: skip

        upsert_order(order=told, actor=settle("bot"), at=timezone.now())

        assert arrived(waiting) == datetime(2026, 11, 15, 12, tzinfo=UTC)
        assert DeliveryProof.objects.get(source="sender").delivered_at == told.delivered_at
        assert "says another day" in client_of(amir).get(waiting.get_absolute_url()).text

    def test_agrees_quietly(self, waiting: RefundRequest, amir: User) -> None:
        note_parcels(order_id=order_of(waiting).pk, parcels=[parcel(15)])
        note(waiting, amir)

        assert "says another day" not in client_of(amir).get(waiting.get_absolute_url()).text


class TestThePage:
    def test_notes_a_delivery_without_a_script(self, waiting: RefundRequest, amir: User) -> None:
        client = client_of(amir)
        page = client.get(waiting.get_absolute_url()).text
        assert "Nobody said when it arrived" in page
        address = reverse("refunds:note_delivery", args=[waiting.reference])
        assert address in page

        answer = client.post(address, {"arrived_on": "2026-11-15", "why": WHY})

        assert answer.status_code == 302
        page = client.get(waiting.get_absolute_url()).text
        assert WHY.replace("'", "&#x27;") in page
        assert "Amir" in page

    @pytest.mark.parametrize(
        "typed", [{"arrived_on": "soon", "why": WHY}, {"arrived_on": "2026-11-15"}, {"why": WHY}, {}]
    )
    def test_refuses_what_is_no_day_or_has_no_word(
        self, waiting: RefundRequest, amir: User, typed: dict[str, Any]
    ) -> None:
        answer = client_of(amir).post(reverse("refunds:note_delivery", args=[waiting.reference]), typed)

        assert answer.status_code == 422
        assert arrived(waiting) is None

    def test_offers_nothing_to_whoever_only_pays(self, waiting: RefundRequest) -> None:
        page = client_of(settle("lena")).get(waiting.get_absolute_url()).text

        assert reverse("refunds:note_delivery", args=[waiting.reference]) not in page
