"""Money out by one and by two worker processes, next to the sandbox called bare by as many connections.

Ours: approved operations claimed, sent through the SDK and recorded, by processes that take whatever is due; ledger,
balances, letters and all. The reference: the same POST /v1/refunds on other payments of the same sandbox, written once
and sent by raw connections that do nothing else. Fair weather, no webhooks.

Run: `python -m tests.benchmarks.money_out`.
"""

from __future__ import annotations

import http.client
import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.db import connection, connections  # noqa: E402 - Django must be set up first
from django.utils import timezone  # noqa: E402

from config.demo.simulation import goods, hands  # noqa: E402
from config.demo.simulation.premises import API_KEY, OwnSandbox  # noqa: E402
from config.demo.simulation.shop import settle_shop  # noqa: E402
from refunds.gateways.registry import standing_in  # noqa: E402
from refunds.models import Operation, Payment  # noqa: E402
from refunds.orders.announcing import announce_payments  # noqa: E402
from refunds.processing.performing import due_operations, perform_operation  # noqa: E402
from refunds.vocabulary import OperationState  # noqa: E402
from tests.benchmarks.measure import ROUNDS, own_database, report, sized  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.demo.simulation.goods import Sale

OPERATIONS = sized(small=30, full=120)
WORKERS = (1, 2)


def main() -> int:
    """Measure and report."""
    with own_database(), tempfile.TemporaryDirectory() as folder:
        sandbox = OwnSandbox(Path(folder) / "sandbox")
        try:
            settle_shop(at=timezone.now())
            shares = _shares(goods.draw_sales(1, OPERATIONS * (2 * ROUNDS * len(WORKERS) + 1)))
            _pay(sandbox, next(shares), workers=1)  # warms plans and caches
            stands = [_compare(sandbox, shares, workers) for workers in WORKERS]
        finally:
            sandbox.stop()
    return 0 if all(stands) else 1


def _compare(sandbox: OwnSandbox, shares: Iterator[list[Sale]], workers: int) -> bool:
    ours, reference = [], []
    for _ in range(ROUNDS):
        ours.append(OPERATIONS / _pay(sandbox, next(shares), workers=workers))
        reference.append(OPERATIONS / _call_bare(sandbox, next(shares), connections_count=workers))
    return report(
        f"money_out_{workers}",
        ours=ours,
        reference=reference,
        unit="operations/s",
        floor=0.01,
        target=0.8,
        note=f"({workers} worker{'s' * (workers > 1)}, {OPERATIONS} operations a round)",
    )


def _shares(sales: list[Sale]) -> Iterator[list[Sale]]:
    return (sales[start : start + OPERATIONS] for start in range(0, len(sales), OPERATIONS))


def _pay(sandbox: OwnSandbox, sales: list[Sale], *, workers: int) -> float:
    """Approve a share, then let the workers pay it; answers how long the paying took."""
    _tell(sandbox, sales)
    goods.approve(sales, at=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    began = time.perf_counter()
    processes = [hands.start(_work, sandbox) for _ in range(workers)]
    for process in processes:
        process.join()
    took = time.perf_counter() - began
    left = Operation.objects.exclude(state=OperationState.SUCCEEDED).count()
    if left or any(process.exitcode for process in processes):
        raise RuntimeError(f"{left} operations are not paid")
    return took


def _work(sandbox: OwnSandbox) -> None:
    with standing_in("stripe", sandbox.gateway()):
        while due := due_operations(timezone.now()):
            for operation_id in due:
                perform_operation(operation_id=operation_id, at=timezone.now())
    connections.close_all()


def _tell(sandbox: OwnSandbox, sales: list[Sale]) -> None:
    payments = goods.write_sales(sales, at=timezone.now())
    with standing_in("stripe", sandbox.gateway()):
        announce_payments(Payment.objects.filter(pk__in=[one.pk for one in payments]).select_related("order"))


def _call_bare(sandbox: OwnSandbox, sales: list[Sale], *, connections_count: int) -> float:
    """Send the same refunds by raw connections; answers how long that took."""
    _tell(sandbox, sales)
    bodies = [
        urlencode({"payment_intent": sale.payment, "amount": 10, "metadata[operation_id]": "x"}) for sale in sales
    ]
    shares = [bodies[place::connections_count] for place in range(connections_count)]
    began = time.perf_counter()
    with ThreadPoolExecutor(connections_count) as pool:
        list(pool.map(lambda share: _send(sandbox, share), shares))
    return time.perf_counter() - began


def _send(sandbox: OwnSandbox, bodies: list[str]) -> None:
    where = urlsplit(sandbox.address)
    talk = http.client.HTTPConnection(str(where.hostname), where.port, timeout=30)
    headers: dict[str, Any] = {
        "Authorization": f"Bearer {API_KEY}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    for body in bodies:
        talk.request("POST", "/v1/refunds", body, {**headers, "Idempotency-Key": body[:200]})
        answer = talk.getresponse()
        answer.read()
        if answer.status != http.HTTPStatus.OK:
            raise RuntimeError(f"the sandbox answered {answer.status}")
    talk.close()


if __name__ == "__main__":
    sys.exit(main())
