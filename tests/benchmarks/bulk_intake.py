"""Bulk intake over the API, next to the very rows it writes inserted by sets.

Ours: one call with all the requests, read and kept by the view, then the job that files them in a worker, each judged,
routed or approved, on the ledger and in the outbox, with its answer. The reference: the rows that this job writes, read
in a run of it that is rolled back, staged, and then written by one INSERT for each table and one UPDATE for each that
is only changed, in one transaction. Same tables, indexes, constraints and triggers.

Run: `python -m tests.benchmarks.bulk_intake`.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402 - Django must be set up first
from rest_framework.test import APIClient  # noqa: E402

from config.kernel.jobs import Job  # noqa: E402
from config.kernel.tokens import ApiToken  # noqa: E402
from refunds.batches.filing import run_batch  # noqa: E402
from tests.benchmarks.measure import ROUNDS, own_database, report, seconds, sized  # noqa: E402
from tests.harness.people import settle  # noqa: E402
from tests.harness.world import World  # noqa: E402

if TYPE_CHECKING:
    from refunds.models import Order

REQUESTS = sized(small=250, full=1000)
OF_THE_CALL = {"kernel_job", "kernel_apitoken", "kernel_pace", "refunds_batch"}
"""What stands for the call as a whole is none of the rows of its requests."""

WRITTEN = """
    SELECT relname, n_tup_ins > 0 FROM pg_stat_xact_user_tables
    WHERE schemaname = 'public' AND n_tup_ins + n_tup_upd > 0 ORDER BY relname
"""
COLUMNS = """
    SELECT quote_ident(attname), attnum = ANY (
        SELECT unnest(conkey) FROM pg_constraint WHERE conrelid = attrelid AND contype = 'p'
    )
    FROM pg_attribute
    WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND attidentity <> 'a'
    ORDER BY attnum
"""


class Written(NamedTuple):
    """What one table was given: which columns of which rows, as COPY writes them."""

    table: str
    is_new: bool
    columns: list[str]
    keys: list[str]
    rows: bytes


def main() -> int:
    """Measure and report."""
    with own_database():
        world, bot = World(), settle("bot")
        caller = APIClient(SERVER_NAME="127.0.0.1", HTTP_AUTHORIZATION=f"Bearer {ApiToken.objects.create(user=bot)[1]}")
        _vacuum()
        _file_all(caller, _orders(world, 50))  # warms plans and caches
        ours, reference = [], []
        for _ in range(ROUNDS):
            orders = _orders(world, REQUESTS)
            _vacuum()
            ours.append(REQUESTS / seconds(lambda some=orders: _file_all(caller, some)))  # type: ignore[misc]
            written = _rows_of(caller, _orders(world, REQUESTS))
            _stage(written)
            reference.append(REQUESTS / seconds(lambda staged=written: _write(staged)))  # type: ignore[misc]
        row_count = sum(one.rows.count(b"\n") for one in written)
    stands = report(
        "bulk_intake",
        ours=ours,
        reference=reference,
        unit="requests/s",
        floor=0.35,
        target=0.60,
        note=f"({REQUESTS} requests in one call, {row_count / REQUESTS:.1f} rows each)",
    )
    return 0 if stands else 1


def _orders(world: World, count: int) -> list[Order]:
    return [world.order(unit_minor=100_00, quantity=1) for _ in range(count)]


def _file_all(caller: APIClient, orders: list[Order]) -> None:
    rows = [
        {
            "key": order.external_id,
            "channel": order.channel,
            "order": order.external_id,
            "reason": "changed_mind",
            "lines": [{"line": "1", "quantity": 1, "condition": "unopened"}],
        }
        for order in orders
    ]
    answer = caller.post("/api/v1/refund-requests/bulk", {"requests": rows}, format="json")
    run_batch(job_id=answer.json()["id"])
    result = Job.objects.values_list("result", flat=True).get(pk=answer.json()["id"])
    if result is None or result["filed"] != len(orders):
        raise RuntimeError(f"not all were filed: {str(result)[:300]}")


def _rows_of(caller: APIClient, orders: list[Order]) -> list[Written]:
    """File them, read what was written, and roll everything back."""
    with connection.cursor() as cursor:
        # What the server still has to count of the orders would be taken for rows of the requests.
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT 1")
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]  # durable commands may run inside, as in Django's own TestCase
    with block, connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        first = cursor.fetchone()[0]
        _file_all(caller, orders)
        cursor.execute(WRITTEN)
        tables = [(table, is_new) for table, is_new in cursor.fetchall() if table not in OF_THE_CALL]
        written = [_read(cursor, table, is_new=is_new, since=first) for table, is_new in tables]
        transaction.set_rollback(True)
    return [one for one in written if one.rows]


def _read(cursor: Any, table: str, *, is_new: bool, since: int) -> Written:
    cursor.execute(COLUMNS, [table])
    found = cursor.fetchall()
    columns, keys = [name for name, _ in found], [name for name, is_key in found if is_key]
    rows = f"SELECT {', '.join(columns)} FROM {table} WHERE xmin::text::bigint >= {since}"  # noqa: S608 - names from the catalogue
    with cursor.copy(f"COPY ({rows}) TO STDOUT") as copy:
        return Written(table, is_new, columns, keys, b"".join(copy))


def _stage(written: list[Written]) -> None:
    with connection.cursor() as cursor:
        for one in written:
            cursor.execute(f"DROP TABLE IF EXISTS staged_{one.table}")
            names = ", ".join(one.columns)
            like = f"SELECT {names} FROM {one.table} LIMIT 0"  # noqa: S608 - as above
            cursor.execute(f"CREATE TEMPORARY TABLE staged_{one.table} AS {like}")
            with cursor.copy(f"COPY staged_{one.table} FROM STDIN") as copy:
                copy.write(one.rows)
            cursor.execute(f"ANALYZE staged_{one.table}")


def _write(written: list[Written]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for one in written:
            names = ", ".join(one.columns)
            if one.is_new:
                cursor.execute(f"INSERT INTO {one.table} ({names}) SELECT {names} FROM staged_{one.table}")  # noqa: S608 - as above
                continue
            changed = [name for name in one.columns if name not in one.keys]
            same = " AND ".join(f"own.{key} = told.{key}" for key in one.keys)
            told = ", ".join(f"told.{name}" for name in changed)
            into = f"UPDATE {one.table} AS own SET ({', '.join(changed)}) = ROW ({told})"  # noqa: S608 - as above
            cursor.execute(f"{into} FROM staged_{one.table} AS told WHERE {same}")


def _vacuum() -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


if __name__ == "__main__":
    sys.exit(main())
