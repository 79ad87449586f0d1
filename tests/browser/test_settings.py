"""What somebody chose for her screen holds in every browser, with JavaScript and without."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.checks import complaints
from tests.harness.people import settle

if TYPE_CHECKING:
    from tests.browser.conftest import PageAs
    from tests.harness.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

LETTERS = "jkoxadqeszcuvrg/?123"


class TestLetterKeys:
    def test_once_off_not_one_fires(self, page_as: PageAs, world: World) -> None:
        viktor = settle("viktor")
        for pounds in (300, 200):
            world.waiting(by=settle("amir"), pounds=pounds)
        page = page_as(viktor)
        page.goto("/")
        page.locator("details[data-menu] summary").click()
        page.get_by_role("link", name="Settings").click()
        page.get_by_label("Off: only keys with Ctrl").check()
        page.get_by_role("button", name="Save").click()
        page.get_by_text("Your settings are saved").wait_for()

        page.goto("/queue/?view=mine", wait_until="load")
        page.get_by_role("button", name="Approve £").wait_for()
        before = page.evaluate("[document.querySelector('[aria-current=true]').id, document.activeElement.tagName]")
        for letter in LETTERS:
            page.keyboard.press(letter)

        assert (
            page.evaluate("[document.querySelector('[aria-current=true]').id, document.activeElement.tagName]")
            == before
        )
        expect(page.locator("dialog[open]")).to_have_count(0)
        assert page.url.endswith("/queue/?view=mine")
        page.keyboard.press("Control+k")
        expect(page.locator("#palette")).to_be_visible()


class TestTheChoices:
    def test_follow_to_another_browser_and_need_no_javascript(self, page_as: PageAs, world: World) -> None:
        viktor = settle("viktor")
        page = page_as(viktor, java_script_enabled=False)
        page.goto("/settings/")
        page.get_by_label("Dark").check()
        page.get_by_label("Comfortable").check()
        page.get_by_role("button", name="Save").click()
        page.get_by_text("Your settings are saved").wait_for()

        other = page_as(viktor)
        other.goto("/")

        assert other.locator("html").get_attribute("data-theme") == "dark"
        assert other.locator("html").get_attribute("data-density") == "comfortable"

    def test_stand_axe_and_a_phone(self, page_as: PageAs, world: World) -> None:
        assert complaints(page_as, settle("viktor"), "/settings/") == []
