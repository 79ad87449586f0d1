"""The page of leakage in a real window: in both themes, on a phone, without JavaScript."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from tests.analytics.leakage.year import a_year
from tests.browser.checks import complaints
from tests.harness.people import settle

if TYPE_CHECKING:
    from tests.browser.conftest import PageAs
    from tests.harness.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


class TestLeakage:
    def test_stands_axe_a_phone_and_no_scripts(self, page_as: PageAs, world: World) -> None:
        a_year(world, until=timezone.now())
        sam = settle("sam")

        assert complaints(page_as, sam, "/insight/leakage/", "/insight/leakage/rows/?kind=leakage") == []
        page = page_as(sam, java_script_enabled=False)
        page.goto("/insight/leakage/")
        page.get_by_label("By", exact=True).select_option("sale")
        page.get_by_role("button", name="Show").click()
        assert "basis=sale" in page.url
        page.get_by_text("Show as table").first.click()
        page.locator("figure details[open] table a").last.click()
        assert "/insight/leakage/rows/" in page.url
