"""How fast orders come in, next to a plain COPY of the very same rows into bare tables of the same shape.

A second line sets it against COPY into tables that carry the indexes, CHECKs and references ours carry: what any loader
pays that leaves the database able to say no.

Run: `python -m tests.benchmarks.order_import`. Reads the real orders beside the project; without them it says so.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, cast

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.db import connection  # noqa: E402 - Django must be set up first
from django.test.utils import setup_databases, teardown_databases  # noqa: E402

from config.kernel.people import Team  # noqa: E402
from refunds.gateways.registry import standing_in  # noqa: E402
from refunds.orders.importing import OrderFiles, import_orders  # noqa: E402

if TYPE_CHECKING:
    from refunds.gateways.base import PaymentGateway

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "online_retail"
TABLES = ("refunds_customer", "refunds_order", "refunds_orderline", "refunds_payment")
REFERENCES = (
    ("refunds_order", "customer_id", "refunds_customer"),
    ("refunds_orderline", "order_id", "refunds_order"),
    ("refunds_payment", "order_id", "refunds_order"),
)
ROUNDS = 3
FLOOR = TARGET = 0.25


class DeafSandbox:
    """Hears of payments and does nothing, so that only the database is measured."""

    name = "stripe"

    def announce(self, _payments: object) -> None:
        """Do nothing."""


def main() -> int:
    """Measure, print the ratio and one line of JSON."""
    if not DATA.exists():
        sys.stdout.write("BENCH order_import skipped: ../shared/data/online_retail is not there.\n")
        return 0
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        with standing_in("stripe", cast("PaymentGateway", DeafSandbox())):
            return _report(*_measure())
    finally:
        teardown_databases(databases, verbosity=0)


def _measure() -> tuple[int, dict[str, list[float]]]:
    """Answer how many rows there are, and rows a second of ours and of both references, round by round."""
    team = Team.objects.create(slug="uk-retail", name="UK retail", currency="GBP")
    speeds: dict[str, list[float]] = {"ours": [], "bare": [], "guarded": []}
    rows = _import(team)[0]
    streams = {table: _dumped(table) for table in TABLES}
    for _ in range(ROUNDS):
        speeds["ours"].append(rows / _import(team)[1])
        speeds["bare"].append(rows / _copy(streams, guarded=False))
        speeds["guarded"].append(rows / _copy(streams, guarded=True))
    return rows, speeds


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


def _report(rows: int, speeds: dict[str, list[float]]) -> int:
    """Print a line for each reference; the target is set against the bare tables."""
    ours = speeds["ours"]
    for name, kind in (("order_import", "bare"), ("order_import_guarded", "guarded")):
        reference = speeds[kind]
        ratios = [mine / theirs for mine, theirs in zip(ours, reference, strict=True)]
        ratio = median(ratios)
        verdict = "PASS" if ratio >= TARGET else "FAIL"
        sys.stdout.write(
            f"BENCH {name} ours={median(ours):.0f} ref={median(reference):.0f} ratio={ratio:.2f} "
            f"[{min(ratios):.2f}-{max(ratios):.2f}] floor={FLOOR} target={TARGET} {verdict}\n"
        )
        figures = {"bench": name, "unit": "rows/s", "rows": rows, "ours": ours, "ref": reference, "ratio": ratio}
        sys.stdout.write(json.dumps({**figures, "floor": FLOOR, "target": TARGET, "verdict": verdict}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
