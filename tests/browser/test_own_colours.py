"""The portal for whoever has colours of her own (Windows' contrast themes), or wants nothing to move."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.harness.people import settle

if TYPE_CHECKING:
    from tests.browser.conftest import PageAs
    from tests.harness.world import World

WITHOUT_AN_EDGE = """() => [...document.querySelectorAll(
    ".badge, .verdict, .card, .btn, input:not([type=hidden]), select, textarea")]
  .filter(one => one.checkVisibility({visibilityProperty: true}) && one.getBoundingClientRect().width > 1)
  .filter(one => getComputedStyle(one).borderTopWidth === "0px" && getComputedStyle(one).appearance === "none")
  .map(one => one.outerHTML.slice(0, 80))"""
"""Colours of surfaces are gone then; what is left to tell a thing from what it stands on is its edge."""

UNSEEN_MARKS = """() => [...document.querySelectorAll(".badge:is(.ok, .info, .warn, .bad)")]
  .filter(one => one.checkVisibility())
  .filter(one => getComputedStyle(one, "::before").backgroundColor === getComputedStyle(one).backgroundColor)
  .map(one => one.textContent.trim())"""
"""A badge says its state by colour, shape and word; of the three the shape must outlive the colours."""

HERE = (
    "() => { const row = getComputedStyle(document.querySelector('.grid tr[aria-current]')); return row.outlineStyle; }"
)
MOVING = "() => document.getAnimations().filter(one => one.playState === 'running').length"
SLOW = """() => [...document.querySelectorAll("*")].filter(one => {
    const style = getComputedStyle(one);
    return parseFloat(style.transitionDuration) > 0 || style.animationName !== "none";
}).map(one => one.outerHTML.slice(0, 80))"""


class TestColoursOfOnesOwn:
    def test_leave_edges_marks_and_the_row_one_stands_on(self, page_as: PageAs, world: World) -> None:
        request = world.waiting(by=settle("amir"))
        page = page_as(settle("dana"), forced_colors="active")

        for address in ("/queue/", f"/requests/{request.reference}/"):
            page.goto(address)
            page.locator("#panel[hx-trigger=load]").wait_for(state="detached")
            assert page.locator(".badge").count()
            assert page.evaluate(WITHOUT_AN_EDGE) == []
            assert page.evaluate(UNSEEN_MARKS) == []
        page.goto("/queue/")
        page.keyboard.press("j")
        assert page.evaluate(HERE) == "solid"


class TestStillness:
    def test_is_kept_where_somebody_asked_for_it(self, page_as: PageAs, world: World) -> None:
        world.waiting(by=settle("amir"))
        page = page_as(settle("dana"), reduced_motion="reduce")

        page.goto("/queue/")
        page.keyboard.press("j")

        assert page.evaluate(SLOW) == []
        assert page.evaluate(MOVING) == 0
