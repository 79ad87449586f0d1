"""The whole desk of the queue by links and forms alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from approvals.models import ApprovalStep, SavedView, Snooze
from refunds.vocabulary import State
from tests.approvals.timely import step_of
from tests.harness.people import settle
from tests.harness.world import as_stored

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from config.kernel.people import User
    from tests.browser.conftest import PageAs
    from tests.harness.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

DESK = "Put off, release, send on"


def plain(page_as: PageAs, person: User) -> Page:
    """Open a window that runs no script."""
    return page_as(person, java_script_enabled=False)


def listed(page: Page) -> list[str]:
    """Read which requests the list shows, in their order."""
    page.wait_for_load_state()
    return page.locator("#waiting [data-open]").all_inner_texts()


class TestAView:
    """What narrows the queue is in the address, and an address is kept under a name."""

    def test_is_narrowed_by_every_filter_and_widened_by_its_chip(self, page_as: PageAs, world: World) -> None:
        amir = settle("amir")
        small, large = (world.waiting(by=amir, pounds=pounds) for pounds in (120, 400))
        dollars = world.filed(world.order(team="us-dtc", unit_minor=250_00), by=amir)
        page = plain(page_as, settle("dana"))
        page.goto("/queue/?view=all")
        assert set(listed(page)) == {small.reference, large.reference, dollars.reference}

        page.get_by_label("Currency").select_option("GBP")
        page.get_by_text("More filters").click()
        page.get_by_label("From", exact=True).fill("200")
        page.get_by_role("textbox", name="Entered by").fill("amir")
        page.get_by_role("button", name="Show", exact=True).click()
        assert listed(page) == [large.reference]
        assert "currency=GBP" in page.url

        page.get_by_role("link", name="From: 200").click()
        assert set(listed(page)) == {small.reference, large.reference}
        page.get_by_label("Customer or reference").fill(dollars.reference)
        page.get_by_role("button", name="Show", exact=True).click()
        expect(page.get_by_role("heading", name="Nothing fits these filters")).to_be_visible()
        page.get_by_role("link", name="Clear filters").click()
        assert len(listed(page)) == 3

    def test_is_kept_renamed_and_forgotten(self, page_as: PageAs, world: World) -> None:
        amir, dana = settle("amir"), settle("dana")
        pounds = world.waiting(by=amir, pounds=300)
        world.filed(world.order(team="us-dtc", unit_minor=250_00), by=amir)
        page = plain(page_as, dana)
        page.goto("/queue/?view=mine&currency=GBP")
        page.get_by_label("Name of the view").fill("Pounds")
        page.get_by_role("button", name="Keep this view").click()
        tab = page.get_by_role("link", name="Pounds 1")
        assert tab.get_attribute("aria-current") == "page"
        assert listed(page) == [pounds.reference]

        page.get_by_label("New name").fill("Sterling")
        page.get_by_role("button", name="Rename").click()
        expect(page.get_by_text("The view is named “Sterling” now.")).to_be_visible()
        page.goto("/queue/")
        page.get_by_role("link", name="Sterling 1").click()
        assert listed(page) == [pounds.reference]

        page.get_by_role("button", name="Forget “Sterling”").click()
        expect(page.get_by_role("link", name="Sterling")).to_have_count(0)
        assert not SavedView.objects.filter(user=dana).exists()
        assert as_stored(pounds).state == State.AWAITING_APPROVAL

    def test_shows_the_columns_that_were_ticked(self, page_as: PageAs, world: World) -> None:
        world.waiting(by=settle("amir"), pounds=300)
        page = plain(page_as, settle("dana"))
        page.goto("/queue/?view=mine")
        expect(page.get_by_role("columnheader", name="Entered by")).to_have_count(0)
        page.get_by_text("Columns", exact=True).first.click()
        page.get_by_role("checkbox", name="Entered by").check()
        page.get_by_role("checkbox", name="Reason").uncheck()
        page.get_by_role("button", name="Show these").click()
        expect(page.get_by_role("columnheader", name="Entered by")).to_be_visible()
        expect(page.get_by_role("columnheader", name="Reason")).to_have_count(0)
        expect(page.get_by_role("cell", name="Amir")).to_be_visible()


class TestTheDesk:
    """Claim, give back, put off, send on, send up: each a button of a form."""

    def test_claims_and_gives_back(self, page_as: PageAs, world: World) -> None:
        waiting, dana = world.waiting(by=settle("amir"), pounds=300), settle("dana")
        page = plain(page_as, dana)
        page.goto("/queue/?view=mine")
        page.get_by_role("button", name="Claim next").click()
        page.get_by_role("heading", name=waiting.reference).wait_for()
        assert step_of(waiting).leased_by == dana

        page.get_by_text(DESK).click()
        page.get_by_role("button", name="Release", exact=True).click()
        expect(page.get_by_text(f"{waiting.reference} is free again.")).to_be_visible()
        assert step_of(waiting).leased_by is None

    def test_puts_off_and_takes_up_again(self, page_as: PageAs, world: World) -> None:
        waiting, dana = world.waiting(by=settle("amir"), pounds=300), settle("dana")
        page = plain(page_as, dana)
        page.goto("/queue/?view=mine")
        page.get_by_role("link", name=waiting.reference).click()
        page.get_by_text(DESK).click()
        page.get_by_role("button", name="tomorrow, 9:00").click()
        expect(page.get_by_text(f"{waiting.reference} comes back")).to_be_visible()
        assert Snooze.objects.get(user=dana).until_at > timezone.now()
        page.goto("/queue/?view=mine")
        expect(page.get_by_role("heading", name="All clear")).to_be_visible()

        page.get_by_role("link", name="Snoozed 1").click()
        page.get_by_role("link", name=waiting.reference).click()
        page.get_by_text(DESK).click()
        page.get_by_role("button", name="Take it up again").click()
        page.goto("/queue/?view=mine")
        assert listed(page) == [waiting.reference]
        assert not Snooze.objects.exists()

    def test_sends_what_is_above_her_limit_to_somebody_it_names(self, page_as: PageAs, world: World) -> None:
        viktor = settle("viktor")
        large = world.waiting(by=settle("amir"), pounds=900)
        page = plain(page_as, settle("dana"))
        page.goto(large.get_absolute_url())
        expect(page.get_by_role("button", name="Approve £")).to_have_count(0)
        expect(page.get_by_text("This goes to Viktor (limit £5,000.00).")).to_be_visible()
        page.get_by_role("button", name="Send to Viktor (limit £5,000.00)").click()
        expect(page.get_by_text(f"Viktor is asked to decide on {large.reference}.")).to_be_visible()
        assert step_of(large).asked_of == viktor

        asked = plain(page_as, viktor)
        asked.goto("/queue/?view=asked")
        assert listed(asked) == [large.reference]

    def test_sends_on_to_a_colleague_with_a_note_and_names_who_cannot(self, page_as: PageAs, world: World) -> None:
        vera, amir = settle("vera"), settle("amir")
        waiting = world.waiting(by=amir, pounds=300)
        page = plain(page_as, settle("viktor"))
        for username in ("amir", "vera"):
            page.goto(waiting.get_absolute_url())
            page.get_by_text(DESK).click()
            page.get_by_label("Send on to (user name)").fill(username)
            page.get_by_label("Note").fill("You know this customer.")
            page.get_by_role("button", name="Send on", exact=True).click()
            if username == "amir":
                expect(page.get_by_text("Amir cannot decide on this")).to_be_visible()
                assert step_of(waiting).asked_of is None
        expect(page.get_by_text(f"Vera is asked to decide on {waiting.reference}.")).to_be_visible()
        assert step_of(waiting).asked_of == vera

    def test_sends_up_one_level(self, page_as: PageAs, world: World) -> None:
        settle("viktor")
        waiting = world.waiting(by=settle("amir"), pounds=300)
        ApprovalStep.objects.filter(route__reference=waiting.reference).update(escalates_to="manager")
        page = plain(page_as, settle("dana"))
        page.goto(waiting.get_absolute_url())
        page.get_by_text(DESK).click()
        page.get_by_label("Note").fill("Not for me to say.")
        page.get_by_role("button", name="Send on", exact=True).click()
        expect(page.get_by_text(f"{waiting.reference} waits for manager now.")).to_be_visible()
        roles = ApprovalStep.objects.filter(route__reference=waiting.reference, state="open")
        assert list(roles.values_list("role", flat=True)) == ["manager"]
        assert as_stored(waiting).state == State.AWAITING_APPROVAL
