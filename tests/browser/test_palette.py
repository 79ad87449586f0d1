"""Ctrl K: a few letters, arrows, Enter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from refunds.vocabulary import State
from tests.browser.checks import complaints
from tests.harness.people import settle
from tests.harness.world import as_stored

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import PageAs
    from tests.harness.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

SETTLED_MS = 200


def active(page: Page) -> str:
    """Read the line that Enter would take, as a screen reader finds it."""
    return str(
        page.evaluate(
            "document.getElementById(document.getElementById('jump').getAttribute('aria-activedescendant'))?.innerText"
        )
    )


class TestThePalette:
    def test_goes_to_a_pasted_reference(self, page_as: PageAs, world: World) -> None:
        waiting = world.waiting(by=settle("amir"), pounds=300)
        page = page_as(settle("viktor"))
        page.goto("/")
        page.keyboard.press("Control+k")
        expect(page.locator("#jump")).to_be_focused()
        page.keyboard.insert_text(waiting.reference)
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/requests/{waiting.reference}/")

        page.keyboard.press("Control+k")
        page.get_by_role("group", name="Opened last").get_by_text(waiting.reference).wait_for()
        page.keyboard.press("Escape")
        expect(page.locator("#palette")).not_to_be_visible()

    def test_is_walked_by_arrows_and_goes_to_a_screen(self, page_as: PageAs, world: World) -> None:
        page = page_as(settle("viktor"))
        page.goto("/")
        page.locator("[data-search]").click()
        with page.expect_response("**/palette/?q=re"):
            page.keyboard.type("re")
        # The first answer was there before; what it chose must be replaced by what this one chooses.
        page.wait_for_timeout(SETTLED_MS)
        expect(page.locator("#choices [aria-selected=true]")).to_contain_text("New request")
        page.keyboard.press("ArrowDown")
        assert "Requests" in active(page)
        page.keyboard.press("ArrowUp")
        assert "New request" in active(page)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_url("**/requests/")

    def test_offers_what_the_page_itself_offers(self, page_as: PageAs, world: World) -> None:
        world.waiting(by=settle("amir"), pounds=300)
        page = page_as(settle("viktor"))
        page.goto("/queue/?view=mine", wait_until="load")
        page.locator("#panel h2 a, #panel h2").first.wait_for()
        page.get_by_role("button", name="Approve £300.00").wait_for()
        page.keyboard.press("Control+k")
        page.keyboard.type("approve")
        page.get_by_role("group", name="Here").get_by_text("Approve £300.00").wait_for()
        page.get_by_role("group", name="Here").get_by_text("Approve £300.00").click()
        assert page.evaluate("document.activeElement.innerText").startswith("Approve £300.00")

    def test_takes_the_keyboard_to_a_decision_and_leaves_the_deciding_to_enter(
        self, page_as: PageAs, world: World
    ) -> None:
        waiting = world.waiting(by=settle("amir"), pounds=300)
        page = page_as(settle("viktor"))
        page.goto("/queue/?view=mine", wait_until="load")
        page.get_by_role("button", name="Approve £300.00").wait_for()
        page.keyboard.press("Control+k")
        page.keyboard.type("approve £")
        # Before the answer is there, Enter searches for what was typed.
        expect(page.locator("#choices [role=option]")).to_have_count(1)
        expect(page.locator("#choices [aria-selected=true]")).to_contain_text("Approve £300.00")
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Approve £300.00")).to_be_focused()
        expect(page.locator("#palette")).not_to_be_visible()
        assert as_stored(waiting).state == State.AWAITING_APPROVAL

        page.keyboard.press("Enter")
        page.locator("#toasts", has_text=f"{waiting.reference} was approved").wait_for()
        assert as_stored(waiting).state == State.APPROVED

    def test_gives_the_focus_back_to_where_it_was(self, page_as: PageAs, world: World) -> None:
        page = page_as(settle("viktor"))
        page.goto("/queue/?view=mine", wait_until="load")
        page.locator("#q").focus()
        page.keyboard.press("Control+k")
        expect(page.locator("#jump")).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator("#q")).to_be_focused()

    def test_stands_axe_and_a_phone(self, page_as: PageAs, world: World) -> None:
        waiting = world.waiting(by=settle("amir"), pounds=300)

        def search(page: Page) -> None:
            page.locator("[data-search]").click()
            page.locator("#choices [role=option]").first.wait_for()

        assert complaints(page_as, settle("viktor"), waiting.get_absolute_url(), prepare=search) == []

    def test_is_a_link_to_the_search_without_javascript(self, page_as: PageAs, world: World) -> None:
        page = page_as(settle("viktor"), java_script_enabled=False)
        page.goto("/")
        page.locator("[data-search]").click()
        page.wait_for_url("**/search/")
