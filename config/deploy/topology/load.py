"""People and a shop at work at once: orders come in, refunds are asked for and paid, queues and requests are read."""

from __future__ import annotations

import json
import threading
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from .caller import Caller, Tally
from .peopling import AGENT
from .plan import HOST
from .programs import CannotStandError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .plan import Plan

CAPTURED_MINOR = 40_00


@dataclass(slots=True)
class Work:
    """What came of it: `filed` holds the reference of every request that was answered 201."""

    tally: Tally = field(default_factory=Tally)
    filed: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)


@contextmanager
def at_work(plan: Plan, people: dict[str, str], *, shops: int = 2, readers: int = 1) -> Iterator[Work]:
    """Keep clients busy for as long as the block lasts; every client ends its last call."""
    work, numbers = Work(), count(1)
    run = f"{datetime.now(tz=UTC):%H%M%S}"
    acts = [lambda: _file(plan, work, people["token"], run, numbers)] * shops
    acts += [lambda: _read(plan, work, people["password"])] * readers
    threads = [threading.Thread(target=act, daemon=True) for act in acts]
    for thread in threads:
        thread.start()
    try:
        yield work
    finally:
        work.stop.set()
        for thread in threads:
            thread.join(180)


def _file(plan: Plan, work: Work, token: str, run: str, numbers: Iterator[int]) -> None:
    caller = Caller(plan, work.tally, token=token)
    while not work.stop.is_set():
        number = f"{run}-{next(numbers)}"
        _charge(plan, number)
        caller.post("/api/v1/orders", order(number), key=f"order-{number}", expect=(200, 201))
        status, text = caller.post("/api/v1/refund-requests", plea(number), key=f"plea-{number}", expect=(201,))
        if status == 201:  # noqa: PLR2004 - created
            work.filed.append(json.loads(text)["reference"])
    caller.close()


def _read(plan: Plan, work: Work, password: str) -> None:
    caller = Caller(plan, work.tally)
    if not caller.sign_in(AGENT, password):
        raise CannotStandError(f"{AGENT} could not sign in.")
    while not work.stop.is_set():
        caller.get("/requests/")
        if work.filed:
            caller.get(f"/requests/{work.filed[-1]}/")
        work.stop.wait(0.2)
    caller.close()


def order(number: str) -> dict[str, Any]:
    """Tell of an order that was paid and delivered."""
    now = datetime.now(tz=UTC)
    bought, delivered = (now - timedelta(days=10)).isoformat(), (now - timedelta(days=8)).isoformat()
    payment = {"gateway": "stripe", "external_id": f"pi_{number}", "captured_minor": CAPTURED_MINOR, "currency": "GBP"}
    return {
        "channel": "shop-uk",
        "external_id": number,
        "placed_at": bought,
        "delivered_at": delivered,
        "team": "uk-retail",
        "customer": {"external_id": f"C{number}", "name": "Ann Lee", "email": f"{number}@example.com", "country": "GB"},
        "lines": [
            {"line": "1", "sku": "L", "title": "Lamp", "category": "home", "quantity": 4, "unit_price_minor": 10_00}
        ],
        "shipping_minor": 0,
        "payments": [payment | {"captured_at": bought, "method": "card", "last4": "4242"}],
    }


def plea(number: str) -> dict[str, Any]:
    """Ask for one lamp back: below what the policy of the team pays by itself, so it becomes money."""
    return {
        "channel": "shop-uk",
        "order": number,
        "category": "refund",
        "reason": "changed_mind",
        "lines": [{"line": "1", "quantity": 1, "condition": "unopened"}],
        "submit": True,
    }


def _charge(plan: Plan, number: str) -> None:
    """Let the processor know the payment."""
    row = {
        "external_id": f"pi_{number}",
        "amount": CAPTURED_MINOR,
        "currency": "gbp",
        "captured_at": int((datetime.now(tz=UTC) - timedelta(days=10)).timestamp()),
        "method": "card",
        "destination_charge": False,
        "metadata": {},
    }
    told = urllib.request.Request(
        f"http://{HOST}:{plan.ports['sandbox']}/_sandbox/payments",
        json.dumps([row]).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(told, timeout=30) as answer:  # noqa: S310 - the same
        answer.read()
