"""A shift at the queue, by hand on the keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from refunds.vocabulary import State
from tests.harness.people import settle
from tests.harness.world import as_stored

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import PageAs
    from tests.harness.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

QUEUE = "/queue/?view=all"


def focused(page: Page) -> str:
    """Read what has the focus."""
    words: str = page.evaluate("document.activeElement.textContent.trim()")
    return words


class TestKeyboard:
    """Two keys decide; the focus never falls to the page."""

    def test_walks_the_rows_and_approves_with_two_keys(self, page_as: PageAs, world: World) -> None:
        first, second = (world.waiting(by=settle("amir"), pounds=pounds) for pounds in (300, 400))
        page = page_as(settle("viktor"))
        page.goto(QUEUE, wait_until="networkidle")
        page.keyboard.press("j")
        page.locator("#panel h2", has_text=second.reference).wait_for()
        assert focused(page) == second.reference
        page.keyboard.press("a")
        assert focused(page) == "Approve £400.00"
        page.keyboard.press("Enter")
        page.locator("#panel h2", has_text="approved").wait_for()
        assert second.reference in focused(page)
        assert page.locator("[data-row]").count() == 1
        assert as_stored(second).state == State.APPROVED
        assert as_stored(first).state == State.AWAITING_APPROVAL

    def test_declines_only_with_a_reason_and_says_so_at_the_field(self, page_as: PageAs, world: World) -> None:
        waiting = world.waiting(by=settle("amir"), pounds=300)
        page = page_as(settle("viktor"))
        page.goto(QUEUE, wait_until="networkidle")
        page.locator("#panel").get_by_role("button", name="Decline").click()
        page.locator("#panel [data-errors]").wait_for()
        assert page.evaluate("document.activeElement.closest('#panel') !== null")
        assert as_stored(waiting).state == State.AWAITING_APPROVAL

    def test_keeps_letters_out_of_fields(self, page_as: PageAs, world: World) -> None:
        world.waiting(by=settle("amir"), pounds=300)
        page = page_as(settle("viktor"))
        page.goto(QUEUE, wait_until="networkidle")
        page.keyboard.press("/")
        page.keyboard.type("jak?")
        assert page.locator("#q").input_value() == "jak?"
        assert not page.locator("#keys").is_visible()


class TestWithoutJavaScript:
    """Every action is a form first."""

    def test_approves_on_the_page_of_the_request(self, page_as: PageAs, world: World) -> None:
        waiting = world.waiting(by=settle("amir"), pounds=300)
        page = page_as(settle("viktor"), java_script_enabled=False)
        page.goto(QUEUE)
        page.get_by_role("link", name=waiting.reference).first.click()
        page.get_by_role("button", name="Approve £300.00").click()
        page.get_by_text(f"{waiting.reference} was approved").wait_for()
        assert as_stored(waiting).state == State.APPROVED
