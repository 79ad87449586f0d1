"""A signed link from mail: it asks who comes, opens a page, and decides nothing by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from approvals import links
from approvals.models import ApprovalDecision, ApprovalStep
from refunds.vocabulary import State
from tests.approvals.timely import route_of
from tests.harness.people import settle
from tests.harness.world import as_stored

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pytest_django.fixtures import Settings

    from config.kernel.people import User
    from refunds.models import RefundRequest
    from tests.browser.conftest import PageAs
    from tests.harness.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PASSWORD = "a long enough secret"


@pytest.fixture
def dana(settings: Settings, world: World) -> User:
    """Let Dana sign in with a password, as outside the demo."""
    settings.LOGIN_URL = "account_login"
    dana = settle("dana")
    dana.set_password(PASSWORD)
    dana.save(update_fields=["password"])
    return dana


def link_for(person: User, waiting: RefundRequest) -> str:
    """Sign the link that mail would carry."""
    return f"/queue/open/{links.token_for(route=route_of(waiting), level=1, user=person)}/"


def sign_in(page: Page) -> None:
    """Fill the login in."""
    page.get_by_label("Username").fill("dana")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


class TestALink:
    @pytest.mark.parametrize("is_scripted", [True, False])
    def test_asks_for_a_login_then_opens_the_request_and_waits_for_a_press(
        self, page_as: PageAs, world: World, dana: User, *, is_scripted: bool
    ) -> None:
        waiting = world.waiting(by=settle("amir"), pounds=300)
        page = page_as(java_script_enabled=is_scripted)
        page.goto(link_for(dana, waiting))
        expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
        assert waiting.reference not in page.content()

        sign_in(page)
        page.wait_for_url(f"**/requests/{waiting.reference}/")
        page.get_by_role("button", name="Approve £300.00").wait_for()
        assert as_stored(waiting).state == State.AWAITING_APPROVAL
        assert not ApprovalDecision.objects.exists()
        assert ApprovalStep.objects.get().leased_by is None

        page.get_by_role("button", name="Approve £300.00").click()
        page.get_by_text(f"{waiting.reference} was approved").wait_for()
        assert as_stored(waiting).state == State.APPROVED
        page.goto(link_for(dana, waiting))
        expect(page.get_by_role("heading", name="This was decided meanwhile")).to_be_visible()

    def test_of_a_colleague_leads_nowhere(self, page_as: PageAs, world: World, dana: User) -> None:
        waiting = world.waiting(by=settle("amir"), pounds=300)
        page = page_as()
        page.goto(link_for(settle("viktor"), waiting))
        sign_in(page)
        expect(page.get_by_role("heading", name="This link is not yours")).to_be_visible()
        assert waiting.reference not in page.content()
        assert as_stored(waiting).state == State.AWAITING_APPROVAL
