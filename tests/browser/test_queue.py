"""A shift at the queue, by hand on the keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from approvals.models import ApprovalRoute, ApprovalStep
from approvals.services.leasing import lease_step, release_step
from approvals.vocabulary import Verdict
from refunds import workflow
from refunds.vocabulary import State
from tests.harness.people import settle
from tests.harness.world import NOON, as_stored

from .checks import settle_down

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import PageAs
    from tests.harness.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

QUEUE = "/queue/?view=all"


def focused(page: Page) -> str:
    """Read what has the focus."""
    words: str = page.evaluate("document.activeElement.textContent.trim()")
    return words


def ready(page: Page, reference: str) -> None:
    """Wait until the panel shows this request, and its forms are no longer those of a page without JavaScript."""
    page.locator("#panel h2", has_text=reference).wait_for()
    settle_down(page)


class TestKeyboard:
    """Two keys decide; the focus never falls to the page."""

    def test_approves_with_two_keys_and_stands_on_the_next_one_of_the_view(self, page_as: PageAs, world: World) -> None:
        amir = settle("amir")
        for pounds in (300, 900):
            world.waiting(by=amir, pounds=pounds)
        first, second = (world.waiting(by=amir, pounds=pounds) for pounds in (350, 400))
        page = page_as(settle("dana"))
        page.goto("/queue/?view=mine&currency=GBP", wait_until="networkidle")
        count = page.locator("#count-mine").inner_text()
        page.keyboard.press("j")
        ready(page, first.reference)
        page.keyboard.press("a")
        assert focused(page) == "Approve £350.00"
        page.keyboard.press("Enter")
        page.locator("#panel h2:focus", has_text=second.reference).wait_for()
        expect(page.locator(f"#row-{first.reference}")).to_have_count(0)
        assert page.locator("[data-row][aria-current]").get_attribute("id") == f"row-{second.reference}"
        expect(page.locator("#toasts").get_by_text(f"{first.reference} was approved: £350.00.")).to_be_visible()
        assert (count, page.locator("#count-mine").inner_text()) == ("3", "2")
        assert page.locator("#waits-q").inner_text() == "2"
        page.keyboard.press("k")
        page.locator("#panel h2", has_not_text=second.reference).wait_for()
        assert page.url.endswith("/queue/?view=mine&currency=GBP")
        assert as_stored(first).state == State.APPROVED
        assert as_stored(second).state == State.AWAITING_APPROVAL

    def test_reads_the_amount_it_signs_for(self, page_as: PageAs, world: World) -> None:
        waiting = world.waiting(by=settle("amir"), pounds=300)
        page = page_as(settle("viktor"))
        page.goto(QUEUE, wait_until="networkidle")
        ready(page, waiting.reference)
        page.get_by_label("Amount in GBP").fill("120.50")
        page.get_by_label("Rationale").fill("Half of it was used up.")
        page.keyboard.press("Escape")
        page.keyboard.press("a")
        assert focused(page) == "Approve 120.50 GBP"
        page.keyboard.press("Enter")
        page.locator("#toasts", has_text=f"{waiting.reference} was approved: £120.50.").wait_for()
        assert as_stored(waiting).approved_minor == 120_50

    def test_is_told_when_all_is_clear(self, page_as: PageAs, world: World) -> None:
        waiting = world.waiting(by=settle("amir"), pounds=300)
        page = page_as(settle("viktor"))
        page.goto(QUEUE, wait_until="networkidle")
        ready(page, waiting.reference)
        page.keyboard.press("a")
        page.keyboard.press("Enter")
        page.locator("#panel h2:focus", has_text="All clear").wait_for()
        assert page.locator("#waiting h2").inner_text() == "All clear"
        assert page.locator("#waits-q").inner_text() == ""

    def test_declines_only_with_a_reason_and_ctrl_enter_sends_what_was_meant(
        self, page_as: PageAs, world: World
    ) -> None:
        waiting = world.waiting(by=settle("amir"), pounds=300)
        page = page_as(settle("viktor"))
        page.goto(QUEUE, wait_until="networkidle")
        ready(page, waiting.reference)
        page.keyboard.press("d")
        assert focused(page) == "Decline"
        page.keyboard.press("Enter")
        page.locator("#panel textarea[aria-invalid=true]:focus").wait_for()
        assert as_stored(waiting).state == State.AWAITING_APPROVAL
        page.keyboard.type("The parcel was never sent back.")
        page.keyboard.press("Control+Enter")
        page.locator("#panel h2", has_text="All clear").wait_for()
        assert as_stored(waiting).state == State.DECLINED

    def test_judges_an_exception_without_tab(self, page_as: PageAs, world: World) -> None:
        late = world.order(unit_minor=300_00, days_ago=50)
        waiting = world.filed(late, by=settle("amir"))
        assert waiting.state == State.EXCEPTION_REVIEW
        page = page_as(settle("mei"))
        page.goto("/exceptions/", wait_until="networkidle")
        ready(page, waiting.reference)
        page.keyboard.press("a")
        assert page.evaluate("document.activeElement.name") == "exception_code"
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Control+Enter")
        page.locator("#panel [name=rationale][aria-invalid=true]:focus").wait_for()
        page.keyboard.type("A good customer, once only.")
        page.keyboard.press("Control+Enter")
        page.locator("#panel h2", has_text="All clear").wait_for()
        assert as_stored(waiting).state == State.AWAITING_APPROVAL

    def test_claims_one_after_the_other(self, page_as: PageAs, world: World) -> None:
        amir, dana = settle("amir"), settle("dana")
        first, second = (world.waiting(by=amir, pounds=pounds) for pounds in (350, 400))
        page = page_as(dana)
        page.goto("/queue/?view=mine", wait_until="networkidle")
        page.keyboard.press("c")
        page.locator("#panel", has_text="Claim no more after this one").wait_for()
        held = ApprovalStep.objects.get(leased_by=dana)
        assert held.route.reference in page.locator("#panel h2").inner_text()
        (other,) = {first.reference, second.reference} - {held.route.reference}
        page.keyboard.press("a")
        page.keyboard.press("Enter")
        page.locator("#panel h2:focus", has_text=other).wait_for()
        assert [step.route.reference for step in ApprovalStep.objects.filter(leased_by=dana)] == [other]

    def test_shows_what_was_asked_for_with_enter(self, page_as: PageAs, world: World) -> None:
        other, wanted = (world.waiting(by=settle("amir"), pounds=pounds) for pounds in (350, 400))
        page = page_as(settle("dana"))
        page.goto("/queue/?view=mine", wait_until="networkidle")
        page.keyboard.press("/")
        page.keyboard.type(wanted.reference)
        page.keyboard.press("Enter")
        page.locator(f"#row-{other.reference}").wait_for(state="detached")
        expect(page.locator("#waiting [data-row]")).to_have_count(1)
        assert f"q={wanted.reference}" in page.url

    def test_stays_in_the_filters_while_one_after_the_other_is_chosen(self, page_as: PageAs, world: World) -> None:
        small, large = (world.waiting(by=settle("amir"), pounds=pounds) for pounds in (120, 400))
        page = page_as(settle("dana"))
        page.goto("/queue/?view=mine&currency=GBP", wait_until="networkidle")
        page.locator("#more-filters summary").focus()
        page.keyboard.press("Enter")
        page.get_by_label("Category").focus()
        page.get_by_label("Category").select_option("refund")
        page.wait_for_url("**category=refund**")
        page.locator("#more-filters[open] #category:focus").wait_for()
        page.get_by_label("From", exact=True).fill("200")
        page.keyboard.press("Tab")
        page.keyboard.type("500")
        page.locator(f"#row-{small.reference}").wait_for(state="detached")
        page.locator("#more-filters[open] #to:focus").wait_for()
        assert page.get_by_label("Up to", exact=True).input_value() == "500"
        expect(page.locator("#waiting [data-row]")).to_have_count(1)
        page.keyboard.press("Escape")
        page.wait_for_url("**&to=500&**")
        page.locator(f"#row-{large.reference} [data-open]:focus").wait_for()
        expect(page.locator("#more-filters[open]")).to_have_count(0)
        expect(page.locator(f"#row-{large.reference}")).to_be_visible()

    def test_opens_the_list_of_keys(self, page_as: PageAs, world: World) -> None:
        page = page_as(settle("viktor"))
        page.goto(QUEUE, wait_until="networkidle")
        page.keyboard.press("?")
        expect(page.locator("#keys")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("#keys")).not_to_be_visible()

    def test_keeps_letters_out_of_fields(self, page_as: PageAs, world: World) -> None:
        world.waiting(by=settle("amir"), pounds=300)
        page = page_as(settle("viktor"))
        page.goto(QUEUE, wait_until="networkidle")
        page.keyboard.press("/")
        page.keyboard.type("jak?")
        assert page.locator("#q").input_value() == "jak?"
        expect(page.locator("#keys")).not_to_be_visible()


class TestAHeldRow:
    @pytest.mark.parametrize("width", [1440, 360])
    def test_names_who_looks_at_it_in_every_window(self, page_as: PageAs, world: World, width: int) -> None:
        now = timezone.now()
        held = world.waiting(by=settle("amir"), pounds=300, at=now)
        lease_step(route=ApprovalRoute.objects.get(), actor=settle("dana"), at=now)
        page = page_as(settle("viktor"), width=width)
        page.goto(QUEUE)
        row = page.locator(f"#row-{held.reference}")
        expect(row.locator("[data-holder]:visible")).to_have_text(["Dana looks at this"])

        release_step(route=ApprovalRoute.objects.get(), actor=settle("dana"))
        expect(row.locator("[data-holder]")).to_have_count(0)


class TestTwoAtOnce:
    """One wins; the other sees who it was."""

    def test_says_who_was_faster_and_takes_the_row_away(self, page_as: PageAs, world: World) -> None:
        waiting, other = (world.waiting(by=settle("amir"), pounds=pounds) for pounds in (300, 400))
        page = page_as(settle("viktor"))
        page.goto(QUEUE, wait_until="networkidle")
        ready(page, waiting.reference)
        workflow.decide(
            reference=waiting.reference, verdict=Verdict.APPROVE, rationale="", actor=settle("vera"), at=NOON
        )
        page.keyboard.press("a")
        page.keyboard.press("Enter")
        errors = page.locator("#panel [data-errors]")
        errors.wait_for()
        assert "Vera approved this already, at 12:00 UTC on 20 November." in errors.inner_text()
        expect(page.locator("#panel button")).to_have_count(0)
        expect(page.locator(f"#row-{waiting.reference}")).to_have_count(0)
        page.keyboard.press("j")
        ready(page, other.reference)


class TestWithoutJavaScript:
    """Every action is a form first."""

    def test_approves_on_the_page_of_the_request(self, page_as: PageAs, world: World) -> None:
        waiting = world.waiting(by=settle("amir"), pounds=300)
        page = page_as(settle("viktor"), java_script_enabled=False)
        page.goto(QUEUE)
        page.get_by_role("link", name=waiting.reference).first.click()
        page.get_by_role("button", name="Approve £300.00").click()
        page.get_by_text(f"{waiting.reference} was approved").wait_for()
        assert as_stored(waiting).state == State.APPROVED

    def test_claims_puts_off_and_narrows(self, page_as: PageAs, world: World) -> None:
        waiting, dana = world.waiting(by=settle("amir"), pounds=300), settle("dana")
        page = page_as(dana, java_script_enabled=False)
        page.goto("/queue/?view=mine&currency=GBP&risk=low")
        page.get_by_role("link", name="Risk: Low risk").click()
        assert page.url.endswith("/queue/?view=mine&currency=GBP")
        page.get_by_role("button", name="Claim next").click()
        page.get_by_role("heading", name=waiting.reference).wait_for()
        assert ApprovalStep.objects.get(leased_by=dana).route.reference == waiting.reference
        page.get_by_text("Put off, release, send on").click()
        page.get_by_role("button", name="4 hours").click()
        page.get_by_text(f"{waiting.reference} comes back at").wait_for()
        page.goto("/queue/?view=mine")
        expect(page.get_by_role("link", name=waiting.reference)).to_have_count(0)
        page.get_by_role("link", name="Snoozed").click()
        page.get_by_role("link", name=waiting.reference).first.wait_for()
