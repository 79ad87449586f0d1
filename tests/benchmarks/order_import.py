"""How fast orders come in, next to a plain COPY of the very same rows into bare tables of the same shape.

A second line sets it against COPY into tables that carry the indexes, CHECKs and references ours carry: what any loader
pays that leaves the database able to say no.

Run: `python -m tests.benchmarks.order_import`. Reads the real orders beside the project; without them it says so.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, cast

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.db import connection  # noqa: E402 - Django must be set up first

from config.kernel.people import Team  # noqa: E402
from refunds.gateways.registry import standing_in  # noqa: E402
from refunds.orders.importing import OrderFiles, import_orders  # noqa: E402
from tests.benchmarks.measure import ROUNDS, own_database, report  # noqa: E402

if TYPE_CHECKING:
    from refunds.gateways.base import PaymentGateway

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "online_retail"
TABLES = ("refunds_customer", "refunds_order", "refunds_orderline", "refunds_payment")
REFERENCES = (
    ("refunds_order", "customer_id", "refunds_customer"),
    ("refunds_orderline", "order_id", "refunds_order"),
    ("refunds_payment", "order_id", "refunds_order"),
)
FLOOR = TARGET = 0.25


class DeafSandbox:
    """Hears of payments and does nothing, so that only the database is measured."""

    name = "stripe"

    def announce(self, _payments: object) -> None:
        """Do nothing."""


def main() -> int:
    """Measure and print; 0 when the floor holds against the bare tables."""
    if not DATA.exists():
        sys.stdout.write("BENCH order_import skipped: ../shared/data/online_retail is not there.\n")
        return 0
    with own_database(), standing_in("stripe", cast("PaymentGateway", DeafSandbox())):
        speeds = _measure()
    stands = report(
        "order_import", ours=speeds["ours"], reference=speeds["bare"], unit="rows/s", floor=FLOOR, target=TARGET
    )
    report(
        "order_import_guarded",
        ours=speeds["ours"],
        reference=speeds["guarded"],
        unit="rows/s",
        floor=FLOOR,
        target=TARGET,
        note="(COPY into tables with our indexes, CHECKs and references)",
    )
    return 0 if stands else 1


def _measure() -> dict[str, list[float]]:
    """Answer rows a second of ours and of both references, round by round."""
    team = Team.objects.create(slug="uk-retail", name="UK retail", currency="GBP")
    speeds: dict[str, list[float]] = {"ours": [], "bare": [], "guarded": []}
    rows = _import(team)[0]
    streams = {table: _dumped(table) for table in TABLES}
    for _ in range(ROUNDS):
        speeds["ours"].append(rows / _import(team)[1])
        speeds["bare"].append(rows / _copy(streams, guarded=False))
        speeds["guarded"].append(rows / _copy(streams, guarded=True))
    return speeds


def _import(team: Team) -> tuple[int, float]:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")
        cursor.execute("CHECKPOINT")
    files = OrderFiles(
        orders=DATA / "orders.csv.gz", lines=DATA / "order_lines.csv.gz", products=DATA / "products.csv.gz"
    )
    began = time.perf_counter()
    import_orders(files=files, channel="shop-uk", team=team)
    took = time.perf_counter() - began
    with connection.cursor() as cursor:
        rows = 0
        for table in TABLES:
            cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 - our own table names
            rows += cursor.fetchone()[0]
    return rows, took


def _dumped(table: str) -> bytes:
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} TO STDOUT") as source:
        return b"".join(bytes(chunk) for chunk in source)


def _copy(streams: dict[str, bytes], *, guarded: bool) -> float:
    """Copy the rows into tables of the same shape: bare, or with the indexes, CHECKs and references ours carry."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {', '.join(f'copy_of_{table}' for table in TABLES)} CASCADE")
        for table in TABLES:
            cursor.execute(f"CREATE TABLE copy_of_{table} (LIKE {table}{' INCLUDING ALL' if guarded else ''})")
        for table, column, other in REFERENCES if guarded else ():
            cursor.execute(f"ALTER TABLE copy_of_{table} ADD FOREIGN KEY ({column}) REFERENCES copy_of_{other}")
        cursor.execute("CHECKPOINT")
        began = time.perf_counter()
        for table, stream in streams.items():
            with cursor.copy(f"COPY copy_of_{table} FROM STDIN") as sink:
                sink.write(stream)
        return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
