"""The leakage dashboard at 10,000 and 1,000,000 requests: its figures from the sums, beside a raw GROUP BY.

Run: `python -m tests.benchmarks.dashboard [SMALL LARGE]`. Facts are multiplied by SQL from one that a real request
left, over three years, with amounts, codes and days spread evenly; then folded. The reference groups the facts
themselves, which is kinder to it than the joins behind them would be. Both must add up to the same. The last month
asked for is not whole, as on the page. Beside them the nightly count of codes, at both sizes with as many requests in
its 30 days.
"""

from __future__ import annotations

import os
import sys
from datetime import date, datetime, timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.db import connection  # noqa: E402 - Django must be set up first

from analytics.leakage import figures, steps  # noqa: E402
from analytics.leakage.asking import Ask  # noqa: E402
from analytics.models import KINDS_OF_LEAKAGE, OutflowCell, OutflowFact  # noqa: E402
from analytics.remediation.measuring import uses_of  # noqa: E402
from analytics.rollups import cells  # noqa: E402
from analytics.rollups.following import catch_up  # noqa: E402
from config.kernel.people import User  # noqa: E402
from policies.vocabulary import CodeKind  # noqa: E402
from tests.analytics.rollups.shop import Shop  # noqa: E402
from tests.benchmarks.measure import ROUNDS, own_database, report, seconds, sized  # noqa: E402
from tests.benchmarks.requests_of_years import LATELY, fill_requests  # noqa: E402
from tests.harness.people import settle  # noqa: E402
from tests.harness.world import World  # noqa: E402

SMALL, LARGE = 10_000, sized(small=50_000, full=1_000_000)
LOADS = 5
ASK = Ask(from_on=date(2024, 1, 1), to_on=date(2026, 12, 17))

DRAWN = {
    "subject_id": "gen_random_uuid()",
    "order_id": "1000000 + n",
    "refunded_on": "DATE '2024-01-01' + (n * 7919::bigint % 1095)::int",
    "sale_on": "DATE '2023-12-01' + (n * 7919::bigint % 1095)::int",
    "decided_on": "DATE '2024-01-01' + (n * 7919::bigint % 1095)::int",
    "refunded_minor": "100 + n * 7919::bigint % 50000",
    "override_minor": "CASE WHEN n % 10 = 0 THEN 100 + n * 7919::bigint % 50000 ELSE 0 END",
    "code": "CASE WHEN n % 10 = 0 THEN 'CODE_' || n / 10 % 20 ELSE '' END",
    "reason": "'reason_' || n % 13",
    "approval_seconds": "60 + n * 104729::bigint % 200000",
    "decide_seconds": "60 + n * 104729::bigint % 200000",
}
"""What is drawn for fact `n`; the rest is as in the first one."""

RAW = f"""
    SELECT date_trunc('month', refunded_on), currency, {", ".join(f"sum({column})" for column in KINDS_OF_LEAKAGE)}
    FROM analytics_outflowfact WHERE refunded_on BETWEEN %s AND %s GROUP BY 1, 2
"""  # noqa: S608 - columns of ours
RAW_BY_CODE = RAW.replace("date_trunc('month', refunded_on)", "code")
RAW_STEPS = """
    SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY decide_seconds),
        percentile_disc(0.9) WITHIN GROUP (ORDER BY decide_seconds)
    FROM analytics_outflowfact WHERE decided_on BETWEEN %s AND %s
"""


def main(small: int, large: int) -> int:
    """Measure and report."""
    with own_database():
        shop = Shop(World())
        shop.refunded(100)
        catch_up(at=shop.at)
        sam = User.objects.get(pk=settle("sam").pk)
        ours: dict[int, list[float]] = {}
        counted: dict[int, list[float]] = {}
        for size in (small, large):
            _multiply(size)
            sys.stdout.write(
                f"FOLD {size} facts in {seconds(cells.fold_all):.2f} s, {OutflowCell.objects.count()} sums\n"
            )
            _analyze()
            assert _total(sam) == _raw_total()
            _charts(sam)
            ours[size] = [seconds(lambda: _charts(sam)) / LOADS for _ in range(ROUNDS)]
            fill_requests(size, at=shop.at)
            counted[size] = [seconds(lambda: _count_codes(shop.at)) for _ in range(ROUNDS)]
        raw = [seconds(_raw) for _ in range(ROUNDS)]
        note = f"(three charts, {small} and {large} requests)"
        stands = report(
            "dashboard", ours=raw, reference=ours[large], unit="s", floor=20, target=40, note=f"{note} raw / ours"
        )
        stands &= report(
            "dashboard_growth",
            ours=ours[large],
            reference=ours[small],
            unit="s",
            floor=10,
            target=3,
            is_latency=True,
            note=note,
        )
        stands &= report(
            "code_counting",
            ours=counted[large],
            reference=counted[small],
            unit="s",
            floor=3,
            target=1.5,
            is_latency=True,
            note=f"({LATELY} requests in 30 days, of {small} and of {large})",
        )
        _explain()
    return 0 if stands else 1


def _multiply(size: int) -> None:
    names = [str(field.column) for field in OutflowFact._meta.concrete_fields if not field.primary_key]
    chosen = ", ".join(DRAWN.get(name, f"first.{name}") for name in names).replace("%", "%%")
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO analytics_outflowfact ({', '.join(names)}) "  # noqa: S608 - columns of ours
            f"SELECT {chosen} FROM generate_series((SELECT count(*) FROM analytics_outflowfact), %s::bigint - 1) AS n, "
            "(SELECT * FROM analytics_outflowfact ORDER BY id LIMIT 1) AS first",
            [size],
        )


def _analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE analytics_outflowfact")
        cursor.execute("VACUUM ANALYZE analytics_outflowcell")


def _charts(viewer: User) -> None:
    for _ in range(LOADS):
        figures.by_month(viewer, ASK)
        figures.by_dimension(viewer, ASK, "code")
        steps.steps(viewer, ASK)


def _count_codes(at: datetime) -> None:
    for kind in (CodeKind.EXCEPTION, CodeKind.REASON):
        assert sum(use.count for use in uses_of(kind, since=at - timedelta(days=30), until=at).values())


def _total(viewer: User) -> int:
    return sum(line.leakage_minor for line in figures.by_month(viewer, ASK))


def _raw_total() -> int:
    with connection.cursor() as cursor:
        cursor.execute(RAW, [ASK.from_on, ASK.to_on])
        return sum(int(minor) for row in cursor.fetchall() for minor in row[2:])


def _raw() -> None:
    with connection.cursor() as cursor:
        for statement in (RAW, RAW_BY_CODE, RAW_STEPS):
            cursor.execute(statement, [ASK.from_on, ASK.to_on])
            cursor.fetchall()


def _explain() -> None:
    found = OutflowCell.objects.filter(ASK.cells_of("code"), basis="refund")
    sys.stdout.write(f"{found.values('value', 'currency').explain(analyze=True)}\n")


if __name__ == "__main__":
    told = [int(word) for word in sys.argv[1:3]] or [SMALL, LARGE]
    sys.exit(main(*told))
