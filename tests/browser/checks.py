"""What every screen must stand: axe, its width, the CSP, no address but our own."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Error, Page, Request

AXE = Path(__file__).parent.parent / "vendor" / "axe" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


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


def axe_violations(page: Page) -> list[str]:
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
            "expression": f"axe.run({{preload: false, runOnly: {RULES}}}).then(result => result.violations.map(rule =>"
            " rule.id + ': ' + rule.nodes.map(node => node.target.join(' ')).join(', ')))",
        },
    )
    devtools.detach()
    violations: list[str] = answer["result"]["value"]
    return violations


def assert_fits(page: Page, width: int) -> None:
    """Assert that the page is exactly as wide as the window.

    The number is fixed, because a phone's browser widens `innerWidth` along with a page that is too wide.
    """
    assert fits(page, width)


def fits(page: Page, width: int) -> bool:
    """Tell whether the page is exactly as wide as the window."""
    return bool(page.evaluate("document.documentElement.scrollWidth") == width)
