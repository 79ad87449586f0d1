"""When a case brings extra signatures in, in SQL; `policies.engine.risk` and `When` say the same to one case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.engine.words import REUSED, Category, Condition, Risk
from policies.simulation.exposure import exposure_minor
from policies.simulation.facts import (
    CATEGORY,
    CURRENCY,
    DISPUTE_IS_OPEN,
    EXCEPTION_CODE,
    METHOD,
    PAYMENT_IS_FOUND,
    PHOTO_REUSE,
    REASON,
    TENURE_DAYS,
    line_with,
)
from policies.simulation.sql import NOTHING, Sql, all_of, any_of, is_in, looked_up, sql

if TYPE_CHECKING:
    from policies.engine.document import PolicyDocument
    from policies.engine.signatures import When


def applies(document: PolicyDocument, when: When) -> Sql:
    """Hold when every condition that is named does; never NULL."""
    asked = []
    if when.risks:
        asked.append(is_in(_risk(document), when.risks))
    if when.reasons:
        asked.append(is_in(REASON, when.reasons))
    if when.exception_codes:
        asked.append(is_in(EXCEPTION_CODE, when.exception_codes))
    if when.categories:
        asked.append(is_in(CATEGORY, when.categories))
    if when.above_minor:
        limit = looked_up(CURRENCY, when.above_minor, NOTHING)
        asked.append(sql("coalesce({} > {}, FALSE)", exposure_minor(document), limit))
    return sql("coalesce({}, FALSE)", all_of(asked))


def _risk(document: PolicyDocument) -> Sql:
    """Weigh the signals: one makes the risk medium; two, or a single grave one, make it high."""
    hints = document.risk
    grave = any_of([is_in(REASON, hints.reasons), DISPUTE_IS_OPEN, is_in(PHOTO_REUSE, REUSED)])
    large_minor = looked_up(CURRENCY, hints.large_above_minor, NOTHING)
    large = sql("coalesce({} > {}, FALSE)", exposure_minor(document), large_minor)
    light = [
        sql("coalesce({} < {}, FALSE)", TENURE_DAYS, hints.new_customer_days),
        sql("{} = 'bank_transfer'", METHOD),
        sql("({} = {} AND NOT {})", CATEGORY, str(Category.REFUND), PAYMENT_IS_FOUND),
        large,
        line_with("condition", [str(Condition.MISSING)]),
    ]
    count = sql(" + ".join(["({})::int"] * len(light)), *light)
    return sql(
        "CASE WHEN {} THEN {} ELSE CASE {} WHEN 0 THEN {} WHEN 1 THEN {} ELSE {} END END",
        grave,
        str(Risk.HIGH),
        count,
        str(Risk.LOW),
        str(Risk.MEDIUM),
        str(Risk.HIGH),
    )
