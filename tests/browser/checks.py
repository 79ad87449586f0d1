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

    from playwright.sync_api import CDPSession, ConsoleMessage, Error, Page, Request

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


STRIPS_ARE_SCROLLED = """document.querySelectorAll(".nav [aria-current], .tabs [aria-current]")
    .forEach(link => link.scrollIntoView({block: "nearest", inline: "center"}))"""
"""What app.js does when a page is loaded."""

IT_IS_SO_WIDE = """width => new Promise(done => {
    const since = performance.now()
    const look = () => document.documentElement.clientWidth === width || performance.now() - since > 2000
        ? done() : requestAnimationFrame(look)
    look()
})"""
"""The window's new width reaches the page a moment later; a page that has another width of its own is found out."""

_windows: WeakKeyDictionary[PageAs, dict[tuple[int | None, int], Page]] = WeakKeyDictionary()
_devtools: WeakKeyDictionary[Page, CDPSession] = WeakKeyDictionary()
_worlds: WeakKeyDictionary[Page, tuple[str, int]] = WeakKeyDictionary()
"""Which document of a window axe-core was brought to, and into which world."""


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
    # Without preload axe does not copy stylesheets into the page, which the CSP would report.
    answer = devtools_of(page).send(
        "Runtime.evaluate",
        {
            "contextId": _world_of_axe(page),
            "awaitPromise": True,
            "returnByValue": True,
            "expression": f"axe.run({{preload: false, runOnly: {rules}}}).then(result => result.violations.map(rule =>"
            " rule.id + ': ' + rule.nodes.map(node => node.target.join(' ')).join(', ')))",
        },
    )
    violations: list[str] = answer["result"]["value"]
    return violations


def _world_of_axe(page: Page) -> int:
    """Bring axe-core to a page once: it looks anew each time it is asked, until another document is loaded."""
    devtools = devtools_of(page)
    frame = devtools.send("Page.getFrameTree")["frameTree"]["frame"]
    loaded, world = _worlds.get(page, ("", 0))
    if loaded != frame["loaderId"]:
        made = devtools.send("Page.createIsolatedWorld", {"frameId": frame["id"], "worldName": "axe"})
        world = int(made["executionContextId"])
        devtools.send("Runtime.evaluate", {"expression": axe_source(), "contextId": world})
        _worlds[page] = (frame["loaderId"], world)
    return world


def devtools_of(page: Page) -> CDPSession:
    """Open the developer's tools of a window; they stay open, because closing them takes back what they changed."""
    if page not in _devtools:
        _devtools[page] = page.context.new_cdp_session(page)
    return _devtools[page]


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
    prepare: Callable[[Page], object] | None = None,
) -> list[str]:
    """Open each address at a desk and on a phone; say what does not stand there, a line for each.

    Whoever looked in this test looks again in the same window: to open another takes as long as what is looked at.
    A page is loaded at a desk and becomes a phone's while it is open: the server is not told the width, and our scripts
    choose by it, while a page loads, only where a strip of links is scrolled to.
    `prepare` brings an opened page into the state that is looked at, by hand at a desk and by hand on a phone.
    """
    found = []
    for width in WIDTHS if prepare else [DESK]:
        page = window_of(page_as, person, width)
        for address in addresses:
            answer = page.goto(address)
            assert answer is not None
            found += [f"{address} answered {answer.status}"] if answer.status != status else []
            if prepare:
                prepare(page)
            looked_at = [width] if prepare else WIDTHS
            found += [f"{address} {problem}" for each in looked_at for problem in problems(page, each)]
            if not prepare:
                shape(page, DESK)
    return found


def resize(page: Page, width: int) -> None:
    """Let the window be so wide without loading the page again, and wait until the page is."""
    shape(page, width)
    page.evaluate(IT_IS_SO_WIDE, width)


def shape(page: Page, width: int) -> None:
    """Give a window the width of a desk, or a phone's with its viewport and its touch."""
    is_phone = width <= PHONE
    size = {"width": width, "height": 700 if width == NARROWEST else 900}
    screen = {"screenWidth": width, "screenHeight": size["height"], "deviceScaleFactor": 1, "mobile": is_phone}
    tools = devtools_of(page)
    tools.send("Emulation.setTouchEmulationEnabled", {"enabled": is_phone})
    tools.send("Emulation.setDeviceMetricsOverride", {**size, **screen})


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
    found = []
    if width == PHONE:
        resize(page, NARROWEST)
        found += [] if fits(page, NARROWEST) else [f"is wider than {NARROWEST}"]
        resize(page, PHONE)
        page.evaluate(STRIPS_ARE_SCROLLED)
    found += [] if fits(page, width) else [f"is wider than {width}"]
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        page.evaluate(COLOURS_HAVE_FADED)
        rules = RULES if scheme == SCHEMES[0] else RULES_OF_COLOUR
        found += [f"{scheme} {width}: {problem}" for problem in axe_violations(page, rules)]
    return found
