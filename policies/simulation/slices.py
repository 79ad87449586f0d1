"""Judge a slice of the stored decisions in one statement: keep the flips, add up the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.db import connection

from policies.models import PolicyDecision
from policies.simulation.compiling import compile_ladder, compile_outcome
from policies.simulation.facts import decisions_for
from policies.simulation.sql import Sql, listed, sql
from policies.simulation.unknown import unknown_facts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from uuid import UUID

    from policies.engine.document import PolicyDocument
    from policies.engine.signatures import Step
    from policies.models import Backtest, PolicyVersion
    from policies.simulation.compiling import Ladder

ROWS_OF_A_SLICE: Final = 100_000


_PLANNING: Final = """
    SET LOCAL plan_cache_mode = force_custom_plan;
    SET LOCAL min_parallel_index_scan_size = 0;
    SET LOCAL parallel_setup_cost = 0;
    SET LOCAL parallel_tuple_cost = 0;
    SET LOCAL enable_memoize = off
"""
"""A plan of its own for each window, by several processes however small its index is; no two cases are alike, so that
remembering them costs more than it saves."""


class Sum(NamedTuple):
    """Decisions of one slice that went the same way.

    `old_steps` and `new_steps` are the signatures each needed and would need; empty where no people decide.
    `unknown` counts for each rule of the document those in which what it asks about was not recorded.
    """

    old: str
    new: str
    currency: str
    old_steps: tuple[Step, ...]
    new_steps: tuple[Step, ...]
    rows: int
    amount_minor: int
    first_at: datetime
    last_at: datetime
    unknown: dict[str, int]


class Slice(NamedTuple):
    """Decisions of one version from one moment until before another."""

    version: PolicyVersion
    old_document: PolicyDocument
    from_at: datetime
    until_at: datetime


def moments(version_id: UUID, from_at: datetime, until_at: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Cut a window into spans of about `ROWS_OF_A_SLICE` decisions; those of one moment stay together."""
    while from_at < until_at:
        later = PolicyDecision.objects.filter(
            version_id=version_id, decided_at__gt=from_at, decided_at__lt=until_at
        ).order_by("decided_at")
        cut = later.values_list("decided_at", flat=True)[ROWS_OF_A_SLICE : ROWS_OF_A_SLICE + 1]
        next_at = next(iter(cut), until_at)
        yield from_at, next_at
        from_at = next_at


def judge_slice(backtest: Backtest, document: PolicyDocument, cut: Slice, *, room: int) -> list[Sum]:
    """Judge a slice by the document and store at most `room` of its flips. Call it inside a transaction.

    1. Judge every decision of the slice; what each says stands beside the old outcome in a table of this transaction.
    2. Store the decisions whose outcome is another.
    3. Add up all of them by old outcome, new outcome, currency and who signs.
    """
    old, new = compile_ladder(cut.old_document), compile_ladder(document)
    unknown = unknown_facts(document)
    judged = _judged(document, cut, old.tier, new.tier, list(unknown.values()))
    with connection.cursor() as cursor:
        cursor.execute(_PLANNING)
        # Only this way of keeping rows lets several processes of the database judge them.
        cursor.execute(f"CREATE TEMPORARY TABLE judged AS {judged.text}", judged.params)
        stored, added_up = _stored(backtest, room), _added_up(len(unknown))
        cursor.execute(stored.text, stored.params)
        cursor.execute(added_up.text, added_up.params)
        sums = [_sum(row, old, new, list(unknown)) for row in cursor.fetchall()]
        cursor.execute("DROP TABLE judged")
    return sums


def _judged(document: PolicyDocument, cut: Slice, old_tier: Sql, new_tier: Sql, unknown: Sequence[Sql]) -> Sql:
    columns = listed(
        [
            sql("{} AS new_outcome", compile_outcome(document)),
            sql("{} AS old_tier", old_tier),
            sql("{} AS new_tier", new_tier),
            *[sql("{} AS {}", when, _unknown(place)) for place, when in enumerate(unknown)],
        ]
    )
    in_slice = sql(
        "d.version_id = {} AND d.decided_at >= {} AND d.decided_at < {} AND NOT d.is_trial",
        cut.version.pk,
        cut.from_at,
        cut.until_at,
    )
    return sql(
        "SELECT d.id, d.currency, d.amount_minor, d.decided_at, d.outcome AS old_outcome, {} FROM {}",
        columns,
        decisions_for(columns, in_slice),
    )


def _stored(backtest: Backtest, room: int) -> Sql:
    return sql(
        "INSERT INTO policies_backtestflip (backtest_id, decision_id, old_outcome, new_outcome)"
        " SELECT {}::uuid, id, old_outcome, new_outcome FROM judged WHERE old_outcome <> new_outcome LIMIT {}",
        backtest.pk,
        room,
    )


def _added_up(rules: int) -> Sql:
    sums = ["count(*)", "sum(amount_minor)", "min(decided_at)", "max(decided_at)"]
    return sql(
        "SELECT old_outcome, new_outcome, currency,"
        " CASE WHEN old_outcome = 'require_approval' THEN old_tier END,"
        " CASE WHEN new_outcome = 'require_approval' THEN new_tier END,"
        " {} FROM judged GROUP BY 1, 2, 3, 4, 5",
        listed([*map(Sql, sums), *[sql("count(*) FILTER (WHERE {})", _unknown(place)) for place in range(rules)]]),
    )


def _unknown(place: int) -> Sql:
    return Sql(f"unknown_{place}")


def _sum(row: Sequence[Any], old: Ladder, new: Ladder, rules: Sequence[str]) -> Sum:
    old_outcome, new_outcome, currency, old_tier, new_tier, rows, amount_minor, first_at, last_at, *unknown = row
    return Sum(
        old=old_outcome,
        new=new_outcome,
        currency=currency,
        old_steps=() if old_tier is None else old.steps(old_tier),
        new_steps=() if new_tier is None else new.steps(new_tier),
        rows=rows,
        amount_minor=int(amount_minor),
        first_at=first_at,
        last_at=last_at,
        unknown=dict(zip(rules, unknown, strict=True)),
    )
