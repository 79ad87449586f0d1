"""The admin site: the workbench of policies stands what every screen stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from policies import publishing
from tests.admin.desk import EXPLAINED, as_posted, as_stored, desk_of, draft_by, page_of
from tests.browser.checks import complaints
from tests.harness.people import settle
from tests.harness.world import NOON

if TYPE_CHECKING:
    from tests.browser.conftest import PageAs
    from tests.harness.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

AUTO = "thresholds.default.GBP.auto_up_to_minor"


class TestTheWorkbench:
    """Drafting and publishing in a real window."""

    def test_stands_axe_and_a_phone(self, page_as: PageAs, world: World) -> None:
        milo, mei, root = settle("milo"), settle("mei"), settle("root")
        draft, waiting = draft_by(world, milo), draft_by(world, milo)
        desk_of(milo).post(page_of(waiting), as_posted(waiting, **{AUTO: "60"}, **EXPLAINED))
        publishing.send_to_review(version_id=waiting.pk, actor=milo, at=NOON)
        limits = "/admin/approvals/authoritylimit/"
        versions = ["/admin/", "/admin/policies/policyversion/", page_of(draft), page_of(world.policy())]
        catalogues = [
            limits,
            f"{limits}add/",
            f"/admin/kernel/user/{milo.pk}/change/",
            "/admin/policies/exceptioncode/NO_RECEIPT/change/",
            "/admin/refunds/order/",
        ]

        assert complaints(page_as, milo, *versions) == []
        assert complaints(page_as, mei, page_of(waiting, "publish")) == []
        assert complaints(page_as, root, *catalogues) == []

    def test_is_used_without_javascript_and_shows_a_mistake_at_its_field(self, page_as: PageAs, world: World) -> None:
        milo = settle("milo")
        draft = draft_by(world, milo)
        page = page_as(milo, java_script_enabled=False)
        page.goto(page_of(draft))

        page.get_by_label("All other categories, GBP: automatic up to").fill("6000")
        page.get_by_role("button", name="Save the draft").click()
        assert "Must not be below the automatic amount" in page.get_by_role("alert").inner_text()
        page.get_by_label("All other categories, GBP: automatic up to").fill("75.50")
        page.get_by_role("button", name="Save the draft").click()

        expect(page.get_by_text("is saved. It is not in force.")).to_be_visible()
        assert as_stored(draft).document["thresholds"]["default"]["GBP"]["auto_up_to_minor"] == 75_50
