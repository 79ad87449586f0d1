"""The approval queue at 10,000 and at 1,000,000 requests: latency of the whole response, and queries per page.

Run: `python -m tests.benchmarks.queue_page`. The routes are multiplied by SQL from one that a real request opened:
twenty in a hundred wait, the rest are over, their amounts in no order; of these the viewer herself signed every eighth,
and of those that wait she handed in every fiftieth, so that segregation of duties has something to leave out.
"""

from __future__ import annotations

import os
import sys
from statistics import quantiles

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.db import connection  # noqa: E402 - Django must be set up first
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from approvals.models import ApprovalRoute  # noqa: E402
from config.kernel.people import User  # noqa: E402
from tests.benchmarks.measure import ROUNDS, own_database, report, seconds, sized  # noqa: E402
from tests.harness.people import settle  # noqa: E402
from tests.harness.world import World  # noqa: E402

SMALL, LARGE = 10_000, sized(small=100_000, full=1_000_000)
OPEN_OF_A_HUNDRED = 20
LOADS = 40
LARGEST_QUEUE_QUERIES, LARGEST_PAGE_QUERIES = 12, 25


def main() -> int:
    """Measure and report."""
    with own_database():
        world = World()
        amir, dana = settle("amir"), settle("dana")
        waiting = world.waiting(by=amir, pounds=100)
        stands = True
        latencies: dict[int, list[float]] = {}
        queries: dict[int, int] = {}
        for size in (SMALL, LARGE):
            _multiply(size, viewer=dana)
            client = Client(SERVER_NAME="localhost")
            client.force_login(dana)
            address = _deep_address(client)
            latencies[size] = [_p95(client, address) for _ in range(ROUNDS)]
            queries[size] = _queries(client, "/queue/")
        stands &= report(
            "queue_page",
            ours=latencies[LARGE],
            reference=latencies[SMALL],
            unit="s p95",
            floor=1.25,
            target=1.1,
            is_latency=True,
            note=f"({SMALL} and {LARGE} requests, a deep page under the authority filter)",
        )
        page = Client(SERVER_NAME="localhost")
        page.force_login(User.objects.get(pk=dana.pk))
        # The first look at a request is also written into the session, with one statement and its transaction.
        page.get(f"/requests/{waiting.reference}/")
        for name, count, most in (
            ("queue_queries", max(queries.values()), LARGEST_QUEUE_QUERIES),
            ("request_queries", _queries(page, f"/requests/{waiting.reference}/"), LARGEST_PAGE_QUERIES),
        ):
            stands &= report(
                name,
                ours=[count],
                reference=[most],
                unit="queries",
                floor=1,
                target=1,
                is_latency=True,
                note="(budget)",
            )
        stands &= queries[SMALL] == queries[LARGE]
    return 0 if stands else 1


def _multiply(size: int, *, viewer: User) -> None:
    """Fill the queue up to `size` routes by SQL, with their steps, the viewer's signatures and what she handed in."""
    missing = size - ApprovalRoute.objects.count()
    columns = [f'"{field.column}"' for field in ApprovalRoute._meta.concrete_fields]
    given = {
        "id": "gen_random_uuid()",
        "subject_id": "gen_random_uuid()",
        "state": f"CASE WHEN n %% 100 < {OPEN_OF_A_HUNDRED} THEN 'open' ELSE 'approved' END",
        "reference": "'RQ-' || n || '-' || (random() * 1e9)::bigint",
        "amount_minor": "100 + n::bigint * 7919 %% 90000",
        "due_at": "r.due_at + n * interval '1 second'",
    }
    values = ", ".join(given.get(column.strip('"'), f"r.{column}") for column in columns)
    with connection.cursor() as cursor:
        # Telling screens of each row takes longer the more rows one statement writes; nobody looks on here.
        cursor.execute("ALTER TABLE approvals_approvalroute DISABLE TRIGGER USER")
        cursor.execute(
            f"INSERT INTO approvals_approvalroute ({', '.join(columns)}) SELECT {values} FROM "  # noqa: S608 - our own names
            "(SELECT * FROM approvals_approvalroute ORDER BY opened_at LIMIT 1) r, generate_series(1, %s) n",
            [missing],
        )
        cursor.execute("ALTER TABLE approvals_approvalroute ENABLE TRIGGER USER")
        cursor.execute(
            "INSERT INTO approvals_approvalstep"
            " (id, route_id, level, place, role, quorum, state, sla_hours, due_at, escalates_to)"
            " SELECT gen_random_uuid(), r.id, 1, 0, 'approver', 1,"
            " CASE r.state WHEN 'open' THEN 'open' ELSE 'approved' END, 4, r.due_at, ''"
            " FROM approvals_approvalroute r LEFT JOIN approvals_approvalstep s ON s.route_id = r.id"
            " WHERE s.id IS NULL"
        )
        cursor.execute(_SIGNED, {"viewer": viewer.pk})
        cursor.execute(_HANDED_IN, {"viewer": viewer.pk})
        for table in ("approvalroute", "approvalstep", "approvaldecision", "involvement"):
            cursor.execute(f"VACUUM ANALYZE approvals_{table}")


_SIGNED = """
    INSERT INTO approvals_approvaldecision
        (id, route_id, step_id, decided_by_id, requested_by_id, reviewed_by_id, verdict, amount_minor, currency, code,
         rationale, role_at_time, limit_at_time_minor, evidence_opened, decided_at)
    SELECT gen_random_uuid(), r.id, s.id, %(viewer)s, r.requested_by_id, r.reviewed_by_id, 'approve', 1, r.currency, '',
           '', 'approver', 1, '[]', r.opened_at
      FROM (SELECT *, row_number() OVER () AS n FROM approvals_approvalroute WHERE state = 'approved') r
      JOIN approvals_approvalstep s ON s.route_id = r.id
     WHERE r.n %% 8 = 0
       AND NOT EXISTS (SELECT 1 FROM approvals_approvaldecision d WHERE d.route_id = r.id)
"""
_HANDED_IN = """
    INSERT INTO approvals_involvement (id, subject_kind, subject_id, person_id, part, since)
    SELECT gen_random_uuid(), r.subject_kind, r.subject_id, %(viewer)s, 'submitter', r.opened_at
      FROM (SELECT *, row_number() OVER () AS n FROM approvals_approvalroute WHERE state = 'open') r
     WHERE r.n %% 50 = 0
        ON CONFLICT DO NOTHING
"""


def _deep_address(client: Client) -> str:
    """Find an address in the middle of the queue."""
    middle = ApprovalRoute.objects.filter(state="open").order_by("due_at")
    route = middle[middle.count() // 2]
    return f"/queue/?after={route.due_at.isoformat().replace('+', '%2B')}&after_id={route.pk}"


def _p95(client: Client, address: str) -> float:
    _queries(client, address)
    return quantiles([seconds(lambda: client.get(address)) for _ in range(LOADS)], n=20)[-1]


def _queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address)
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}")
    return len(captured)


if __name__ == "__main__":
    sys.exit(main())
