"""Every screen a person may open, in both themes and on a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.checks import assert_fits, axe_violations
from tests.harness.people import settle

if TYPE_CHECKING:
    from tests.browser.conftest import PageAs
    from tests.harness.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

SCREENS = {
    "amir": ["/", "/intake/", "/requests/", "/search/?q=RR"],
    "mei": ["/exceptions/"],
    "viktor": ["/", "/queue/?view=all"],
    "lena": ["/processing/", "/reconciliation/", "/outbox/"],
}
WINDOWS = [("light", 1440), ("dark", 1440), ("light", 360)]

PHONE = 360
NARROWEST = 320
"""What is left of a desktop screen at 400 % zoom."""


class TestScreens:
    """Each screen: axe finds nothing, nothing sticks out, the CSP is silent."""

    @pytest.mark.parametrize("username", SCREENS)
    def test_stand_axe_and_a_phone(self, page_as: PageAs, world: World, username: str) -> None:
        waiting = world.waiting(by=settle("amir"))
        complaints = []
        for scheme, width in WINDOWS:
            page = page_as(settle(username), width=width, color_scheme=scheme)
            for address in [*SCREENS[username], waiting.get_absolute_url()]:
                answer = page.goto(address, wait_until="networkidle")
                assert answer is not None
                if not answer.ok:
                    complaints.append(f"{address}: {answer.status}")
                    continue
                complaints += [f"{address} {scheme} {width}: {found}" for found in axe_violations(page)]
                assert_fits(page, width)
                if width == PHONE:
                    page.set_viewport_size({"width": NARROWEST, "height": 700})
                    assert_fits(page, NARROWEST)
                    page.set_viewport_size({"width": PHONE, "height": 900})
        assert complaints == []
