"""Submit-and-decide over the API, next to the very rows it writes sent by raw psycopg in one transaction.

Ours: authenticated, validated, judged, routed or approved, on the ledger and in the outbox, by HTTP from 16 clients to
granian with two workers. The reference: the INSERT and UPDATE statements of the same call, taken from the call itself
and rolled back, then executed one statement a round trip, one transaction a request, by 16 psycopg connections. Same
tables, indexes, constraints and triggers.

Run: `python -m tests.benchmarks.submit_and_decide`.
"""

from __future__ import annotations

import http.client
import json
import os
import sys
import threading
import time
from itertools import count
from typing import TYPE_CHECKING, Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

import psycopg  # noqa: E402 - Django must be set up first
from django.db import connection, reset_queries, transaction  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from config.kernel.tokens import ApiToken  # noqa: E402
from refunds import workflow  # noqa: E402
from tests.benchmarks.measure import ROUNDS, own_database, report, sized  # noqa: E402
from tests.benchmarks.serving import served  # noqa: E402
from tests.harness.people import settle  # noqa: E402
from tests.harness.world import NOON, World  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

    from refunds.models import Order

CLIENTS = 16
REQUESTS = sized(small=64, full=320)


def main() -> int:
    """Measure and report."""
    with own_database():
        world = World()
        bot = settle("bot")
        token = ApiToken.objects.create(user=bot)[1]
        orders = [world.order(unit_minor=100_00, quantity=1) for _ in range(REQUESTS * (ROUNDS * 2 + 1))]
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        with served() as port:
            pile = iter(orders)
            _post_all(port, token, [next(pile) for _ in range(REQUESTS)])  # warms plans, caches and workers
            ours, reference = [], []
            for _ in range(ROUNDS):
                ours.append(REQUESTS / _post_all(port, token, [next(pile) for _ in range(REQUESTS)]))
                written = [_writes_of(world, bot, next(pile)) for _ in range(REQUESTS)]
                reference.append(REQUESTS / _write_all(written))
        note = f"({len(written[0])} writing statements a request)"
        stands = report(
            "submit_and_decide", ours=ours, reference=reference, unit="requests/s", floor=0.20, target=0.35, note=note
        )
    return 0 if stands else 1


def _writes_of(world: World, bot: Any, order: Order) -> list[str]:
    """Run the call, keep the statements that write, roll everything back."""
    reset_queries()
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]  # a durable command may run inside, as in Django's own TestCase
    with CaptureQueriesContext(connection) as captured, block:
        workflow.file_request(draft=world.draft_of(order), actor=bot, at=NOON)
        transaction.set_rollback(True)
    statements = [str(query["sql"]) for query in captured.captured_queries]
    return [statement for statement in statements if statement.startswith(("INSERT", "UPDATE"))]


def _write_all(written: list[list[str]]) -> float:
    parameters = connection.get_connection_params()
    info = {name: parameters[name] for name in ("dbname", "user", "host", "port", "password") if parameters.get(name)}

    def client(numbers: Callable[[], int]) -> None:
        with psycopg.connect(**info) as raw:
            while (number := numbers()) < len(written):
                with raw.transaction(), raw.cursor() as cursor:
                    for statement in written[number]:
                        cursor.execute(statement)

    return _race(client)


def _post_all(port: int, token: str, orders: list[Order]) -> float:
    bodies = [
        json.dumps(
            {
                "channel": order.channel,
                "order": order.external_id,
                "category": "refund",
                "reason": "changed_mind",
                "lines": [{"line": "1", "quantity": 1, "condition": "unopened"}],
                "submit": True,
            }
        )
        for order in orders
    ]
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def client(numbers: Callable[[], int]) -> None:
        talk = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while (number := numbers()) < len(bodies):
            talk.request("POST", "/api/v1/refund-requests", bodies[number], headers)
            answer = talk.getresponse()
            text = answer.read()
            if answer.status != http.HTTPStatus.CREATED:
                raise RuntimeError(f"{answer.status}: {text[:300]!r}")
        talk.close()

    return _race(client)


def _race(client: Callable[[Callable[[], int]], None]) -> float:
    numbers = count()
    lock = threading.Lock()
    failures: list[BaseException] = []

    def following() -> int:
        with lock:
            return next(numbers)

    def run() -> None:
        try:
            client(following)
        except Exception as error:  # noqa: BLE001 - handed to the main thread
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(CLIENTS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    if failures:
        raise failures[0]
    return took


if __name__ == "__main__":
    sys.exit(main())
