"""A real browser on a real server: Debian's Chromium, driven by Playwright, with the strict CSP on."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Protocol

import pytest
from django.conf import settings
from django.test import Client

from config.live_hub import HUB
from tests.browser.checks import Messages

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from playwright.sync_api import Browser, Page
    from pytest_django.live_server_helper import LiveServer

    from config.kernel.people import User

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PATIENCE_MS = 10_000


class PageAs(Protocol):
    """Opens a page of the live server for a person, or for a stranger when there is none."""

    def __call__(self, person: User | None = None, *, width: int = 1440, height: int = 900, **options: Any) -> Page:
        """Give a fresh window; `options` go to Playwright's `new_context` (color_scheme, java_script_enabled, ...)."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start one Chromium for the session."""
    if CHROMIUM is None:
        pytest.skip("No Chromium on this machine; `.ci/run` installs Debian's package `chromium`.")
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is a development requirement.")
    # Playwright keeps an event loop in this thread, and Django would refuse to reach the database from it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(autouse=True)
def server_at_noon(clock_of_the_story: None) -> None:
    """Let the server live in the story; the browser's own clock goes on as it is."""


@pytest.fixture
def messages() -> Messages:
    """Collect what the windows of this test complain about."""
    return Messages()


@pytest.fixture
def page_as(browser: Browser, live_server: LiveServer, messages: Messages) -> Iterator[PageAs]:
    """Hand out windows; they close with the test, which fails if one of them broke the CSP or left this host."""
    contexts = []

    def opened(person: User | None = None, *, width: int = 1440, height: int = 900, **options: Any) -> Page:
        is_phone = width < 500
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": height},
            is_mobile=is_phone,
            has_touch=is_phone,
            **options,
        )
        contexts.append(context)
        if person is not None:
            client = Client()
            client.force_login(person, backend="config.kernel.backend.PeopleBackend")
            context.add_cookies(
                [
                    {
                        "name": settings.SESSION_COOKIE_NAME,
                        "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
                        "url": live_server.url,
                    }
                ]
            )
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        messages.listen(page, host=live_server.url)
        return page

    yield opened
    for context in contexts:
        context.close()
    HUB.close()
    assert messages.csp == []
    assert messages.elsewhere == []
    assert messages.errors == []
