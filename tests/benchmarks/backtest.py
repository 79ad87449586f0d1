"""A backtest of stored decisions, next to a loop over the same rows that loads each by the ORM and asks the engine.

Ours: the whole job as a person starts it, in time slices, flips listed and everything added up. The reference: one
decision after the other, its facts read back, judged by the same engine, counted by outcome and currency; on a sample,
and per row, because all of them would take minutes. A second line sets it against a loop that loads three columns only.
First the outcome of every row of the sample is asked of both.

Run: `python -m tests.benchmarks.backtest [ROWS]`; a million without a number.
"""

from __future__ import annotations

import os
import resource
import sys
from collections import Counter
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.db import connection  # noqa: E402 - Django must be set up first

from policies.engine.document import parse_document  # noqa: E402
from policies.engine.facts import RefundFacts  # noqa: E402
from policies.engine.judgement import judge  # noqa: E402
from policies.models import PolicyDecision  # noqa: E402
from policies.simulation.backtesting import ask_backtest, run_backtest  # noqa: E402
from policies.simulation.compiling import compile_outcome  # noqa: E402
from policies.simulation.facts import decisions_for  # noqa: E402
from policies.simulation.sql import sql  # noqa: E402
from tests.benchmarks.measure import ROUNDS, own_database, report, seconds, sized  # noqa: E402
from tests.benchmarks.stored_decisions import DAYS, store_decisions  # noqa: E402
from tests.harness.people import settle  # noqa: E402
from tests.harness.world import NOON, World  # noqa: E402

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from policies.engine.document import PolicyDocument
    from policies.models import PolicyVersion

ROWS = sized(small=50_000, full=1_000_000)
SAMPLE = sized(small=2_000, full=10_000)
COLUMNS = ("facts", "outcome", "currency")
FLOOR, TARGET = 20, 30


def main(rows: int) -> int:
    """Measure and report."""
    with own_database():
        version = World().policy()
        store_decisions(version, rows)
        draft = drafted(version.document)
        document = parse_document(draft)
        unequal = _unequal(document)
        ours: list[float] = []
        whole: list[float] = []
        sparing: list[float] = []
        for _ in range(ROUNDS):
            result, took = _backtested(version, draft)
            ours.append(rows / took)
            whole.append(SAMPLE / seconds(partial(_loop, document, _sample())))
            sparing.append(SAMPLE / seconds(partial(_loop, document, _sample(*COLUMNS))))
    note = f"({rows} decisions, {result['flips']} flips; the loop over {SAMPLE} of them, per row; {unequal} unequal)"
    stands = report("backtest", ours=ours, reference=whole, unit="rows/s", floor=FLOOR, target=TARGET, note=note)
    report("backtest_sparing_loop", ours=ours, reference=sparing, unit="rows/s", floor=FLOOR, target=TARGET)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    sys.stdout.write(f"MEMORY of this process at its peak: {peak} MB\n")
    return 0 if stands and not unequal and result["rows"] == rows else 1


def drafted(raw: dict[str, Any]) -> dict[str, Any]:
    """Change the policy in force in every way that costs: bands, windows by product, restocking, velocity, tenure."""
    return raw | {
        "thresholds": {"default": {"GBP": {"auto_up_to_minor": 60_00, "approve_up_to_minor": 5_000_00}}},
        "return_windows": raw["return_windows"] | {"days_by_product_category": {"food": 7}},
        "conditions": raw["conditions"] | {"restocking_basis_points": {"opened": 1_500}},
        "velocity": [{"per": "customer", "window_days": 30, "most_count": 4, "most_share_basis_points": 2_500}],
        "tenure": {"minimum_days": 30, "auto_up_to_minor": {"GBP": 20_00}},
    }


def _backtested(version: PolicyVersion, draft: dict[str, Any]) -> tuple[dict[str, Any], float]:
    """Run a backtest over everything; answer what came of it, and how many seconds it took."""
    backtest = ask_backtest(
        policy_id=version.policy_id,
        document=draft,
        from_at=NOON - timedelta(days=DAYS + 1),
        until_at=NOON + timedelta(days=1),
        actor=settle("milo"),
        at=NOON,
    )
    took = seconds(partial(run_backtest, job_id=backtest.job_id, at=NOON))
    backtest.refresh_from_db()
    return backtest.result or {}, took


def _loop(document: PolicyDocument, decisions: QuerySet[PolicyDecision]) -> Counter[tuple[str, str, str]]:
    counts: Counter[tuple[str, str, str]] = Counter()
    for decision in decisions.iterator():
        verdict = judge(document, RefundFacts.from_json(decision.facts))
        counts[decision.outcome, str(verdict.outcome), decision.currency] += 1
    return counts


def _sample(*columns: str) -> QuerySet[PolicyDecision]:
    decisions = PolicyDecision.objects.order_by("version_id", "decided_at")
    return (decisions.only(*columns) if columns else decisions)[:SAMPLE]


def _unequal(document: PolicyDocument) -> int:
    """Count the decisions of the sample of which the database says something else than the engine."""
    outcome = compile_outcome(document)
    sample = sql("d.id = ANY({})", list(_sample().values_list("pk", flat=True)))
    asked = sql("SELECT d.id, {} FROM {}", outcome, decisions_for(outcome, sample))
    with connection.cursor() as cursor:
        cursor.execute(asked.text, asked.params)
        said = dict(cursor.fetchall())
    judged = ((row.pk, judge(document, RefundFacts.from_json(row.facts)).outcome) for row in _sample().iterator())
    return sum(said[key] != outcome for key, outcome in judged)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS))
