"""Every screen a person may open, in both themes and on a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from approvals.vocabulary import Category
from config.demo.people import settle_people
from config.kernel.outbox import drain
from policies.actions.observing import observe
from refunds import workflow
from refunds.models import Operation
from refunds.reconciliation.importing import upload_statement
from refunds.vocabulary import OperationState, State
from tests.browser.checks import WIDTHS, complaints, problems
from tests.harness.people import settle
from tests.harness.world import NOON
from tests.policies.actions.desk import asked, gate, let_sign, sighting
from tests.refunds.books import csv_file, operation_of, paid, request_in
from tests.refunds.payouts.stage import came_back, proposed
from tests.refunds.payouts.test_payment_files import agreed, prepared
from tests.refunds.reconciliation.files import PAYPAL
from tests.refunds.reconciliation.reports import report, row

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import PageAs
    from tests.harness.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


class TestScreens:
    """Each screen: axe finds nothing, nothing sticks out, the CSP is silent."""

    def test_of_an_agent(self, page_as: PageAs, world: World) -> None:
        amir = settle("amir")
        asked = world.waiting(by=amir)
        workflow.ask(reference=asked.reference, question="Which lamp is it, and where?", actor=settle("dana"), at=NOON)
        order = world.order(line_count=20, shipping_minor=4_95)
        intake = reverse("refunds:intake_order", args=[order.channel, order.external_id])
        addresses = ["/", "/intake/", f"/intake/?q={order.external_id}", intake, "/requests/", "/search/?q=RR"]
        assert complaints(page_as, amir, *addresses, asked.get_absolute_url()) == []

    def test_of_a_reviewer(self, page_as: PageAs, world: World) -> None:
        amir = settle("amir")
        late = world.filed(world.order(days_ago=50), by=amir)
        assert complaints(page_as, settle("mei"), "/exceptions/", late.get_absolute_url()) == []

    def test_of_an_approver(self, page_as: PageAs, world: World) -> None:
        amir, viktor = settle("amir"), settle("viktor")
        waiting = world.waiting(by=amir)
        approved = world.approved(by=amir, approver=settle("dana"), pounds=200)
        addresses = ["/", "/queue/?view=all", waiting.get_absolute_url(), approved.get_absolute_url()]
        assert complaints(page_as, viktor, *addresses) == []

    def test_of_the_filters_that_are_open(self, page_as: PageAs, world: World) -> None:
        world.waiting(by=settle("amir"))
        for width in WIDTHS:
            page = page_as(settle("dana"), width=width)
            page.goto("/queue/?view=all", wait_until="networkidle")
            page.locator("summary", has_text="More filters").click()
            boxes = [field.bounding_box() for field in page.locator("#more-filters .sheet > .field").all()]
            tops = [box["y"] for box in boxes if box is not None]
            assert tops == sorted(set(tops))
            assert all(box is not None and box["x"] >= 0 and box["x"] + box["width"] <= width for box in boxes)
            assert problems(page, width) == []

    def test_of_finance(self, page_as: PageAs, world: World) -> None:
        lena = settle("lena")
        failed = request_in(State.FAILED, team=world.team())
        operation_of(failed, OperationState.FAILED)
        operation = paid(team=world.team())
        lines = [row("txn_1", "-22.20", operation=str(operation.pk)), row("txn_2", "-9.00")]
        statement, _ = upload_statement(
            account="stripe", file=csv_file(report(lines)), payout_total="", actor=lena, at=NOON
        )
        drain()
        addresses = ["/processing/?column=failed", "/reconciliation/", "/reconciliation/upload/", "/outbox/"]
        addresses += [failed.get_absolute_url(), operation.refund_request.get_absolute_url()]
        assert complaints(page_as, lena, *addresses, reverse("refunds:statement", args=[statement.pk])) == []

    def test_of_a_file_that_was_checked(self, page_as: PageAs, world: World) -> None:
        world.team()
        lena = settle("lena")

        def check(page: Page) -> None:
            upload = {"name": "p.csv", "mimeType": "text/csv", "buffer": PAYPAL.encode()}
            page.locator("input[type=file]").set_input_files(upload)  # type: ignore[arg-type]
            page.get_by_role("button", name="Check first").click()
            page.get_by_text("Nothing was kept.").wait_for()
            assert page.locator("input[type=file]").input_value().endswith("p.csv")

        assert complaints(page_as, lena, "/reconciliation/upload/", prepare=check) == []

    def test_of_another_way_to_pay(self, page_as: PageAs, world: World) -> None:
        failed, waiting = came_back(world), proposed(came_back(world), method="bank_transfer")
        agreed(world)
        file = prepared()
        agreed(world, pounds=70)
        Operation.objects.filter(state=OperationState.READY).update(next_try_at=NOON)
        addresses = [reverse("refunds:propose_payout", args=[failed.reference]), "/payment-files/"]
        addresses += [reverse("refunds:payment_file", args=[file.pk]), waiting.get_absolute_url()]
        assert complaints(page_as, settle("luis"), *addresses) == []
        assert complaints(page_as, settle("viktor"), waiting.get_absolute_url()) == []

    def test_of_governed_actions(self, page_as: PageAs, world: World) -> None:
        gate(world)
        viktor = settle("viktor")
        let_sign(viktor)
        waiting = asked(world, 3_000_00, by=settle("bot"))
        seen = observe(sighting=sighting(world, category=Category.REFUND), at=NOON)
        assert complaints(page_as, viktor, "/queue/", waiting.get_absolute_url()) == []
        assert complaints(page_as, settle("lena"), "/actions/", "/bypass/", seen.get_absolute_url()) == []

    def test_of_quality(self, page_as: PageAs, world: World) -> None:
        paid(team=world.team())
        assert complaints(page_as, settle("sam"), "/insight/") == []

    def test_of_a_stranger_in_the_demo(self, page_as: PageAs) -> None:
        settle_people(at=NOON)
        assert complaints(page_as, None, "/demo/") == []
