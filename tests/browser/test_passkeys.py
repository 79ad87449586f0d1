"""Passkeys and codes in a real browser, with a key that Chromium plays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import expect

from tests.browser.checks import assert_fits, axe_violations
from tests.harness.people import settle

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pytest_django.live_server_helper import LiveServer

    from config.kernel.people import User
    from tests.browser.conftest import PageAs

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "a long enough secret"
KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def dana() -> User:
    user = settle("dana")
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def page(page_as: PageAs, live_server: LiveServer, dana: User) -> Page:
    """A window on “localhost”: browsers make keys for no bare address; with a key built in."""
    window = page_as()
    session = window.context.new_cdp_session(window)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
    window.goto(live_server.url.replace("127.0.0.1", "localhost") + "/login/")
    return window


def sign_in(page: Page) -> None:
    page.get_by_label("Username").fill("dana")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


class TestAPasskey:
    def test_is_added_signs_in_alone_and_confirms_who_one_is(self, page: Page, dana: User) -> None:
        sign_in(page)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        origin = page.url.split("/")[2]
        page.goto(f"http://{origin}/account/second-factor/passkeys/add/")
        page.get_by_role("button", name="Add a passkey").click()
        expect(page.get_by_text("Keep these now")).to_be_visible()
        assert Authenticator.objects.filter(user=dana, type="webauthn").count() == 1

        page.goto(f"http://{origin}/step-up/?next=/settings/")
        page.get_by_role("button", name="Use a passkey").click()
        page.wait_for_url("**/settings/")

        page.context.clear_cookies()
        page.goto(f"http://{origin}/login/?next=/settings/")
        page.get_by_role("button", name="Sign in with a passkey").click()
        page.wait_for_url("**/settings/")

    def test_is_asked_for_after_the_password(self, page: Page, dana: User) -> None:
        sign_in(page)
        origin = page.url.split("/")[2]
        page.goto(f"http://{origin}/account/second-factor/passkeys/add/")
        page.get_by_role("button", name="Add a passkey").click()
        expect(page.get_by_text("Keep these now")).to_be_visible()
        page.context.clear_cookies()
        page.goto(f"http://{origin}/login/")
        sign_in(page)
        expect(page.get_by_role("heading", name="Second step")).to_be_visible()
        page.get_by_role("button", name="Use a passkey").click()
        expect(page.get_by_role("button", name="Sign in")).to_have_count(0)

    def test_says_when_there_is_none(self, page: Page, dana: User) -> None:
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.get_by_text("No passkey was used")).to_be_visible()


class TestPagesOfOnesAccount:
    """One by one: axe, both themes, a phone, no scripts."""

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize("width", [1440, 320])
    def test_are_readable_by_everybody(self, page_as: PageAs, dana: User, scheme: str, width: int) -> None:
        window = page_as(dana, width=width, color_scheme=scheme)
        for path in ("sessions/", "password/", "second-factor/", "second-factor/passkeys/"):
            window.goto(f"/account/{path}")
            assert axe_violations(window) == [], path
            assert_fits(window, width)
        stranger = page_as(width=width, color_scheme=scheme)
        for path in ("forgotten/", "password/x/y/"):
            stranger.goto(f"/account/{path}")
            assert axe_violations(stranger) == [], path
            assert_fits(stranger, width)

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_set_an_app_up(self, page_as: PageAs, dana: User, scheme: str) -> None:
        window = page_as(color_scheme=scheme, width=360)
        window.goto("/login/?next=/account/second-factor/app/")
        sign_in(window)
        expect(window.get_by_role("heading", name="Set up an authenticator app")).to_be_visible()
        assert axe_violations(window) == []
        assert_fits(window, 360)

    @pytest.mark.parametrize("width", [1440, 320])
    def test_begin_an_empty_portal(self, page_as: PageAs, width: int) -> None:
        window = page_as(width=width)
        window.goto("/login/")
        expect(window.get_by_role("heading", name="Set Redress up")).to_be_visible()
        assert axe_violations(window) == []
        assert_fits(window, width)
