"""What every screen must stand: axe, its width, the CSP, no address but our own."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from weakref import WeakKeyDictionary

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import ConsoleMessage, Error, Page, Request

    from config.kernel.people import User
    from tests.browser.conftest import PageAs

AXE = Path(__file__).parent.parent / "vendor" / "axe" / "axe.min.js"
DESK, PHONE = 1440, 360
WIDTHS = [DESK, PHONE]
SCHEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
COLOURS_HAVE_FADED = (
    "Promise.all(document.getAnimations().filter(one => one instanceof CSSTransition).map(one => one.finished))"
)
"""A link of the admin site takes its time to change its colour."""

NARROWEST = 320
"""What is left of a desktop screen at 400 % zoom."""

NOTHING_IS_LOST = """width => [...document.querySelectorAll(
    "button, summary, h1, h2, h3, label, .btn, .badge, .nav a, .tabs a, .chips a, .card > header")]
  .filter(element => {
    const box = element.getBoundingClientRect(), style = getComputedStyle(element);
    if (box.width <= 1 || !element.checkVisibility({visibilityProperty: true})) return false;
    const isCut = element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1
      && !["auto", "scroll"].includes(style.overflowX) && style.textOverflow !== "ellipsis";
    let around = element.parentElement;
    while (around && !["auto", "scroll"].includes(getComputedStyle(around).overflowX)) around = around.parentElement;
    return isCut || (!around && (box.left < -1 || box.right > width + 1));
  })
  .map(element => `${element.tagName.toLowerCase()} “${element.textContent.trim().slice(0, 60)}” is cut`)"""
"""A control whose words stick out of it, or that lies beside the window where nobody can scroll to it."""

RULES = '{type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}'
RULES_OF_COLOUR = '{type: "rule", values: ["color-contrast", "link-in-text-block"]}'
"""All that another theme can break: it changes colours and nothing else."""


_windows: WeakKeyDictionary[PageAs, dict[tuple[int | None, int], Page]] = WeakKeyDictionary()


@dataclass
class Messages:
    """The complaints of the windows of one test."""

    csp: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    def listen(self, page: Page, *, host: str) -> None:
        """Write down what `page` complains about, and what it asks of another host."""

        def heard(message: ConsoleMessage) -> None:
            if "Content Security Policy" in message.text:
                self.csp.append(message.text)

        def failed(error: Error) -> None:
            # Chromium says so when a page with a cross-fade is left for an answer without a stylesheet.
            if "ViewTransition" not in str(error):
                self.errors.append(str(error))

        def asked(request: Request) -> None:
            if not request.url.startswith((host, "about:", "blob:")):
                self.elsewhere.append(request.url)

        page.on("console", heard)
        page.on("pageerror", failed)
        page.on("request", asked)


@cache
def axe_source() -> str:
    """Read the vendored axe-core once."""
    return AXE.read_text()


def axe_violations(page: Page, rules: str = RULES) -> list[str]:
    """Ask axe-core about the page, one line for each broken rule.

    It runs in a world of its own, so the page's CSP stays on and the page does not see it.
    """
    devtools = page.context.new_cdp_session(page)
    frame = devtools.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
    world = devtools.send("Page.createIsolatedWorld", {"frameId": frame, "worldName": "axe"})["executionContextId"]
    devtools.send("Runtime.evaluate", {"expression": axe_source(), "contextId": world})
    # Without preload axe does not copy stylesheets into the page, which the CSP would report.
    answer = devtools.send(
        "Runtime.evaluate",
        {
            "contextId": world,
            "awaitPromise": True,
            "returnByValue": True,
            "expression": f"axe.run({{preload: false, runOnly: {rules}}}).then(result => result.violations.map(rule =>"
            " rule.id + ': ' + rule.nodes.map(node => node.target.join(' ')).join(', ')))",
        },
    )
    devtools.detach()
    violations: list[str] = answer["result"]["value"]
    return violations


def settle_down(page: Page) -> None:
    """Wait until what came in listens; before that a form is sent as on a page without JavaScript."""
    expect(page.locator(".htmx-added, .htmx-settling, .htmx-request")).to_have_count(0)


def assert_fits(page: Page, width: int) -> None:
    """Assert that the page is exactly as wide as the window.

    The number is fixed, because a phone's browser widens `innerWidth` along with a page that is too wide.
    """
    assert fits(page, width)


def fits(page: Page, width: int) -> bool:
    """Tell whether the page is exactly as wide as the window.

    Of a page that is still coming, what is there can be seen and asked about before its stylesheet is.
    """
    page.wait_for_load_state()
    return bool(page.evaluate("document.documentElement.scrollWidth") == width)


def lost(page: Page, width: int) -> list[str]:
    """Name the controls and headings whose words are cut, or that lie outside the window."""
    found: list[str] = page.evaluate(NOTHING_IS_LOST, width)
    return found


def complaints(
    page_as: PageAs,
    person: User | None,
    *addresses: str,
    status: int = 200,
    prepare: Callable[[Page], object] = lambda _: None,
) -> list[str]:
    """Open each address at a desk and on a phone; say what does not stand there, a line for each.

    Whoever looked in this test looks again in the same window: to open another takes as long as what is looked at.
    `prepare` brings an opened page into the state that is looked at.
    """
    found = []
    for width in WIDTHS:
        page = window_of(page_as, person, width)
        for address in addresses:
            answer = page.goto(address)
            assert answer is not None
            found += [f"{address} answered {answer.status}"] if answer.status != status else []
            prepare(page)
            found += [f"{address} {problem}" for problem in problems(page, width)]
    return found


def window_of(page_as: PageAs, person: User | None, width: int) -> Page:
    """Open a window of this width for a person, or give the one that was opened for her in this test."""
    opened, whose = _windows.setdefault(page_as, {}), (person.pk if person else None, width)
    if whose not in opened:
        opened[whose] = page_as(person, width=width)
    return opened[whose]


def problems(page: Page, width: int) -> list[str]:
    """Ask axe about what is shown in both themes, and see whether it fits; a phone's page also at 400 % zoom."""
    # What the page fetches by itself belongs to it.
    page.locator("#panel[hx-trigger=load]").wait_for(state="detached")
    found = [] if fits(page, width) else [f"is wider than {width}"]
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        page.evaluate(COLOURS_HAVE_FADED)
        rules = RULES if scheme == SCHEMES[0] else RULES_OF_COLOUR
        found += [f"{scheme} {width}: {problem}" for problem in axe_violations(page, rules)]
    if width == PHONE:
        page.set_viewport_size({"width": NARROWEST, "height": 700})
        found += [] if fits(page, NARROWEST) else [f"is wider than {NARROWEST}"]
        page.set_viewport_size({"width": PHONE, "height": 900})
    return found
