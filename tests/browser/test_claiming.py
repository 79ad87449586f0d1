"""Claiming and holding: one after the other, seen by the others, and given back by leaving or by time."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from playwright.sync_api import Error, expect

from approvals.models import ApprovalRoute, ApprovalStep
from approvals.services.leasing import LEASE
from policies.models import GovernedAction
from refunds.vocabulary import State
from tests.harness.people import settle
from tests.harness.world import as_stored
from tests.policies.actions.desk import asked, gate, let_sign

from .checks import settle_down

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from config.kernel.people import User
    from refunds.models import RefundRequest
    from tests.browser.conftest import PageAs
    from tests.harness.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

QUEUE = "/queue/?view=mine"
STOP = "Claim no more after this one"
PATIENCE_SECONDS = 5


def waiting(world: World, pounds: int) -> RefundRequest:
    """File a request that is new by the clock on the wall."""
    return world.waiting(by=settle("amir"), pounds=pounds, at=timezone.now())


def held_by(person: User) -> list[str]:
    """List what somebody holds now."""
    steps = ApprovalStep.objects.filter(leased_by=person, leased_until__gt=timezone.now())
    return list(steps.values_list("route__reference", flat=True))


def until_held(person: User, *references: str) -> list[str]:
    """Wait until somebody holds exactly these; answer what she holds."""
    until = time.monotonic() + PATIENCE_SECONDS
    while held_by(person) != list(references) and time.monotonic() < until:
        time.sleep(0.05)
    return held_by(person)


def ready(page: Page, reference: str) -> None:
    """Wait until the panel shows this request."""
    page.locator("#panel h2", has_text=reference).wait_for()
    settle_down(page)


def approve(page: Page) -> None:
    """Press the two keys."""
    page.keyboard.press("a")
    page.keyboard.press("Enter")


class TestClaiming:
    """Whoever claims is handed one after the other, oldest promise first, until she says that it is enough."""

    def test_hands_out_the_next_one_with_each_decision_until_all_is_clear(self, page_as: PageAs, world: World) -> None:
        dana = settle("dana")
        first, second = waiting(world, 350), waiting(world, 400)
        page = page_as(dana)
        page.goto(QUEUE, wait_until="networkidle")
        page.keyboard.press("c")
        page.get_by_label(STOP).wait_for()
        ready(page, first.reference)
        assert held_by(dana) == [first.reference]

        approve(page)
        page.locator("#panel h2:focus", has_text=second.reference).wait_for()
        assert held_by(dana) == [second.reference]
        assert page.locator("[data-row][aria-current]").get_attribute("id") == f"row-{second.reference}"

        approve(page)
        page.locator("#panel h2:focus", has_text="All clear").wait_for()
        assert held_by(dana) == []
        assert {as_stored(each).state for each in (first, second)} == {State.APPROVED}

    def test_goes_on_to_a_governed_action_and_back_to_a_request(self, page_as: PageAs, world: World) -> None:
        gate(world)
        viktor = settle("viktor")
        let_sign(viktor)
        now = timezone.now()
        first = world.waiting(by=settle("amir"), pounds=350, at=now - timedelta(hours=2))
        action = asked(world, 3_000_00, by=settle("bot"), at=now - timedelta(hours=1))
        last = world.waiting(by=settle("amir"), pounds=400, at=now)
        page = page_as(viktor)
        page.goto("/queue/?view=mine", wait_until="networkidle")
        page.keyboard.press("c")
        asked_for = {first.reference, action.reference, last.reference}
        routes = ApprovalRoute.objects.filter(reference__in=asked_for).order_by("due_at")
        for place, reference in enumerate(routes.values_list("reference", flat=True)):
            page.locator("#panel h2:focus" if place else "#panel h2", has_text=reference).wait_for()
            page.get_by_label(STOP).wait_for()
            settle_down(page)
            assert held_by(viktor) == [reference]
            approve(page)
        page.locator("#panel h2:focus", has_text="All clear").wait_for()
        assert GovernedAction.objects.get().state == "allowed"

    def test_ends_when_she_says_so_and_still_shows_the_next_row(self, page_as: PageAs, world: World) -> None:
        dana = settle("dana")
        first, second = waiting(world, 350), waiting(world, 400)
        page = page_as(dana)
        page.goto(QUEUE, wait_until="networkidle")
        page.keyboard.press("c")
        page.get_by_label(STOP).check()

        approve(page)
        page.locator("#panel h2:focus", has_text=second.reference).wait_for()

        assert held_by(dana) == []
        expect(page.get_by_label(STOP)).to_have_count(0)
        assert as_stored(first).state == State.APPROVED
        assert as_stored(second).state == State.AWAITING_APPROVAL

    def test_passes_over_what_somebody_else_holds(self, page_as: PageAs, world: World) -> None:
        viktor, vera = settle("viktor"), settle("vera")
        first, second = waiting(world, 350), waiting(world, 400)
        here, there = page_as(viktor), page_as(vera)
        for page in (here, there):
            page.goto(QUEUE, wait_until="networkidle")

        # Both show the first one already, so that only the mark of a run of claims says that it is held.
        here.keyboard.press("c")
        here.get_by_label(STOP).wait_for()
        there.keyboard.press("c")
        ready(there, second.reference)

        assert (held_by(viktor), held_by(vera)) == ([first.reference], [second.reference])

    def test_says_when_there_is_nothing_to_claim(self, page_as: PageAs, world: World) -> None:
        page = page_as(settle("dana"))
        page.goto(QUEUE, wait_until="networkidle")
        page.keyboard.press("c")
        page.locator("#toasts", has_text="Nothing in this view waits for you that nobody holds.").wait_for()


class TestAHold:
    """It begins with the first touch, is seen by the others, and ends with leaving, or by itself."""

    def test_is_seen_in_another_browser_and_given_back_by_leaving(self, page_as: PageAs, world: World) -> None:
        viktor = settle("viktor")
        held = waiting(world, 350)
        here, there = page_as(viktor), page_as(settle("vera"))
        for page in (here, there):
            page.goto(QUEUE, wait_until="load")
            ready(page, held.reference)

        here.get_by_label("Rationale").press_sequentially("Half of it came back.")
        assert until_held(viktor, held.reference) == [held.reference]
        expect(there.locator(f"#row-{held.reference}")).to_contain_text("Viktor looks at this")
        there.reload()
        expect(there.locator("#panel")).to_contain_text("Viktor is looking at this until")
        expect(there.get_by_role("button", name="Approve £350.00")).to_have_count(0)
        assert as_stored(held).state == State.AWAITING_APPROVAL

        # What she typed is asked about before it is lost; she leaves all the same.
        here.on("dialog", lambda dialog: dialog.accept())
        here.goto("about:blank")
        assert until_held(viktor) == []
        expect(there.locator(f"#row-{held.reference}")).not_to_contain_text("Viktor looks at this")
        there.reload()
        there.get_by_role("button", name="Approve £350.00").wait_for()

    def test_outlives_a_browser_that_died_by_no_more_than_a_quarter_of_an_hour(
        self, page_as: PageAs, world: World
    ) -> None:
        viktor, vera = settle("viktor"), settle("vera")
        held = waiting(world, 350)
        dying, other = page_as(viktor), page_as(vera)
        dying.goto(QUEUE, wait_until="load")
        ready(dying, held.reference)
        dying.get_by_label("Rationale").press("H")
        assert until_held(viktor, held.reference) == [held.reference]

        # A crash says goodbye to nobody.
        with dying.expect_event("crash"), suppress(Error):
            dying.goto("chrome://crash")
        other.goto(QUEUE, wait_until="load")
        expect(other.locator("#panel")).to_contain_text("Viktor is looking at this until")
        step = ApprovalStep.objects.get(route__reference=held.reference)
        assert step.leased_until is not None
        assert timezone.now() < step.leased_until <= timezone.now() + LEASE

        # A quarter of an hour passes.
        ApprovalStep.objects.filter(pk=step.pk).update(leased_until=step.leased_until - LEASE)
        other.goto(QUEUE, wait_until="load")
        other.keyboard.press("c")
        assert until_held(vera, held.reference) == [held.reference]
        assert held_by(viktor) == []

    def test_is_renewed_by_whoever_goes_on_working(self, page_as: PageAs, world: World) -> None:
        viktor = settle("viktor")
        held = waiting(world, 350)
        page = page_as(viktor)
        page.clock.install(time=timezone.now())
        page.goto(QUEUE, wait_until="load")
        ready(page, held.reference)
        rationale = page.get_by_label("Rationale")
        with page.expect_request("**/lease/"):
            rationale.press("H")
        assert until_held(viktor, held.reference) == [held.reference]
        nearly_over = timezone.now() + timedelta(minutes=1)
        ApprovalStep.objects.filter(route__reference=held.reference).update(leased_until=nearly_over)

        rationale.press("a")
        page.clock.run_for(61_000)
        with page.expect_response("**/lease/"):
            rationale.press("l")

        renewed = ApprovalStep.objects.get(route__reference=held.reference).leased_until
        assert renewed is not None
        assert renewed > nearly_over + timedelta(minutes=10)
