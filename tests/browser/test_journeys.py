"""One refund by hand: on the keyboard alone, and without JavaScript."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from config.demo.people import settle_people
from config.kernel.outbox import drain
from evidence.models import Attachment
from refunds.models import RefundRequest
from refunds.vocabulary import State
from tests.evidence.builders import drawing
from tests.harness.people import settle
from tests.harness.world import NOON, as_stored
from tests.refunds.books import paid
from tests.refunds.reconciliation.reports import report, row

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from refunds.models import Order
    from tests.browser.conftest import PageAs
    from tests.harness.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

MOST_TABS = 60


def intake_of(order: Order) -> str:
    """Address the form for one order."""
    return reverse("refunds:intake_order", args=[order.channel, order.external_id])


def tab_to(page: Page, selector: str) -> None:
    """Walk on with Tab until the focus stands on `selector`."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"{selector} is not reached with Tab")


class TestIntake:
    """Amir takes a request and never touches the mouse."""

    def test_goes_from_the_order_to_the_request_by_keyboard(self, page_as: PageAs, world: World) -> None:
        order = world.order(unit_minor=100_00)
        page = page_as(settle("amir"))
        page.goto("/intake/")
        page.keyboard.type(order.external_id)
        page.locator("#found [data-open]").wait_for()
        page.keyboard.press("Escape")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{intake_of(order)}")
        tab_to(page, "[name^=quantity_]")
        page.keyboard.type("1")
        tab_to(page, "#id_reason")
        page.keyboard.type("Changed")
        page.locator("#verdict", has_text="Needs approval: £100.00").wait_for()
        page.keyboard.press("Control+Enter")
        page.wait_for_url("**/requests/RR-*/")
        filed = RefundRequest.objects.get(order=order)
        expect(page.get_by_text(f"{filed.reference} was submitted: awaiting approval")).to_be_visible()
        assert filed.state == State.AWAITING_APPROVAL

    def test_finds_one_line_of_a_long_order_and_asks_with_that_line_only(self, page_as: PageAs, world: World) -> None:
        order = world.order(unit_minor=10_00, line_count=400)
        page = page_as(settle("amir"))
        page.goto(intake_of(order))
        page.keyboard.press("/")
        page.keyboard.type("Lamp 377")
        shown = page.locator("#lines tbody tr:visible")
        expect(shown).to_have_count(1)
        tab_to(page, "[name^=quantity_]")
        with page.expect_request("**/verdict/") as asked:
            page.keyboard.type("2")
        assert len(re.findall("quantity_", asked.value.post_data or "")) == 1
        page.get_by_label("Reason").select_option("changed_mind")
        page.locator("#verdict", has_text="£20.00").wait_for()
        page.get_by_role("button", name="Submit request").press("Enter")
        page.wait_for_url("**/requests/RR-*/")
        assert RefundRequest.objects.get(order=order).requested_minor == 20_00, "two changes at once are one draft"


class TestWithoutJavaScript:
    """Every step is a form first."""

    def test_lets_a_stranger_in_by_the_chooser(self, page_as: PageAs) -> None:
        settle_people(at=NOON)
        page = page_as(java_script_enabled=False)
        page.goto("/demo/")
        page.get_by_role("button", name="Become Amir").click()
        expect(page.get_by_role("heading", name="Today")).to_be_visible()

    def test_checks_then_submits_with_a_photo(self, page_as: PageAs, world: World) -> None:
        order = world.order(unit_minor=100_00)
        page = page_as(settle("amir"), java_script_enabled=False)
        page.goto(intake_of(order))
        page.get_by_label("Quantity of Lamp 0").fill("1")
        page.get_by_label("Condition of Lamp 0").select_option("damaged")
        page.get_by_label("Reason").select_option("damaged")
        page.get_by_label("Photos").set_input_files({"name": "lamp.jpg", "mimeType": "image/jpeg", "buffer": drawing()})
        page.get_by_role("button", name="Check").click()
        expect(page.locator("#verdict", has_text="£100.00")).to_be_visible()
        assert page.get_by_label("Quantity of Lamp 0").input_value() == "1"
        assert Attachment.objects.count() == 1
        page.get_by_role("button", name="Submit request").click()
        filed = RefundRequest.objects.get(order=order)
        expect(page.get_by_text(f"{filed.reference} was submitted")).to_be_visible()
        assert filed.state == State.AWAITING_APPROVAL

    def test_declines_after_the_reason_was_asked_for_and_keeps_what_was_typed(
        self, page_as: PageAs, world: World
    ) -> None:
        waiting = world.waiting(by=settle("amir"), pounds=300)
        page = page_as(settle("viktor"), java_script_enabled=False)
        page.goto(waiting.get_absolute_url())
        page.get_by_label("Rationale").fill("Too late")
        page.get_by_role("button", name="Decline").click()
        assert "Say why in 10 to 2000 characters" in page.locator("[data-errors]").inner_text()
        page.locator("[data-errors] a").click()
        rationale = page.get_by_label("Rationale")
        expect(page.locator("textarea:target")).to_have_count(1)
        assert rationale.input_value() == "Too late"
        assert rationale.get_attribute("aria-invalid") == "true"
        rationale.fill("Too late, the parcel came back after a year.")
        page.get_by_role("button", name="Decline").click()
        expect(page.get_by_text(f"{waiting.reference} was declined.")).to_be_visible()
        assert as_stored(waiting).state == State.DECLINED

    def test_uploads_a_statement_and_sees_the_refund_reconciled(self, page_as: PageAs, world: World) -> None:
        operation = paid(team=world.team())
        file = report([row("txn_1", "-22.20", operation=str(operation.pk))])
        page = page_as(settle("lena"), java_script_enabled=False)
        page.goto("/reconciliation/upload/")
        page.locator("input[type=file]").set_input_files({"name": "payout.csv", "mimeType": "text/csv", "buffer": file})
        page.get_by_role("button", name="Upload and match").click()
        page.wait_for_url("**/reconciliation/statements/**")
        drain()
        page.reload()
        expect(page.get_by_text("Nothing of this file is open.")).to_be_visible()
        page.get_by_role("link", name=operation.refund_request.reference, exact=True).click()
        expect(page.locator(".head").get_by_text("Reconciled")).to_be_visible()
        assert as_stored(operation.refund_request).state == State.RECONCILED


class TestPrint:
    """The record of a request on paper."""

    def test_puts_a_plain_request_on_one_sheet_with_decision_policy_and_hash(
        self, page_as: PageAs, world: World
    ) -> None:
        approved = world.approved(by=settle("amir"), approver=settle("dana"))
        page = page_as(settle("ada"))
        page.goto(approved.get_absolute_url())
        page.emulate_media(media="print")
        decision = page.locator("#decision").inner_text()
        assert "Dana" in decision
        assert "approve" in decision
        expect(page.get_by_text("retail-goods v1").first).to_be_visible()
        assert re.search("Hash of the last one: [0-9a-f]{64}", page.locator(".print-only").inner_text())
        expect(page.locator(".nav")).not_to_be_visible()
        sheets = re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))
        assert len(sheets) == 1
