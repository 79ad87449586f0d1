"""A threshold is changed by hand, and its consequences follow every key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from policies.models import PolicyVersion
from tests.admin.desk import as_stored, draft_by, page_of
from tests.admin.full_document import FULL_DOCUMENT
from tests.browser.checks import complaints
from tests.harness.people import settle

if TYPE_CHECKING:
    from playwright.sync_api import Dialog, Page

    from tests.browser.conftest import PageAs
    from tests.harness.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

AUTO = "id_thresholds.default.GBP.auto_up_to_minor"
MOST = "id_thresholds.default.GBP.approve_up_to_minor"
FAR = 120
"""Presses of Tab after which a keyboard would be thrown away."""


def tab_to(page: Page, condition: str) -> None:
    """Press Tab until the focused element, `at`, fulfils a condition."""
    for _ in range(FAR):
        page.keyboard.press("Tab")
        if page.evaluate(f"(at => {condition})(document.activeElement)"):
            return
    pytest.fail(f"No element with {condition} within {FAR} presses of Tab.")


def open_chapters(page: Page) -> None:
    """Unfold everything a page can hide."""
    page.evaluate("document.querySelectorAll('details.chapter').forEach(each => { each.open = true; })")


class TestTheWorkbench:
    """Editing, looking, leaving."""

    def test_is_used_by_keyboard_alone_while_the_matrix_follows(self, page_as: PageAs, world: World) -> None:
        milo = settle("milo")
        draft = draft_by(world, milo)
        page = page_as(milo)
        page.goto(page_of(draft))

        tab_to(page, "at.matches('.contents a') && at.textContent === 'Thresholds'")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "id_thresholds.refund.GBP.auto_up_to_minor"
        tab_to(page, f"at.id === '{AUTO}'")
        page.keyboard.press("Control+A")
        page.keyboard.type("77")

        expect(page.locator("#preview")).to_contain_text("£77.01")
        expect(page.locator("#preview-says")).to_contain_text("14 cells have another outcome: 14 milder.")
        assert page.evaluate("document.activeElement.id") == AUTO
        assert page.locator("[id='id_thresholds.payout.GBP.auto_up_to_minor']").get_attribute("placeholder") == "77"
        assert as_stored(draft).document == draft.document
        page.keyboard.press("Control+S")
        expect(page.locator(".messagelist")).to_contain_text("is saved. It is not in force.")
        assert as_stored(draft).document["thresholds"]["default"]["GBP"]["auto_up_to_minor"] == 77_00

    def test_says_at_the_cell_that_bands_are_in_the_wrong_order(self, page_as: PageAs, world: World) -> None:
        milo = settle("milo")
        page = page_as(milo)
        page.goto(page_of(draft_by(world, milo)))
        auto, most = page.locator(f"[id='{AUTO}']"), page.locator(f"[id='{MOST}']")

        auto.fill("6000")

        expect(page.locator("#preview")).to_contain_text("The matrix cannot be drawn until this is mended")
        expect(page.locator(f"[id='{MOST}_error']")).to_contain_text("the bands would overlap")
        expect(most).to_have_attribute("aria-invalid", "true")
        auto.fill("60")
        expect(page.locator("#preview table")).to_have_count(1)
        expect(page.locator(f"[id='{MOST}_error']")).to_have_count(0)
        expect(most).not_to_have_attribute("aria-invalid", "true")

    def test_opens_the_chapter_a_link_leads_to(self, page_as: PageAs, world: World) -> None:
        milo = settle("milo")
        page = page_as(milo, width=360)
        page.goto(page_of(draft_by(world, milo)))

        page.get_by_role("link", name="Business hours").click()

        expect(page.get_by_role("group", name="Hours 1: weekdays")).to_be_visible()

    def test_warns_before_what_was_typed_is_lost(self, page_as: PageAs, world: World) -> None:
        milo = settle("milo")
        page = page_as(milo)
        page.goto(page_of(draft_by(world, milo)))
        asked: list[str] = []

        def answer(dialog: Dialog) -> None:
            asked.append(dialog.type)
            dialog.accept()

        page.on("dialog", answer)
        page.locator(f"[id='{AUTO}']").press_sequentially("9")
        page.goto("/admin/policies/policyversion/")

        assert asked == ["beforeunload"]

    def test_shows_what_it_would_say_without_javascript(self, page_as: PageAs, world: World) -> None:
        milo = settle("milo")
        draft = draft_by(world, milo)
        page = page_as(milo, java_script_enabled=False)
        page.goto(page_of(draft))

        page.locator(f"[id='{AUTO}']").fill("77")
        page.get_by_role("button", name="Show what this would say").click()

        expect(page.locator("#preview")).to_contain_text("£77.01")
        expect(page.locator(f"[id='{AUTO}']")).to_have_value("77")
        assert as_stored(draft).document == draft.document
        page.get_by_role("button", name="Save the draft").click()
        assert as_stored(draft).document["thresholds"]["default"]["GBP"]["auto_up_to_minor"] == 77_00

    def test_stands_axe_and_a_phone_with_every_chapter_open(self, page_as: PageAs, world: World) -> None:
        milo = settle("milo")
        draft, other = draft_by(world, milo), draft_by(world, milo)
        PolicyVersion.objects.filter(pk=draft.pk).update(document=FULL_DOCUMENT)
        addresses = [page_of(draft), *[page_of(draft, word) for word in ("difference", "proof", "matrix")]]
        addresses += [page_of(other), "/admin/policies/policyversion/"]

        assert complaints(page_as, milo, *addresses, prepare=open_chapters) == []
