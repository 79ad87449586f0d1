"""Two tabs: what is done in one is seen in the other, and nothing moves under anybody's hands."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from approvals.models import ApprovalStep
from approvals.vocabulary import Verdict
from config.live_hub import HUB
from refunds import workflow
from tests.harness.people import settle

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from refunds.models import RefundRequest
    from tests.browser.conftest import PageAs
    from tests.harness.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

QUEUE = "/queue/?view=mine"


def waiting(world: World, pounds: int = 300) -> RefundRequest:
    order = world.order(unit_minor=pounds * 100, days_ago=5)
    return world.filed(order, by=settle("amir"), at=timezone.now())


def until_heard(page: Page, address: str) -> None:
    """Open a page and wait until its stream has told something."""
    with page.expect_response("**/live/?**"):
        page.goto(address)
    page.wait_for_timeout(600)


class TestTheStream:
    def test_shows_a_change_in_the_other_tab_within_a_second(self, page_as: PageAs, world: World) -> None:
        first = waiting(world)
        here, there = page_as(settle("viktor")), page_as(settle("vera"))
        until_heard(here, QUEUE)
        until_heard(there, QUEUE)
        expect(there.locator("#waits-q")).to_have_text("1")
        here.locator("#panel", has_text=first.reference).wait_for()
        here.wait_for_timeout(1000)

        here.keyboard.press("a")
        here.keyboard.press("Enter")
        here.locator("#toasts", has_text="was approved").wait_for()
        began = time.monotonic()
        expect(there.locator("#waits-q")).to_have_text("")

        assert time.monotonic() - began < 1
        expect(there.locator("#count-mine")).to_have_text("0")

    def test_offers_new_rows_and_keeps_hands_selection_and_what_was_typed(self, page_as: PageAs, world: World) -> None:
        waiting(world)
        page = page_as(settle("viktor"))
        until_heard(page, QUEUE)
        page.get_by_label("Rationale").fill("The parcel came back.")

        new = waiting(world, 200)
        page.get_by_role("button", name="1 new, press R").wait_for()
        expect(page.locator(f"#row-{new.reference}")).to_have_count(0)
        page.keyboard.press("r")
        assert page.get_by_label("Rationale").input_value() == "The parcel came back.r"
        page.keyboard.press("Escape")
        current = page.locator("[data-row][aria-current]").get_attribute("id")
        page.keyboard.press("r")

        page.locator(f"#row-{new.reference}").wait_for()
        expect(page.locator("#news button")).to_have_count(0)
        assert page.locator("[data-row][aria-current]").get_attribute("id") == current
        assert page.evaluate("document.activeElement.closest('[data-row]')?.id") == current
        assert page.get_by_label("Rationale").input_value() == "The parcel came back.r"
        third = waiting(world, 210)
        page.get_by_role("button", name="1 new, press R").click()
        page.locator(f"#row-{third.reference}").wait_for()

    def test_says_who_looks_at_a_row(self, page_as: PageAs, world: World) -> None:
        first = waiting(world)
        page = page_as(settle("viktor"))
        until_heard(page, QUEUE)

        step = ApprovalStep.objects.get()
        step.leased_by, step.leased_until = settle("dana"), timezone.now() + timedelta(minutes=15)
        step.save(update_fields=["leased_by", "leased_until"])

        expect(page.locator(f"#row-{first.reference}")).to_contain_text("Dana looks at this")

    def test_counts_exceptions_for_a_reviewer(self, page_as: PageAs, world: World) -> None:
        page = page_as(settle("mei"))
        until_heard(page, "/exceptions/")

        late = world.filed(world.order(days_ago=60), by=settle("amir"), at=timezone.now())

        expect(page.locator("#waits-e")).to_have_text("1")
        page.keyboard.press("r")
        page.locator(f"#row-{late.reference}").wait_for()

    def test_gives_its_place_back_when_the_tab_is_left(self, page_as: PageAs, world: World) -> None:
        page = page_as(settle("viktor"))
        until_heard(page, QUEUE)
        assert len(HUB) == 1
        page.goto("about:blank")
        until = time.monotonic() + 5
        while len(HUB) and time.monotonic() < until:
            time.sleep(0.1)
        assert len(HUB) == 0


class TestWithoutTheStream:
    def test_asks_instead(self, page_as: PageAs, world: World) -> None:
        first = waiting(world)
        page = page_as(settle("viktor"))
        page.route("**/live/?**", lambda route: route.abort())
        with page.expect_response("**/live/poll/**") as answered:
            page.goto(QUEUE)
        assert answered.value.status == 200
        workflow.decide(
            reference=first.reference, verdict=Verdict.APPROVE, rationale="", actor=settle("vera"), at=timezone.now()
        )

        # Coming back to the tab asks at once.
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

        expect(page.locator("#waits-q")).to_have_text("")

    def test_offers_new_rows_all_the_same_and_they_come_when_asked_for(self, page_as: PageAs, world: World) -> None:
        first = waiting(world)
        page = page_as(settle("viktor"))
        page.route("**/live/?**", lambda route: route.abort())
        with page.expect_response("**/live/poll/**"):
            page.goto(QUEUE)
        page.locator("#panel h2", has_text=first.reference).wait_for()
        new = waiting(world, 200)

        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

        page.get_by_role("button", name="1 new, press R").wait_for()
        expect(page.locator(f"#row-{new.reference}")).to_have_count(0)
        page.keyboard.press("r")
        page.locator(f"#row-{new.reference}").wait_for()
        expect(page.locator("#news button")).to_have_count(0)
        expect(page.locator("#waits-q")).to_have_text("2")
