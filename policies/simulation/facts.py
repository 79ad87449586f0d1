"""The stored facts as columns, each with the default that `RefundFacts` gives a field the record is too old for.

In every piece `d` is a decision with its facts as columns, and `l` a line that comes back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from psycopg.types.json import Jsonb

from policies.engine.conduct import WINDOWS_DAYS
from policies.engine.words import Per
from policies.simulation.sql import Sql, listed, sql

if TYPE_CHECKING:
    from collections.abc import Collection

DECISIONS: Final = Sql("policies_policydecision")

_OF_A_DECISION: Final = ("d.id", "d.category", "d.currency", "d.amount_minor", "d.outcome", "d.decided_at")

_STORED: Final = {
    "reason": "text",
    "method": "text",
    "lines": "jsonb",
    "shipping_minor": "bigint",
    "days_since_delivery": "bigint",
    "evidence_kinds": "jsonb",
    "payment_is_found": "boolean",
    "refundable_minor": "bigint",
    "customer_tenure_days": "bigint",
    "exception_code": "text",
    "dispute_is_open": "boolean",
    "dispute_due_in_hours": "bigint",
    "legal_basis": "text",
    "charge_minor": "bigint",
    "recent": "jsonb",
    "asked_weekday": "bigint",
    "asked_minute": "bigint",
    "asked_on": "text",
    "photo_reuse": "text",
}
"""What stands in the facts by its own name, and its type."""

_PLACES: Final = {"count": "-> 0", "minor": "-> 1", "bought": "->> 2"}
_WINDOWS: Final = {
    f"{per}_{days}_{word}": f"(f.recent -> '{per}.{days}' {place})::bigint"
    for per in Per
    for days in WINDOWS_DAYS
    for word, place in _PLACES.items()
}
"""What was counted in each window; NULL where nobody counted."""


def _fact(name: str, default: str = "") -> Sql:
    return Sql(f"coalesce(d.{name}, {default})" if default else f"d.{name}", facts=frozenset({name}))


CATEGORY: Final = Sql("d.category")
AMOUNT_MINOR: Final = Sql("d.amount_minor")
CURRENCY: Final = Sql("d.currency")
"""These three are columns of the decision, copied from its facts."""

REASON: Final = _fact("reason")
METHOD: Final = _fact("method", "'original'")
LINES: Final = _fact("lines")
HAS_LINES: Final = sql("coalesce({} <> '[]', FALSE)", LINES)
SHIPPING_MINOR: Final = _fact("shipping_minor", "0")
DAYS_SINCE_DELIVERY: Final = _fact("days_since_delivery")
EVIDENCE_KINDS: Final = _fact("evidence_kinds", "'[]'")
PAYMENT_IS_FOUND: Final = _fact("payment_is_found", "FALSE")
REFUNDABLE_MINOR: Final = _fact("refundable_minor")
TENURE_DAYS: Final = _fact("customer_tenure_days")
EXCEPTION_CODE: Final = _fact("exception_code", "''")
DISPUTE_IS_OPEN: Final = _fact("dispute_is_open", "FALSE")
DISPUTE_DUE_IN_HOURS: Final = _fact("dispute_due_in_hours")
LEGAL_BASIS: Final = _fact("legal_basis", "''")
CHARGE_MINOR: Final = _fact("charge_minor", "0")
CHARGE_IS_UNKNOWN: Final = sql("{} IS NULL", _fact("charge_minor"))
ASKED_WEEKDAY: Final = _fact("asked_weekday")
ASKED_MINUTE: Final = _fact("asked_minute")
ASKED_ON: Final = _fact("asked_on")
PHOTO_REUSE: Final = _fact("photo_reuse", "''")

LINE_CONDITION: Final = Sql("l.condition")
LINE_MINOR: Final = Sql("l.amount_minor")


def recent_count(per: str, window_days: int) -> Sql:
    """Answer how many there were in a window; NULL when nobody counted."""
    return _fact(f"{per}_{window_days}_count")


def recent_minor(per: str, window_days: int) -> Sql:
    """Answer how much it was in a window; NULL when nobody counted."""
    return _fact(f"{per}_{window_days}_minor")


def recent_bought_minor(per: str, window_days: int) -> Sql:
    """Answer what was bought in a window; NULL when nobody looked."""
    return _fact(f"{per}_{window_days}_bought")


def line_with(field: str, values: Collection[str | bool]) -> Sql:
    """Hold when a line comes back in which a field has one of these values."""
    wanted = [Jsonb([{field: value}]) for value in sorted(values)]
    return sql("coalesce({} @> ANY({}), FALSE)", LINES, wanted)


def line_without(field: str, words: Collection[str]) -> Sql:
    """Hold when a line comes back in which a field, given or not, is none of these words."""
    return _line_that("$[*] ? (!(@." + field + " == $words[*]))", in_json(words))


def line_in_another_condition(accepted: Sql) -> Sql:
    """Hold when a line comes back in a condition that is not among the accepted, which come `in_json`."""
    return _line_that('$[*].condition ? (@ != "" && !(@ == $words[*]))', accepted)


def sum_of_lines(name: str, minor: Sql) -> Sql:
    """Add up over the lines, under a name."""
    return Sql(f"d.{name}", facts=frozenset({"lines"}), sums=frozenset({(name, minor)}))


def in_json(words: Collection[str]) -> Sql:
    """Hand words to a question about lines."""
    return sql("{}", Jsonb({"words": sorted(words)}))


def _line_that(path: str, words: Sql) -> Sql:
    return sql("coalesce(jsonb_path_exists({}, {}::jsonpath, {}), FALSE)", LINES, path, words)


def decisions_for(columns: Sql, where: Sql, *, source: Sql = DECISIONS) -> Sql:
    """Write the decisions `d` of which the condition holds, with the facts that the columns read beside them.

    Each row's facts are unpacked once, however many rules read them.
    """
    windows = [Sql(f"{_WINDOWS[name]} AS {name}") for name in sorted(columns.facts & _WINDOWS.keys())]
    stored = columns.facts - _WINDOWS.keys()
    beside = [*_OF_A_DECISION, *[f"f.{name}" for name in sorted(stored)], *[f"g.{name}" for name, _ in columns.sums]]
    # OFFSET 0 keeps the planner from copying an expression to each place that reads the column.
    return sql(
        "(SELECT {} FROM {} d{}{} WHERE {} OFFSET 0) d",
        listed([*map(Sql, beside), *windows]),
        source,
        _unpacking(stored | ({"recent"} if windows else set())),
        _adding_up(columns.sums),
        where,
    )


def _unpacking(names: Collection[str]) -> Sql:
    columns = ", ".join(f"{name} {kind}" for name, kind in _STORED.items() if name in names)
    return Sql(f" CROSS JOIN LATERAL jsonb_to_record(d.facts) AS f({columns})" if columns else "")


def _adding_up(sums: frozenset[tuple[str, Sql]]) -> Sql:
    if not sums:
        return Sql("")
    # Not asked where it is read: a question inside an expression keeps the database to a single process.
    return sql(
        " CROSS JOIN LATERAL (SELECT {} FROM jsonb_to_recordset(f.lines) AS l(condition text, amount_minor bigint)) g",
        listed([sql("coalesce(sum({}), 0) AS {}", minor, Sql(name)) for name, minor in sums]),
    )
