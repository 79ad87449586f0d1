"""Approving alike requests together, by hand on the keyboard and without a script."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from refunds.vocabulary import State
from tests.harness.people import settle
from tests.harness.world import as_stored

if TYPE_CHECKING:
    from tests.browser.conftest import PageAs
    from tests.harness.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


class TestBulk:
    def test_goes_by_keyboard_alone_and_sums_each_currency(self, page_as: PageAs, world: World) -> None:
        amir = settle("amir")
        pounds = world.waiting(by=amir, pounds=300)
        dollars = world.filed(world.order(team="us-dtc", unit_minor=250_00), by=amir)
        left_out = world.waiting(by=amir, pounds=120)
        page = page_as(settle("dana"))
        page.goto("/queue/?view=mine", wait_until="networkidle")
        for _ in range(3):
            page.keyboard.press("x")
            page.keyboard.press("j")
        bar = page.locator("#bulk")
        bar.get_by_text("3 selected, 2 currencies: £420.00, US$250.00").wait_for()
        page.locator("#bulk button").focus()
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Approve together").wait_for()
        expect(page.get_by_text("£420.00, US$250.00")).to_be_visible()
        page.get_by_label(f"Approve {left_out.reference}").focus()
        page.keyboard.press("Space")
        page.keyboard.press("a")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="2 of 2 done").wait_for()
        assert {as_stored(each).state for each in (pounds, dollars)} == {State.APPROVED}
        assert as_stored(left_out).state == State.AWAITING_APPROVAL

    def test_works_without_a_script(self, page_as: PageAs, world: World) -> None:
        waiting = [world.waiting(by=settle("amir"), pounds=pounds) for pounds in (300, 310)]
        page = page_as(settle("dana"), java_script_enabled=False)
        page.goto("/queue/?view=mine")
        expect(page.locator("#bulk")).not_to_be_visible()
        for each in waiting:
            page.get_by_label(f"Select {each.reference}").check()
        page.get_by_role("button", name="Look at them together").click()
        page.get_by_role("button", name="Approve what is ticked").click()
        expect(page.get_by_role("heading", name="2 of 2 done")).to_be_visible()
        assert {as_stored(each).state for each in waiting} == {State.APPROVED}
