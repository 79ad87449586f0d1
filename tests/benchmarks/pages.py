"""Pages in Chromium as a first visitor on a slow line sees them, next to the budget: weight, first paint, shifts, keys.

1.6 Mbit/s, 150 ms, a processor four times slower, the files and pages packed as production's. Weight is what gzip would
send of each answer, pictures and fonts as they are. The worst screen counts.
What a key does is measured on the queue with the processor as it is, from the key to the next picture.

Run: `python -m tests.benchmarks.pages`. Without Chromium it says so.
"""

from __future__ import annotations

import gzip
import os
import shutil
import sys
from typing import TYPE_CHECKING, Any, Final

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
# Playwright keeps an event loop in this thread, and Django would refuse to reach the database from it.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
django.setup()

from django.conf import settings  # noqa: E402 - Django must be set up first
from django.test import Client  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

from tests.benchmarks.measure import ROUNDS, own_database, report  # noqa: E402
from tests.benchmarks.serving import served_as_in_production  # noqa: E402
from tests.harness.people import settle  # noqa: E402
from tests.harness.world import World  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, CDPSession, Page

LINE: Final = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 100_000}
SLOWER: Final = 4
SHIFTS: Final = """() => new Promise(tell => {
    let sum = 0;
    new PerformanceObserver(list => { for (const one of list.getEntries()) sum += one.value; })
        .observe({type: 'layout-shift', buffered: true});
    setTimeout(() => tell(sum), 300);
})"""
PAINT: Final = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime / 1000"
LISTEN: Final = """() => {
    window.slowest = 0;
    new PerformanceObserver(list => {
        for (const one of list.getEntries()) window.slowest = Math.max(window.slowest, one.duration);
    }).observe({type: 'event', durationThreshold: 16});
}"""
SLOWEST: Final = "() => new Promise(tell => setTimeout(() => tell(window.slowest / 1000), 300))"
KEYS: Final = ("j", "j", "k", "j", "a", "Escape", "/", "R", "R", "-")
"""Rows up and down, to the approval and back, to the filter and a few letters there."""
BUDGET: Final = {
    "page_weight": (110.0, "kB"),
    "page_paint": (1.2, "s"),
    "page_shift": (0.02, "of the screen"),
    "page_keys": (0.1, "s"),
}
PICTURES: Final = ("font/", "image/png", "image/jpeg", "image/webp")


def main() -> int:
    """Measure and report."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        sys.stdout.write("No Chromium on this machine; `.ci/run` installs Debian's package `chromium`.\n")
        return 1
    with own_database():
        world = World()
        waiting, *_ = [world.waiting(by=settle("amir")) for _ in range(10)]
        screens = [("dana", "/queue/"), ("dana", f"/requests/{waiting.reference}/"), ("amir", "/intake/"),
                   ("sam", "/insight/"), ("dana", "/")]  # fmt: skip
        worst: dict[str, list[float]] = {name: [] for name in BUDGET}
        with served_as_in_production() as port, sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            for _ in range(ROUNDS):
                seen = [_look(browser, f"http://127.0.0.1:{port}", who, address) for who, address in screens]
                for name in BUDGET:
                    worst[name].append(max(one[name] for one in seen))
            browser.close()
    stands = [_told(name, values) for name, values in worst.items()]
    return 0 if all(stands) else 1


def _told(name: str, values: list[float]) -> bool:
    most, unit = BUDGET[name]
    return report(
        name,
        ours=values,
        reference=[most] * len(values),
        unit=unit,
        floor=1,
        target=1,
        is_latency=True,
        note="(worst of five screens / budget)",
    )


def _look(browser: Browser, host: str, who: str, address: str) -> dict[str, float]:
    """Open one page in a window that has seen nothing yet."""
    context = browser.new_context(base_url=host)
    client = Client(SERVER_NAME="localhost")
    client.force_login(settle(who), backend="config.kernel.backend.PeopleBackend")
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": host}])
    page = context.new_page()
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", LINE)
    line.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    answers: list[Any] = []

    def hear(answer: Any) -> None:
        answers.append(answer)

    page.on("response", hear)
    opened = page.goto(address, wait_until="load")
    if opened is None or not opened.ok:
        raise RuntimeError(f"{address} answered {opened and opened.status} to {who}")
    seen = {
        "page_weight": sum(_weights(answers)) / 1000,
        "page_paint": float(page.evaluate(PAINT)),
        "page_shift": _shifts(page),
        "page_keys": _slowest_key(page, line) if address == "/queue/" else 0.0,
    }
    context.close()
    told = ", ".join(f"{name} {value:.3g}" for name, value in seen.items())
    sys.stdout.write(f"PAGE {address} {told}\n")
    return seen


def _shifts(page: Page) -> float:
    return float(page.evaluate(SHIFTS))


def _slowest_key(page: Page, line: CDPSession) -> float:
    line.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    page.evaluate(LISTEN)
    for key in KEYS:
        page.keyboard.press(key)
        page.wait_for_timeout(150)
    return float(page.evaluate(SLOWEST))


def _weights(answers: list[Any]) -> Iterator[int]:
    for answer in answers:
        if "event-stream" in answer.headers.get("content-type", ""):
            continue
        body = answer.body()
        is_packed = answer.headers.get("content-type", "").startswith(PICTURES)
        yield len(body if is_packed else gzip.compress(body))


if __name__ == "__main__":
    sys.exit(main())
