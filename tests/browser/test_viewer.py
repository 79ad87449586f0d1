"""The viewer of evidence: by keyboard, on a phone, in the dark, and without JavaScript."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from evidence.attachments import attach
from evidence.models import Attachment, AttachmentView
from tests.browser.checks import PHONE, axe_violations, complaints
from tests.evidence.builders import NOON, drawing, upload
from tests.evidence.papers import PAPERS
from tests.harness.people import settle

if TYPE_CHECKING:
    from refunds.models import RefundRequest
    from tests.browser.conftest import PageAs
    from tests.harness.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shown(world: World) -> RefundRequest:
    """A request with a photo and a paper of three pages."""
    amir = settle("amir")
    waiting: RefundRequest = world.waiting(by=amir)
    for content in (drawing(size=(900, 600)), PAPERS["three pages.pdf"]):
        attach(subject=waiting.subject, team=waiting.team, kind="photo", file=upload(content), actor=amir, at=NOON)
    return waiting


class TestTheViewer:
    """Looking at evidence before a decision."""

    def test_goes_by_keyboard(self, page_as: PageAs, shown: RefundRequest) -> None:
        page = page_as(settle("dana"))
        page.goto(shown.get_absolute_url(), wait_until="networkidle")
        assert not AttachmentView.objects.exists()

        page.keyboard.press("1")
        picture = page.locator("dialog[data-viewer] .stage img")
        picture.evaluate("image => image.decode()")
        assert page.evaluate("document.activeElement.id") == "viewer-title"
        upright = picture.bounding_box()
        page.keyboard.press("r")
        turned = picture.bounding_box()
        assert upright is not None
        assert turned is not None
        assert turned["height"] > turned["width"]
        assert upright["width"] > upright["height"]
        page.keyboard.press("r")
        page.keyboard.press("+")
        page.keyboard.press("+")
        larger = picture.bounding_box()
        assert larger is not None
        assert larger["width"] > 1.5 * upright["width"]
        page.keyboard.press("-")
        assert picture.get_attribute("data-zoom-level") == "1.5"

        page.keyboard.press("ArrowRight")
        page.locator("dialog[data-viewer]", has_text="page 1 of 3").wait_for()
        page.keyboard.press("ArrowRight")
        page.locator("dialog[data-viewer]", has_text="page 2 of 3").wait_for()
        page.keyboard.press("1")
        page.locator("dialog[data-viewer]", has_text="1 of 2").wait_for()
        assert axe_violations(page) == []
        page.keyboard.press("Escape")
        page.locator("dialog[data-viewer]").wait_for(state="hidden")
        assert page.evaluate("document.activeElement.dataset.key") == "1"
        expect(page.locator(".thumbs", has_text="opened by you")).to_have_count(1)
        assert AttachmentView.objects.filter(viewer=settle("dana")).count() >= 3

    def test_stands_on_its_own_in_both_themes_and_on_a_phone(self, page_as: PageAs, shown: RefundRequest) -> None:
        photo, paper = (f"/evidence/attachments/{pk}/" for pk in _ids(shown))

        assert complaints(page_as, settle("dana"), shown.get_absolute_url(), photo, f"{paper}?page=2") == []

    def test_fits_a_phone_when_it_is_open(self, page_as: PageAs, shown: RefundRequest) -> None:
        page = page_as(settle("dana"), width=PHONE, color_scheme="dark")
        page.goto(shown.get_absolute_url(), wait_until="networkidle")
        page.locator(".thumbs a").first.click()
        page.locator("dialog[data-viewer] .stage img").evaluate("image => image.decode()")

        box = page.locator("dialog[data-viewer]").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE
        assert page.evaluate("document.querySelector('dialog .sheet-of').scrollWidth") <= PHONE
        assert axe_violations(page) == []

    def test_is_a_page_for_each_file_without_javascript(self, page_as: PageAs, shown: RefundRequest) -> None:
        page = page_as(settle("dana"), java_script_enabled=False)
        page.goto(shown.get_absolute_url())
        page.locator(".thumbs a").first.click()

        assert page.locator("h1").inner_text().startswith("Photo")
        expect(page.get_by_role("button", name="Rotate")).to_have_count(0)
        page.wait_for_load_state("networkidle")
        page.locator("a[rel=next]").click()
        page.wait_for_load_state("networkidle")
        assert "page 1 of 3" in page.locator("h1").inner_text()
        assert AttachmentView.objects.filter(viewer=settle("dana")).count() == 2


def _ids(request: RefundRequest) -> list[object]:
    """List its files, oldest first."""
    found = Attachment.objects.filter(subject_id=request.pk).order_by("added_at", "pk")
    return list(found.values_list("pk", flat=True))
