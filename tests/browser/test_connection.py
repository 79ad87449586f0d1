"""A line that breaks while somebody works: it is said, nothing typed is lost, and it goes away by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.checks import axe_violations
from tests.harness.people import settle

if TYPE_CHECKING:
    from tests.browser.conftest import PageAs
    from tests.harness.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class TestTheLine:
    def test_is_said_to_be_down_and_to_be_back(self, page_as: PageAs, world: World) -> None:
        world.order()
        page = page_as(settle("amir"))
        page.goto("/intake/")
        field = page.locator("#id_q, [name=q]").first
        offline, gone = page.locator("#offline"), page.locator("#gone")

        page.context.set_offline(True)
        expect(offline).to_be_visible()
        assert axe_violations(page) == []
        page.context.set_offline(False)
        expect(offline).to_be_hidden()

        page.route("**/*", lambda route: route.abort())
        field.fill("536365")
        expect(gone).to_be_visible()
        assert axe_violations(page) == []
        page.unroute("**/*")
        expect(gone).to_be_hidden()
        assert field.input_value() == "536365"
