"""A page that asks before its session ends, and keeps what is typed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from config.kernel.sessions import Session
from tests.browser.checks import axe_violations
from tests.harness.people import settle

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import PageAs

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


PASSWORD = "a long enough secret"


@pytest.fixture
def page(page_as: PageAs) -> Page:
    window = page_as(settle("amir"))
    window.clock.install()
    window.goto("/goodwill/")
    return window


def seen(ago: timedelta) -> None:
    Session.objects.update(seen_at=timezone.now() - ago)


class TestAQuietPage:
    def test_asks_two_minutes_before_and_goes_on(self, page: Page) -> None:
        seen(timedelta(minutes=28, seconds=30))
        page.clock.fast_forward("28:01")
        expect(page.get_by_role("heading", name="Are you still there?")).to_be_visible()
        assert axe_violations(page) == []
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_role("heading", name="Are you still there?")).to_be_hidden()
        assert timezone.now() - Session.objects.get().seen_at < timedelta(minutes=1)

    def test_says_nothing_while_she_works_in_another_window(self, page: Page) -> None:
        seen(timedelta(minutes=1))
        with page.expect_response("**/account/session/left/"):
            page.clock.fast_forward("28:01")
        expect(page.get_by_role("heading", name="Are you still there?")).to_be_hidden()

    def test_says_that_it_is_over_and_keeps_what_is_typed(self, page: Page) -> None:
        first = page.locator("main input:not([type=hidden])").first
        first.fill("somebody")
        seen(timedelta(minutes=31))
        page.clock.fast_forward("28:01")
        expect(page.get_by_text("You are signed out.")).to_be_visible()
        assert first.input_value() == "somebody"

    def test_can_be_sent_after_a_new_sign_in_elsewhere(self, page: Page) -> None:
        """The token against forgery is another one then."""
        page.goto("/settings/")
        page.get_by_label("Dark").check()
        Session.objects.all().delete()
        page.clock.fast_forward("28:01")
        expect(page.get_by_text("You are signed out.")).to_be_visible()
        user = settle("amir")
        user.set_password(PASSWORD)
        user.save()
        other = page.context.new_page()
        other.goto("/login/")
        other.get_by_label("Username").fill("amir")
        other.get_by_label("Password").fill(PASSWORD)
        other.get_by_role("button", name="Sign in", exact=True).click()
        expect(other.get_by_role("heading", level=1)).to_be_visible()
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_role("heading", name="Are you still there?")).to_be_hidden()
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Your settings are saved.")).to_be_visible()
