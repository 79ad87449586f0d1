"""The page before all others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from config.kernel.people import User
from tests.browser.checks import assert_fits, axe_violations

if TYPE_CHECKING:
    from tests.browser.conftest import PageAs

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WRONG = "This name and password do not fit together"


@pytest.fixture
def dana() -> User:
    return User.objects.create_user("dana", password="a long enough secret", first_name="Dana")


class TestLogin:
    """Signing in, with and without JavaScript."""

    @pytest.mark.parametrize("width", [1440, 360, 320])
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.usefixtures("dana")
    def test_is_readable_by_everybody(self, page_as: PageAs, width: int, scheme: str) -> None:
        page = page_as(width=width, color_scheme=scheme)
        page.goto("/login/")
        assert axe_violations(page) == []
        assert_fits(page, width)

    def test_opens_with_the_right_password_and_without_javascript(self, page_as: PageAs, dana: User) -> None:
        page = page_as(java_script_enabled=False)
        page.goto("/login/?next=/healthz")
        page.get_by_label("Username").fill(dana.username)
        page.get_by_label("Password").fill("a long enough secret")
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url("**/healthz")
        assert any(cookie["name"] == "sessionid" for cookie in page.context.cookies())

    def test_says_no_and_keeps_the_name(self, page_as: PageAs, dana: User) -> None:
        page = page_as()
        page.goto("/login/")
        page.get_by_label("Username").fill(dana.username)
        page.get_by_label("Password").fill("something else")
        page.get_by_label("Password").press("Enter")
        assert WRONG in page.get_by_role("alert").inner_text()
        assert page.get_by_label("Username").input_value() == dana.username
        assert axe_violations(page) == []
