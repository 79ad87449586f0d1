"""How soon a webhook is answered while requests are approved, next to an empty view of the same server.

Fifty signed messages a second, each another event, and as many requests to `/healthz`, by the clock and not by the
answers: a latency counts from the moment a message was due, so a slow answer does not spare the next ones. Meanwhile
two processes file and approve requests without a pause.

Run: `python -m tests.benchmarks.webhook_answer`.
"""

from __future__ import annotations

import http.client
import json
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median, quantiles
from typing import TYPE_CHECKING

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.conf import settings  # noqa: E402 - Django must be set up first
from django.db import connections  # noqa: E402
from django.utils import timezone  # noqa: E402

from config.demo.simulation import goods, hands  # noqa: E402
from config.demo.simulation.shop import settle_shop  # noqa: E402
from refunds.gateways.signature import signature_header  # noqa: E402
from refunds.models import Delivery, Operation  # noqa: E402
from tests.benchmarks.measure import ROUNDS, own_database, report, sized  # noqa: E402
from tests.benchmarks.serving import served  # noqa: E402

if TYPE_CHECKING:
    from config.demo.simulation.goods import Sale

A_SECOND = 50
SECONDS = sized(small=6, full=20)
SENDERS = 8
APPROVERS = 2
MOST_APPROVALS = 1_000
LONGEST_P99_SECONDS = 0.300

_own = threading.local()


def main() -> int:
    """Measure and report."""
    with own_database():
        settle_shop(at=timezone.now())
        piles = _piles(goods.draw_sales(1, MOST_APPROVALS * ROUNDS))
        with served() as port:
            _load(port, "warm", seconds=2)
            rounds = [_round(port, f"round{number}", pile) for number, pile in enumerate(piles)]
        ours, reference = [one[0] for one in rounds], [one[1] for one in rounds]
        approved = Operation.objects.count()
        note = f"({A_SECOND}/s of each, {approved / SECONDS / ROUNDS:.0f} approvals/s meanwhile)"
        stands = report(
            "webhook_answer",
            ours=ours,
            reference=reference,
            unit="s p99",
            floor=10,
            target=5,
            is_latency=True,
            note=note,
        )
        p99, worst = median(ours), max(ours)
        sys.stdout.write(f"WEBHOOK p99 {p99:.3f} s (<= {LONGEST_P99_SECONDS} s), {worst:.3f} s in the worst round\n")
        return 0 if stands and p99 <= LONGEST_P99_SECONDS else 1


def _piles(sales: list[Sale]) -> list[list[Sale]]:
    goods.write_sales(sales, at=timezone.now())
    return [sales[start : start + MOST_APPROVALS] for start in range(0, len(sales), MOST_APPROVALS)]


def _round(port: int, name: str, sales: list[Sale]) -> tuple[float, float]:
    """Answer the 99th percentile of webhooks and of the empty view, in seconds, while requests are approved."""
    before = Delivery.objects.count()
    clerks = [hands.start(_approve, sales[place::APPROVERS]) for place in range(APPROVERS)]
    webhooks, empty = _load(port, name, seconds=SECONDS)
    for clerk in clerks:
        if not clerk.is_alive():
            raise RuntimeError("The approvals ended before the messages did.")
        clerk.kill()
        clerk.join()
    if Delivery.objects.count() - before != len(webhooks):
        raise RuntimeError("A message that was answered is not there.")
    return quantiles(webhooks, n=100)[-1], quantiles(empty, n=100)[-1]


def _approve(sales: list[Sale]) -> None:
    connections.close_all()
    goods.approve(sales, at=timezone.now())


def _load(port: int, name: str, *, seconds: int) -> tuple[list[float], list[float]]:
    """Send by the clock, and tell how long each answer took from the moment it was due."""
    began = time.perf_counter() + 0.2
    due = [began + number / A_SECOND for number in range(A_SECOND * seconds)]
    with ThreadPoolExecutor(SENDERS) as ours, ThreadPoolExecutor(SENDERS) as others:
        webhooks = [ours.submit(_webhook, port, at, f"evt_{name}_{number}") for number, at in enumerate(due)]
        empty = [others.submit(_empty, port, at + 0.5 / A_SECOND) for at in due]
        return [one.result() for one in webhooks], [one.result() for one in empty]


def _webhook(port: int, due: float, event_id: str) -> float:
    event = {
        "id": event_id,
        "object": "event",
        "type": "refund.updated",
        "created": int(time.time()),
        "livemode": False,
        "data": {"object": {"id": f"re_{event_id}", "object": "refund", "status": "succeeded"}},
    }
    raw = json.dumps(event).encode()
    _wait_until(due)
    signature = signature_header(raw, settings.STRIPE_WEBHOOK_SECRETS[0], int(time.time()))
    headers = {"Content-Type": "application/json", "Stripe-Signature": signature}
    return _asked(port, "POST", "/webhooks/stripe/", raw, headers) - due


def _empty(port: int, due: float) -> float:
    _wait_until(due)
    return _asked(port, "GET", "/healthz", None, {}) - due


def _wait_until(due: float) -> None:
    time.sleep(max(0.0, due - time.perf_counter()))


def _asked(port: int, method: str, path: str, raw: bytes | None, headers: dict[str, str]) -> float:
    """Ask on this thread's own connection, and tell when the answer was there."""
    if not hasattr(_own, "talk"):
        _own.talk = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    _own.talk.request(method, path, raw, headers)
    answer = _own.talk.getresponse()
    answer.read()
    at = time.perf_counter()
    if answer.status != http.HTTPStatus.OK:
        raise RuntimeError(f"{path} answered {answer.status}")
    return at


if __name__ == "__main__":
    sys.exit(main())
