"""The first minutes of the demo, on the keyboard alone: from the door to the task, and on to the next person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from config.demo.people import settle_people
from tests.browser.checks import DESK, PHONE, problems
from tests.browser.test_journeys import tab_to
from tests.harness.people import settle
from tests.harness.world import NOON

if TYPE_CHECKING:
    from tests.browser.conftest import PageAs
    from tests.harness.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


class TestFirstMinutes:
    def test_lead_from_the_door_to_a_decision_and_on(self, page_as: PageAs, world: World) -> None:
        settle_people(at=NOON)
        waiting = world.waiting(by=settle("amir"))
        page = page_as()
        page.goto("/demo/")
        tab_to(page, "form[action$='/become/dana/'] button")
        page.keyboard.press("Enter")
        page.locator("#first-minutes").wait_for()
        assert problems(page, DESK) == []
        tab_to(page, "#first-minutes a.btn")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{waiting.get_absolute_url()}")
        page.locator("#decision").wait_for()
        page.keyboard.press("a")
        page.keyboard.press("Enter")
        expect(page.get_by_text("Dana approved").or_(page.get_by_text("was approved")).first).to_be_visible()
        page.goto("/")
        expect(page.locator("#first-minutes")).to_contain_text("It is on record.")
        page.set_viewport_size({"width": PHONE, "height": 900})
        assert problems(page, PHONE) == []
