"""Pages in German, French and the made-up language that runs from right to left: nothing is cut, all is mirrored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from config.kernel.printing import PSEUDO, language_tag
from refunds.vocabulary import LineResult
from tests.analytics.leakage.year import a_year
from tests.browser.checks import DESK, RULES_OF_COLOUR, WIDTHS, axe_violations, fits, lost, resize, shape
from tests.harness.people import settle
from tests.harness.world import NOON
from tests.refunds.journal.lines import line_of

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pytest_django.live_server_helper import LiveServer

    from tests.browser.conftest import PageAs
    from tests.harness.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

LANGUAGES = ("de", "fr", PSEUDO)

WHERE = """(element, sign) => {
  const text = document.createTreeWalker(element, NodeFilter.SHOW_TEXT).nextNode(), range = document.createRange();
  range.setStart(text, text.data.indexOf(sign));
  range.setEnd(text, text.data.indexOf(sign) + 1);
  return range.getBoundingClientRect().x;
}"""
"""Where on the screen a sign of a text stands."""


def speak(page: Page, language: str, server: LiveServer) -> None:
    """Choose a language in this browser."""
    page.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": server.url}])


def faults(page: Page, width: int, language: str) -> list[str]:
    """Say what does not stand on a page, a line for each."""
    page.locator("#panel[hx-trigger=load]").wait_for(state="detached")
    html = page.locator("html")
    is_mirrored = language == PSEUDO
    found = [] if html.get_attribute("lang") == language_tag(language) else ["speaks another language"]
    found += [] if html.get_attribute("dir") == ("rtl" if is_mirrored else "ltr") else ["runs the other way"]
    found += [] if fits(page, width) else ["is too wide"]
    found += lost(page, width)
    if width == DESK and page.locator(".nav").count():
        nav, main = page.locator(".nav").bounding_box(), page.locator(".main").bounding_box()
        assert nav is not None
        assert main is not None
        found += [] if (nav["x"] > main["x"]) is is_mirrored else ["has its navigation on the wrong side"]
    return [*found, *axe_violations(page, RULES_OF_COLOUR)]


class TestEveryLanguage:
    def test_has_room_on_the_main_pages(self, page_as: PageAs, world: World, live_server: LiveServer) -> None:
        a_year(world, until=timezone.now())
        waiting = world.waiting(by=settle("amir"), pounds=1200)
        line_of("refund", -500, at=NOON, result=LineResult.UNMATCHED, text="Refund of last week, thank you")
        order = world.order(line_count=3, shipping_minor=4_95)
        intake = reverse("refunds:intake_order", args=[order.channel, order.external_id])
        zeus = settle("zeus")
        pages = ["/queue/?view=all", waiting.get_absolute_url(), intake, "/reconciliation/", "/insight/leakage/"]
        pages += ["/settings/"]
        found = []
        of_zeus, of_a_stranger = page_as(zeus), page_as()
        for language in LANGUAGES:
            for page, address in [(of_a_stranger, "/login/"), *((of_zeus, address) for address in pages)]:
                speak(page, language, live_server)
                shape(page, DESK)
                answer = page.goto(address)
                found += [] if answer and answer.ok else [f"{language} {address} is not there"]
                for width in WIDTHS:
                    resize(page, width)
                    found += [f"{language} {width} {address} {one}" for one in faults(page, width, language)]

        assert found == []


class TestAnAmount:
    def test_keeps_its_minus_in_front_in_a_page_that_runs_the_other_way(
        self, page_as: PageAs, world: World, live_server: LiveServer
    ) -> None:
        world.team()
        line_of("refund", -1234_56, at=NOON, result=LineResult.UNMATCHED)
        page = page_as(settle("lena"))
        speak(page, PSEUDO, live_server)
        page.goto("/reconciliation/")
        amount = page.locator("[data-row] .nowrap", has_text="-£1,234.56").first

        minus, last = (amount.evaluate(WHERE, sign) for sign in "-6")
        assert minus < last
