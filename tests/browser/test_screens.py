"""Every screen a person may open, in both themes and on a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from approvals.guards import Scope
from approvals.services.limits import propose_limit
from config.demo.people import settle_people
from config.kernel.outbox import drain
from refunds import workflow
from refunds.reconciliation.importing import upload_statement
from refunds.vocabulary import OperationState, State
from tests.browser.checks import assert_fits, axe_violations
from tests.harness.people import settle
from tests.harness.world import NOON
from tests.refunds.books import csv_file, operation_of, paid, request_in
from tests.refunds.reconciliation.reports import report, row

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from config.kernel.people import User
    from tests.browser.conftest import PageAs
    from tests.harness.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

WINDOWS = [("light", 1440), ("dark", 1440), ("light", 360)]
PHONE = 360
NARROWEST = 320
"""What is left of a desktop screen at 400 % zoom."""


def complaints(page_as: PageAs, person: User | None, *addresses: str) -> list[str]:
    """Open each address in every window; say what axe found, and assert that nothing sticks out."""
    found = []
    for scheme, width in WINDOWS:
        page = page_as(person, width=width, color_scheme=scheme)
        for address in addresses:
            found += [f"{address} {scheme} {width}: {problem}" for problem in _problems(page, address)]
            assert_fits(page, width)
            if width == PHONE:
                page.set_viewport_size({"width": NARROWEST, "height": 700})
                assert_fits(page, NARROWEST)
                page.set_viewport_size({"width": PHONE, "height": 900})
    return found


def _problems(page: Page, address: str) -> list[str]:
    answer = page.goto(address)
    assert answer is not None
    if not answer.ok:
        return [f"answered {answer.status}"]
    # What the page fetches by itself belongs to it.
    page.locator("#panel[hx-trigger=load]").wait_for(state="detached")
    return axe_violations(page)


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
        for scheme, width in WINDOWS:
            page = page_as(settle("dana"), width=width, color_scheme=scheme)
            page.goto("/queue/?view=all", wait_until="networkidle")
            page.locator("summary", has_text="More filters").click()
            boxes = [field.bounding_box() for field in page.locator("#more-filters .sheet > .field").all()]
            tops = [box["y"] for box in boxes if box is not None]
            assert tops == sorted(set(tops))
            assert all(box is not None and box["x"] >= 0 and box["x"] + box["width"] <= width for box in boxes)
            assert axe_violations(page) == []

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

    def test_of_authority(self, page_as: PageAs, world: World) -> None:
        for name in ("dana", "viktor", "vera"):
            settle(name)
        propose_limit(
            scope=Scope(user=settle("dana"), category="refund", currency="GBP"),
            single_minor=800_00,
            daily_minor=8_000_00,
            why="She leads the team now.",
            actor=settle("root"),
            at=NOON,
        )
        asked = "/authority/?amount=3000&currency=GBP&category=refund&team=uk-retail"
        addresses = ["/authority/", asked, "/authority/changes/", "/authority/review/"]
        assert complaints(page_as, settle("lena"), *addresses) == []

    def test_of_quality(self, page_as: PageAs, world: World) -> None:
        paid(team=world.team())
        assert complaints(page_as, settle("sam"), "/insight/") == []

    def test_of_a_stranger_in_the_demo(self, page_as: PageAs) -> None:
        settle_people(at=NOON)
        assert complaints(page_as, None, "/demo/") == []
