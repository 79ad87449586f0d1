"""Folding facts into cells: one statement that says what a fact adds to which cell, run forwards and backwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import connection

from analytics.models import MONTHS, SUMMED, TIMES

if TYPE_CHECKING:
    from collections.abc import Collection

_KEY: Final = 'basis, "on", team_id, currency, dimension, value'

_ADDS: Final = """
    is_main::int AS count,
    refunded_minor, override_minor, ungoverned_minor, over_minor, double_loss_minor, late_failure_minor, fees_minor,
    goodwill_minor,
    (is_main AND override_minor + ungoverned_minor + over_minor + double_loss_minor + late_failure_minor + fees_minor
        > 0)::int AS leaking_count,
    (is_main AND is_touch_free)::int AS touch_free_count,
    (is_main AND is_reviewed)::int AS reviewed_count,
    (is_main AND is_unchanged)::int AS unchanged_count,
    CASE WHEN is_main AND is_reviewed
        THEN coalesce(approval_seconds, 0) + coalesce(review_seconds, 0) ELSE 0 END AS waited_seconds,
    (is_main AND is_evidence_asked)::int AS evidence_asked_count,
    (is_main AND is_evidence_held)::int AS evidence_held_count,
    due_step_count, late_step_count
"""
"""What one fact adds to each of its cells, in the order of `SUMMED`."""

_TWO_DIGITS: Final = "(power(10, greatest(length({n}::text) - 2, 0))::bigint)"


def _bucket(number: str) -> str:
    """Round up to two digits and print with leading noughts, so that words sort as numbers do."""
    unit = _TWO_DIGITS.format(n=number)
    return f"lpad((({number} + {unit} - 1) / {unit} * {unit})::text, 12, '0')"


_DIMENSIONS: Final = """
    ('total', ''), ('code', code), ('reason', reason), ('band', band), ('channel', channel), ('product', product),
    ('outcome', outcome), ('category', category), ('origin', origin), ('approver', coalesce(approver_id::text, '')),
    ('version', coalesce(version_id::text, ''))
"""
_STEPS: Final = ", ".join(
    f"('step.{step}', CASE WHEN is_main AND {step}_seconds IS NOT NULL THEN {_bucket(f'{step}_seconds')} END)"
    for step in TIMES
)
_AMOUNT: Final = f"('amount', CASE WHEN is_main AND is_reviewed AND is_by_amount THEN {_bucket('asked_minor')} END)"

_CONTRIBUTIONS: Final = f"""
    SELECT adds.*, place.basis, told."on", facts.team_id, facts.currency, told.dimension, told.value
    FROM analytics_outflowfact AS facts
        CROSS JOIN LATERAL (SELECT {_ADDS}) AS adds
        CROSS JOIN LATERAL (VALUES
            ('refund', refunded_on),
            ('sale', CASE WHEN refunded_on IS NOT NULL THEN sale_on END),
            ('decision', CASE WHEN is_main THEN decided_on END)
        ) AS place (basis, "on")
        CROSS JOIN LATERAL (
            SELECT grain.word || every.dimension AS dimension, every.value, grain."on"
            FROM (VALUES {_DIMENSIONS}) AS every (dimension, value),
                (VALUES {{grains}}) AS grain (word, "on")
            UNION ALL
            SELECT measured.*, CASE WHEN dimension LIKE 'step.%%' THEN date_trunc('month', place."on")::date
                ELSE place."on" END
            FROM (VALUES {_STEPS}, {_AMOUNT}) AS measured (dimension, value)
            WHERE place.basis = 'decision' AND measured.value IS NOT NULL
        ) AS told
    WHERE place."on" IS NOT NULL {{and_where}}
"""  # noqa: S608 - words of ours

_BY_DAY: Final = """('', place."on")"""
_BY_BOTH: Final = f"""{_BY_DAY}, ('{MONTHS}', date_trunc('month', place."on")::date)"""

_SUMS: Final = ", ".join(f"%(sign)s::bigint * sum({column})::bigint" for column in SUMMED)
_FOLD: Final = f"""
    INSERT INTO analytics_outflowcell AS cell ({_KEY}, {", ".join(SUMMED)})
    SELECT {_KEY}, {_SUMS} FROM ({_CONTRIBUTIONS}) AS told GROUP BY {_KEY} ORDER BY {_KEY}
    ON CONFLICT (dimension, basis, "on", team_id, currency, value) DO UPDATE
    SET {", ".join(f"{column} = cell.{column} + excluded.{column}" for column in SUMMED)}
"""  # noqa: S608 - words of ours

_ADD_UP: Final = f"""
    INSERT INTO analytics_outflowcell ({_KEY}, {", ".join(SUMMED)})
    SELECT basis, date_trunc('month', "on")::date AS month, team_id, currency, '{MONTHS}' || dimension, value,
        {", ".join(f"sum({column})::bigint" for column in SUMMED)}
    FROM analytics_outflowcell WHERE dimension <> 'amount' AND dimension NOT LIKE 'step.%%'
    GROUP BY basis, month, team_id, currency, dimension, value
"""  # noqa: S608 - words of ours
"""Days up to their months, where no month is there yet."""

_OF_SOME: Final = "AND (facts.order_id = ANY(%(orders)s::bigint[]) OR facts.subject_id = ANY(%(subjects)s::uuid[]))"
_EMPTY: Final = f"DELETE FROM analytics_outflowcell WHERE {' AND '.join(f'{column} = 0' for column in SUMMED)}"  # noqa: S608 - words of ours


def add_facts(*, orders: Collection[int], subjects: Collection[object]) -> None:
    """Add the facts of these orders and subjects to their cells."""
    _fold(1, orders, subjects)


def take_off_facts(*, orders: Collection[int], subjects: Collection[object]) -> None:
    """Take the facts of these orders and subjects off their cells again, before they change."""
    _fold(-1, orders, subjects)


def forget_empty_cells() -> None:
    """Remove cells in which nothing is left."""
    with connection.cursor() as cursor:
        cursor.execute(_EMPTY)


def fold_all() -> None:
    """Throw every cell away and fold all facts anew, within the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM analytics_outflowcell")
        # The days of all facts are fewer than the facts, so months are added up from them.
        cursor.execute(_FOLD.format(and_where="", grains=_BY_DAY), {"sign": 1})
        cursor.execute(_ADD_UP, {})


def _fold(sign: int, orders: Collection[int], subjects: Collection[object]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            _FOLD.format(and_where=_OF_SOME, grains=_BY_BOTH),
            {"sign": sign, "orders": list(orders), "subjects": list(subjects)},
        )
