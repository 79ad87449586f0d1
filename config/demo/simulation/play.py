"""One simulation from the first order to the last question of the audit."""

from __future__ import annotations

import logging
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection, connections

from refunds.gateways.registry import standing_in
from refunds.models import Payment
from refunds.orders.announcing import announce_payments

from . import goods, hands
from .audit import audit
from .floor import Floor
from .premises import OwnSandbox, own_database
from .running import Run
from .shop import settle_shop
from .summary import lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .goods import Sale
    from .terms import Terms

WEBHOOKS = "/webhooks/stripe/"
TRACEBACK = "Traceback (most recent call last)"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a simulation ended: whether all is well, and the summary."""

    is_well: bool
    lines: list[str]


def play(terms: Terms, tell: Callable[[str, int, int], None]) -> Ended:
    """Simulate, audit, clean up; `tell` hears what is being done, how much of it and of how much."""
    began = time.monotonic()
    floor = Floor(terms)
    settings.OUTBOX_WAKES_WORKERS = False
    with tempfile.TemporaryDirectory(prefix="simulation-") as named, own_database(terms.like), floor.clock.installed():
        folder = Path(named)
        with _logging_to(folder / "portal.log"), hands.open_inbox() as inbox:
            url = f"http://127.0.0.1:{inbox.server_port}{WEBHOOKS}"
            sandbox = OwnSandbox(folder / "sandbox", webhook_url=url)
            try:
                _sell_and_approve(floor, sandbox, tell)
                sandbox.ask("POST", "/_sandbox/weather", {"seed": terms.seed, "rate": terms.faults})
                run = Run(floor, sandbox, inbox)
                run.until_all_is_decided(lambda total, left: tell("refunds decided", total - left, total))
                weather = sandbox.ask("GET", "/_sandbox/weather")
                findings = audit(sandbox.ask("GET", "/_sandbox/books"), weather["messages"])
            finally:
                sandbox.stop()
        told = list(lines(floor, run, findings, weather, seconds=time.monotonic() - began))
        stumbles = (folder / "portal.log").read_text().count(TRACEBACK)
        return Ended(findings.is_well, [*told, f"  {stumbles:>6} exceptions in the portal's log"])


def _sell_and_approve(floor: Floor, sandbox: OwnSandbox, tell: Callable[[str, int, int], None]) -> None:
    """Write orders, tell the processor of their payments, and let people and policy approve a refund of each."""
    terms, at = floor.terms, floor.clock.now()
    settle_shop(at=at)
    sales = goods.draw_sales(terms.seed, terms.operations)
    goods.write_sales(sales, at=at)
    with standing_in("stripe", sandbox.gateway()):
        announce_payments(Payment.objects.select_related("order"))
    with connection.cursor() as cursor:
        # Plans made for empty tables read whole tables.
        cursor.execute("ANALYZE")
    shares = [sales[place :: terms.workers] for place in range(terms.workers)]
    clerks = [hands.start(_approve_share, share, floor) for share in shares]
    try:
        while any(clerk.is_alive() for clerk in clerks):
            tell("refunds approved", Payment.objects.filter(operations__isnull=False).count(), len(sales))
            time.sleep(0.5)
    finally:
        # Whoever interrupts does not wait for hundreds of approvals.
        for clerk in clerks:
            clerk.kill()
            clerk.join()
    if any(clerk.exitcode for clerk in clerks):
        raise RuntimeError("The refunds could not be approved; the simulation's log says why.")
    tell("refunds approved", len(sales), len(sales))


def _approve_share(sales: list[Sale], floor: Floor) -> None:
    goods.approve(sales, at=floor.clock.now())
    connections.close_all()


@contextmanager
def _logging_to(path: Path) -> Iterator[None]:
    """Keep the portal's log out of the terminal; what went wrong in it is counted."""
    root, handler = logging.getLogger(), logging.FileHandler(path)
    before, root.handlers = root.handlers, [handler]
    handler.setFormatter(before[0].formatter if before else None)
    try:
        yield
    finally:
        root.handlers = before
        handler.close()
