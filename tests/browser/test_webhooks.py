"""Webhook endpoints in a real window: every page stands axe and a phone, and the loop needs no script."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from refunds.models import WebhookDelivery, WebhookEndpoint
from refunds.outgoing.dispatching import dispatch
from refunds.outgoing.vocabulary import SendState
from tests.browser.checks import assert_fits, axe_violations
from tests.harness.people import settle
from tests.refunds.outgoing.receivers import OK, answer, listening, says
from tests.refunds.outgoing.stage import endpoint_at, told

if TYPE_CHECKING:
    from tests.browser.conftest import PageAs
    from tests.harness.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

ENDPOINTS = "/admin/refunds/webhookendpoint/"
DELIVERIES = "/admin/refunds/webhookdelivery/"


class TestWebhooks:
    def test_stand_axe_and_a_phone(self, page_as: PageAs, world: World) -> None:
        root, at = settle("root"), timezone.now()
        with listening(says(answer("500 Broken", b"out of paper"))) as receiver:
            endpoint, _ = endpoint_at(receiver.url, at=at)
            delivery = told(endpoint, at=at)
            dispatch(run_seconds=1)
        screens = [
            ENDPOINTS,
            f"{ENDPOINTS}add/",
            f"{ENDPOINTS}{endpoint.pk}/change/",
            f"{ENDPOINTS}{endpoint.pk}/health/",
            DELIVERIES,
            f"{DELIVERIES}{delivery.pk}/change/",
        ]
        complaints = []
        for scheme, width in [("light", 1280), ("dark", 360)]:
            page = page_as(root, width=width, color_scheme=scheme)
            for address in screens:
                page.goto(address, wait_until="load")
                complaints += [f"{address} {scheme} {width}: {found}" for found in axe_violations(page)]
                assert_fits(page, width)

        assert complaints == []

    def test_are_set_up_tested_and_sent_again_without_javascript(self, page_as: PageAs, world: World) -> None:
        page = page_as(settle("root"), java_script_enabled=False)
        with listening(says(OK)) as receiver:
            page.goto(f"{ENDPOINTS}add/")
            page.get_by_label("Address").fill(receiver.url)
            page.get_by_role("button", name="Save", exact=True).click()
            assert page.locator("#secret").inner_text().startswith("whsec_")
            page.get_by_role("link", name="I have copied it").click()
            page.get_by_role("button", name="Send a test event").click()
            dispatch(run_seconds=1)
            page.goto(f"{ENDPOINTS}{WebhookEndpoint.objects.get().pk}/health/")
            expect(page.get_by_text("204 Delivered", exact=True)).to_be_visible()
            page.get_by_label("Hours in which both sign").fill("1")
            page.get_by_role("button", name="Make a new secret").click()
            page.get_by_role("link", name="I have copied it").click()
            expect(page.get_by_role("button", name="End the old secret now")).to_be_visible()
            page.goto(f"{DELIVERIES}{WebhookDelivery.objects.get().pk}/change/")
            page.get_by_role("button", name="Send again").click()
            assert WebhookDelivery.objects.get().state == SendState.WAITING
            dispatch(run_seconds=1)

        assert len({heard.headers["webhook-id"] for heard in receiver.heard}) == 1
        assert len(receiver.heard) == 2

    def test_are_disabled_and_enabled_and_what_failed_is_sent_again(self, page_as: PageAs, world: World) -> None:
        page = page_as(settle("root"), java_script_enabled=False)
        endpoint, _ = endpoint_at()
        told(endpoint)
        page.goto(f"{ENDPOINTS}{endpoint.pk}/health/")

        page.get_by_label("Why").fill("It moves house.")
        page.get_by_role("button", name="Disable").click()
        expect(page.get_by_text("Disabled: It moves house.")).to_be_visible()
        page.get_by_role("button", name="Enable").click()
        page.get_by_label("Since (Europe/London)").fill("2026-11-20T11:00")
        page.get_by_role("button", name="Send again what failed").click()

        expect(page.get_by_text("1 deliveries are sent again.")).to_be_visible()
