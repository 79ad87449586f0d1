"""The pages of erasures stand what every screen must stand, and work by keyboard and without JavaScript."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from refunds.erasures.holding import Held, set_legal_hold
from refunds.models import Customer, Erasure
from tests.browser.checks import complaints
from tests.harness.people import settle
from tests.harness.world import NOON, World
from tests.refunds.erasures.people import EMAIL, asked_for, confirmed, customer_called, declined_of, rita_of

if TYPE_CHECKING:
    from tests.browser.conftest import PageAs

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class TestErasureScreens:
    def test_are_readable_at_every_width(self, page_as: PageAs, world: World) -> None:
        hers, namesake = customer_called("17850"), customer_called("2", email="other@mail.example")
        request = declined_of(world, hers)
        declined_of(world, namesake)
        root = settle("root")
        set_legal_hold(over=Held(request_id=request.pk), matter="HC-2026-14, claim at court", actor=root, at=NOON)
        waiting = asked_for(namesake)
        confirmed(world, hers)
        done = Erasure.objects.exclude(pk=waiting.pk).get()

        pages = ["/erasures/", f"/erasures/?customer={EMAIL}", f"/erasures/{waiting.pk}/", f"/erasures/{done.pk}/"]
        assert complaints(page_as, rita_of(world), *pages) == []

    def test_work_by_keyboard_without_javascript(self, page_as: PageAs, world: World) -> None:
        declined_of(world, customer_called("17850"))
        page = page_as(settle("root"), java_script_enabled=False)
        page.goto("/erasures/")
        page.get_by_label("Customer", exact=True).focus()
        page.keyboard.type(EMAIL)
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Ask a second person to confirm").focus()
        page.keyboard.press("Enter")
        page.get_by_text("You asked for this.").wait_for()

        page = page_as(rita_of(world), java_script_enabled=False)
        page.goto("/erasures/")
        page.get_by_role("link", name="shop-uk 17850").focus()
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Erase for ever").focus()
        page.keyboard.press("Enter")
        page.get_by_text("For the letter to the customer").wait_for()

        assert Customer.objects.get().name == ""
