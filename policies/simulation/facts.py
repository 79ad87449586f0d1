"""The stored facts as columns, each with the default that `RefundFacts` gives a field the record is too old for.

In every piece `d` is the decision, `f` its facts, and `l` a line that comes back.
"""

from __future__ import annotations

from typing import Final

from policies.simulation.sql import Sql, sql

_TYPES: Final = {
    "reason": "text",
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
}


def _fact(name: str, default: str = "") -> Sql:
    return Sql(f"coalesce(f.{name}, {default})" if default else f"f.{name}", facts=frozenset({name}))


CATEGORY: Final = Sql("d.category")
AMOUNT_MINOR: Final = Sql("d.amount_minor")
CURRENCY: Final = Sql("d.currency")
"""These three are columns of the decision too, copied from its facts."""

REASON: Final = _fact("reason")
LINES: Final = _fact("lines")
HAS_LINES: Final = sql("coalesce(jsonb_array_length({}), 0) > 0", LINES)
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
CHARGE_IS_KNOWN: Final = sql("({} IS NOT NULL)", _fact("charge_minor"))
RECENT: Final = _fact("recent")
ASKED_WEEKDAY: Final = _fact("asked_weekday")
ASKED_MINUTE: Final = _fact("asked_minute")
ASKED_ON: Final = _fact("asked_on")

LINE_PRODUCT: Final = Sql("l.product_category")
LINE_CONDITION: Final = Sql("l.condition")
LINE_MINOR: Final = Sql("l.amount_minor")


def recent_in(per: str, window_days: int) -> Sql:
    """Find a window somebody counted; NULL for one that nobody did."""
    return sql("({} -> {}::text)", RECENT, f"{per}.{window_days}")


def recent_count(per: str, window_days: int) -> Sql:
    """Answer how many there were in a window; NULL when nobody counted."""
    return sql("({} ->> 0)::bigint", recent_in(per, window_days))


def recent_minor(per: str, window_days: int) -> Sql:
    """Answer how much it was in a window; NULL when nobody counted."""
    return sql("({} ->> 1)::bigint", recent_in(per, window_days))


def recent_bought_minor(per: str, window_days: int) -> Sql:
    """Answer what was bought in a window; NULL when nobody looked."""
    return sql("({} ->> 2)::bigint", recent_in(per, window_days))


def line_of_which(condition: Sql) -> Sql:
    """Hold when a line comes back of which the condition holds."""
    return sql(
        "EXISTS (SELECT FROM jsonb_to_recordset({}) AS l(product_category text, condition text) WHERE {})",
        LINES,
        condition,
    )


def sum_of_lines(minor: Sql) -> Sql:
    """Add up over the lines."""
    return sql(
        "(SELECT coalesce(sum({}), 0) FROM jsonb_to_recordset({}) AS l(condition text, amount_minor bigint))",
        minor,
        LINES,
    )


def facts_clause(names: frozenset[str]) -> Sql:
    """Join the named facts to a decision `d`; nothing where no fact is read."""
    if not names:
        return Sql("")
    columns = ", ".join(f"{name} {kind}" for name, kind in _TYPES.items() if name in names)
    return Sql(f" CROSS JOIN LATERAL jsonb_to_record(d.facts) AS f({columns})")
