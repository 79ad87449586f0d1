"""Shops, deliveries and files of orders stand what every screen stands."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from refunds.carriers.base import Parcel
from refunds.carriers.noting import note_delivery, note_parcels
from refunds.models import ShopNote
from refunds.vocabulary import NoteState
from refunds.webhooks.resyncing import ask_to_resync
from tests.browser.checks import complaints
from tests.harness.known import order_of
from tests.harness.people import settle
from tests.harness.world import NOON
from tests.refunds.webhooks.shop import connected
from tests.refunds.webhooks.test_telling import refund

if TYPE_CHECKING:
    from tests.browser.conftest import PageAs
    from tests.harness.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


class TestAShop:
    def test_stands_axe_and_a_phone(self, page_as: PageAs, world: World) -> None:
        root, at = settle("root"), timezone.now()
        shop, _ = connected(world, takes_orders=True, writes_back=True)
        refund(world)
        ShopNote.objects.update(state=NoteState.NEEDS_PERSON, outcome="The shop refused to write it down (422).")
        health = reverse("admin:refunds_shopconnection_health", args=[shop.pk])

        assert complaints(page_as, root, health, "/admin/refunds/shopconnection/add/", "/orders/upload/") == []
        ask_to_resync(connection_id=shop.pk, since=(at - timedelta(days=3)).date(), actor=root, at=at)
        assert complaints(page_as, root, health) == []

    def test_is_read_again_and_stopped_without_javascript(self, page_as: PageAs, world: World) -> None:
        shop, _ = connected(world, takes_orders=True)
        page = page_as(settle("root"), java_script_enabled=False)
        page.goto(reverse("admin:refunds_shopconnection_health", args=[shop.pk]))

        page.get_by_label("From").fill((timezone.now() - timedelta(days=3)).date().isoformat())
        page.get_by_role("button", name="Read every order that changed since").click()
        expect(page.get_by_text("0 of 0 orders read.")).to_be_visible()
        page.get_by_role("button", name="Stop reading").click()

        expect(page.get_by_text("Stopped. What was read stays.").first).to_be_visible()


class TestADelivery:
    def test_stands_axe_and_a_phone(self, page_as: PageAs, world: World) -> None:
        amir = settle("amir")
        waiting = world.waiting(by=amir)
        friday = datetime(2026, 11, 13, tzinfo=UTC)
        there = Parcel(external_id="1", carrier="DHL", tracking="JD014600003828392837", delivered_at=friday)
        note_parcels(order_id=order_of(waiting).pk, parcels=[there])
        why = "The courier's picture shows the parcel at the door."
        note_delivery(reference=waiting.reference, arrived_on=date(2026, 11, 15), why=why, actor=amir, at=NOON)

        assert complaints(page_as, amir, waiting.get_absolute_url()) == []

    def test_is_noted_without_javascript(self, page_as: PageAs, world: World) -> None:
        waiting = world.waiting(by=settle("amir"))
        page = page_as(settle("amir"), java_script_enabled=False)
        page.goto(waiting.get_absolute_url())

        page.get_by_text("Note when it arrived").click()
        page.get_by_label("Day it arrived").fill("2026-11-15")
        page.get_by_label("How you know it").fill("She sent a picture of it.")
        page.get_by_role("button", name="Note the delivery").click()

        assert "Arrived 15" in page.locator("#delivery").inner_text()
