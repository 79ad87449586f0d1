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

ENOUGH = 4.5
CONTRASTS = """() => {
    const paint = (css) => {
        const at = document.createElement('canvas').getContext('2d', {willReadFrequently: true})
        at.fillStyle = css
        at.fillRect(0, 0, 1, 1)
        return [...at.getImageData(0, 0, 1, 1).data].slice(0, 3)
    }
    const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
        .map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0)
    const ratio = (one, other) => {
        const [low, high] = [light(paint(one)), light(paint(other))].sort((a, b) => a - b)
        return (high + 0.05) / (low + 0.05)
    }
    return [...document.querySelectorAll('svg.chart text')].map((text) => {
        const card = text.closest('.card')
        return [text.textContent, ratio(getComputedStyle(text).fill, getComputedStyle(card).backgroundColor)]
    })
}"""


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

    @pytest.mark.parametrize("theme", ["light", "dark"])
    def test_can_be_read_in_both_themes(self, page_as: PageAs, world: World, theme: str) -> None:
        a_year(world, until=timezone.now())
        page = page_as(settle("sam"), color_scheme=theme)
        page.goto("/insight/leakage/")

        told = page.evaluate(CONTRASTS)

        assert len(told) > 40
        assert [text for text, ratio in told if ratio < ENOUGH] == []
