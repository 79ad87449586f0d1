"""Remediation in a real window: read on a phone, walked by keys, taken to its end by two people."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from analytics.models import RemediationItem
from analytics.remediation.opening import open_by_rule
from analytics.sampling.drawing import Wanted, draw_sample
from tests.analytics.remediation.stage import CODE, proposed, submitted, verifying
from tests.analytics.sampling.stage import automatic, looked, signed
from tests.browser.checks import complaints
from tests.harness.people import settle
from tests.harness.world import NOON

if TYPE_CHECKING:
    from tests.browser.conftest import PageAs
    from tests.harness.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

BOARD = "/insight/remediation/"


def settle_items() -> RemediationItem:
    """Have a red item that nobody owns yet, and one whose closing waits for somebody else."""
    at = timezone.now()
    waiting = proposed(settle("sam"), at=at)
    submitted(12, code="WINDOW_EXPIRED", at=at - timedelta(days=1))
    open_by_rule(at=at)
    return waiting


class TestRemediation:
    def test_stands_axe_and_a_phone(self, page_as: PageAs, world: World) -> None:
        waiting = settle_items()
        red = RemediationItem.objects.get(code="WINDOW_EXPIRED")
        pages = [BOARD, f"{BOARD}open/", f"{BOARD}review/", waiting.get_absolute_url(), red.get_absolute_url()]

        assert complaints(page_as, settle("sam"), *pages) == []
        assert complaints(page_as, settle("mei"), waiting.get_absolute_url()) == []
        assert complaints(page_as, settle("root"), "/admin/analytics/remediationrule/add/") == []

    def test_is_walked_by_keys(self, page_as: PageAs, world: World) -> None:
        settle_items()
        page = page_as(settle("sam"))
        page.goto("/")
        page.keyboard.press("g")
        page.keyboard.press("y")
        page.wait_for_url(f"**{BOARD}")
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{BOARD}*-*/")
        if "Take it" in page.inner_text("main"):
            page.keyboard.press("c")
            page.keyboard.press("Enter")
            page.get_by_text("Sam owns it now.").wait_for()

        assert RemediationItem.objects.filter(owner__isnull=True).count() == 0

    def test_is_agreed_to_without_javascript(self, page_as: PageAs, world: World) -> None:
        waiting = settle_items()
        page = page_as(settle("mei"), java_script_enabled=False)
        page.goto(BOARD)
        page.get_by_role("link", name=CODE, exact=True).click()
        page.get_by_role("button", name="Agree to close it").click()

        assert "The effect test is on" in page.inner_text("main")
        assert RemediationItem.objects.get(pk=waiting.pk).state == "verifying"

    def test_says_when_an_item_is_tested(self, page_as: PageAs, world: World) -> None:
        item = verifying(settle("sam"), settle("mei"), at=timezone.now())

        assert complaints(page_as, settle("ada"), item.get_absolute_url()) == []


class TestSamples:
    def test_stand_axe_and_a_phone(self, page_as: PageAs, world: World) -> None:
        automatic(world, 2)
        signed(world)
        at = timezone.now()
        days = Wanted(
            team="uk-retail",
            from_on=NOON.date(),
            to_on=NOON.date(),
            population="every",
            method="risk",
            size=3,
        )
        sample = draw_sample(wanted=days, actor=settle("sam"), at=at)
        looked(sample, settle("sam"), place=1, answer="decline")
        pages = ["/insight/samples/", *(f"{sample.get_absolute_url()}{part}" for part in ("?again", "1/", "2/"))]

        assert complaints(page_as, settle("sam"), *pages) == []
