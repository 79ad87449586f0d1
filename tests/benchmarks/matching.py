"""Matching of a month, stored lines to stored pairs, next to a bare copy of the same figures and one join of them.

Ours: the passes over all open lines, in one transaction. The reference: the lines and the operations copied into two
bare tables, one join by operation id, currency and amount, its result stored. Every pair is compared with what was
planted; one wrong pair fails the run, and so does finding less than 99.5 %.

Run: `python -m tests.benchmarks.matching [OPERATIONS]`; a million without a number.
"""

from __future__ import annotations

import os
import resource
import sys
from functools import partial

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.db import connection  # noqa: E402 - Django must be set up first

from refunds.reconciliation.passes import find_pairs  # noqa: E402
from tests.benchmarks.measure import ROUNDS, own_database, report, seconds, sized  # noqa: E402
from tests.benchmarks.month import draw_month, right_and_wrong  # noqa: E402
from tests.refunds.books import LATER  # noqa: E402

OPERATIONS = sized(small=50_000, full=1_000_000)
FLOOR, TARGET = 0.15, 0.30
LEAST_FOUND = 0.995


def main(count: int) -> int:
    """Measure and report."""
    with own_database():
        lines = draw_month(count)
        ours: list[float] = []
        bare: list[float] = []
        for _ in range(ROUNDS):
            _forget()
            ours.append(lines / seconds(partial(find_pairs, account="stripe", at=LATER)))
            bare.append(lines / seconds(_bare))
        right, wrong, wanted = right_and_wrong(count)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    note = f"({lines} lines; {right} of {wanted} pairs found, {wrong} wrong; {peak} MB)"
    stands = report("matching", ours=ours, reference=bare, unit="lines/s", floor=FLOOR, target=TARGET, note=note)
    return 0 if stands and not wrong and right >= LEAST_FOUND * wanted else 1


def _forget() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE refunds_match CASCADE")
        cursor.execute("UPDATE refunds_statementline SET result = 'unmatched' WHERE result = 'matched'")
        cursor.execute("VACUUM ANALYZE refunds_statementline")


def _bare() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """CREATE TEMPORARY TABLE bare_line AS
               SELECT id, operation_ref, currency, gross_minor FROM refunds_statementline"""
        )
        cursor.execute(
            "CREATE TEMPORARY TABLE bare_operation AS SELECT id, currency, amount_minor FROM refunds_operation"
        )
        cursor.execute(
            """CREATE TEMPORARY TABLE bare_match AS SELECT line.id AS line_id, operation.id AS operation_id
               FROM bare_line AS line JOIN bare_operation AS operation ON operation.id::text = line.operation_ref
                   AND operation.currency = line.currency AND operation.amount_minor = -line.gross_minor"""
        )
        cursor.execute("DROP TABLE bare_line, bare_operation, bare_match")


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else OPERATIONS))
