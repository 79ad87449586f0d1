"""The rules in SQL, one function each, in the order and by the names of `policies.engine.rules`.

Each answers when it fails and what it then demands; nothing where the document has nothing to say. A condition is
never NULL: what is not known either fails or does not, as the engine says.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from policies.engine.parts import DEFAULT
from policies.engine.words import Outcome, Rule
from policies.simulation.exposure import exposure_minor, on_charge_minor
from policies.simulation.facts import (
    AMOUNT_MINOR,
    CATEGORY,
    CURRENCY,
    DAYS_SINCE_DELIVERY,
    DISPUTE_IS_OPEN,
    EVIDENCE_KINDS,
    HAS_LINES,
    LEGAL_BASIS,
    LINE_CONDITION,
    LINE_MINOR,
    PAYMENT_IS_FOUND,
    REASON,
    REFUNDABLE_MINOR,
    SHIPPING_MINOR,
    in_json,
    line_in_another_condition,
    line_with,
    line_without,
    sum_of_lines,
)
from policies.simulation.sql import NEVER, NOTHING, Sql, any_of, is_in, looked_up, sql

if TYPE_CHECKING:
    from collections.abc import Callable

    from policies.engine.document import PolicyDocument
    from policies.engine.parts import BasisWindow, EvidenceDemand, ReturnWindows, Threshold


class Failure(NamedTuple):
    """When a rule fails, and what it demands then."""

    rule: str
    outcome: Outcome
    when: Sql


def payment_found(_document: PolicyDocument) -> list[Failure]:
    """Ask for a payment we know."""
    return [Failure(Rule.PAYMENT_FOUND, Outcome.EXCEPTION, sql("NOT {}", PAYMENT_IS_FOUND))]


def refundable_balance(_document: PolicyDocument) -> list[Failure]:
    """Hold to what the payment still allows; a balance nobody knows allows nothing."""
    too_much = sql("{} AND coalesce({} > {}, TRUE)", PAYMENT_IS_FOUND, AMOUNT_MINOR, REFUNDABLE_MINOR)
    return [Failure(Rule.REFUNDABLE_BALANCE, Outcome.BLOCK, too_much)]


def open_dispute(document: PolicyDocument) -> list[Failure]:
    """Stop a refund beside a dispute."""
    outcome = Outcome.BLOCK if document.open_dispute == "block" else Outcome.EXCEPTION
    return [Failure(Rule.OPEN_DISPUTE, outcome, DISPUTE_IS_OPEN)]


def reasons_blocked(document: PolicyDocument) -> list[Failure]:
    """Stop the reasons for which money never leaves."""
    return [Failure(Rule.REASONS_BLOCKED, Outcome.BLOCK, is_in(REASON, document.reasons_blocked))]


def thresholds(document: PolicyDocument) -> list[Failure]:
    """Place the exposure in its three bands; a currency without any is never automatic."""
    exposure = exposure_minor(document)
    approve_up_to = _end_of_band(document, lambda bands: bands.approve_up_to_minor)
    auto_up_to = _end_of_band(document, lambda bands: bands.auto_up_to_minor)
    return [
        Failure(Rule.THRESHOLDS, Outcome.BLOCK, sql("coalesce({} > {}, FALSE)", exposure, approve_up_to)),
        Failure(Rule.THRESHOLDS, Outcome.REQUIRE_APPROVAL, sql("coalesce({} > {}, TRUE)", exposure, auto_up_to)),
    ]


def reasons_always_escalated(document: PolicyDocument) -> list[Failure]:
    """Send some reasons to a person."""
    reasons = document.reasons_always_escalated
    return [Failure(Rule.REASONS_ALWAYS_ESCALATED, Outcome.REQUIRE_APPROVAL, is_in(REASON, reasons))]


def return_window(document: PolicyDocument) -> list[Failure]:
    """Count whole days since delivery; where nobody knows them, any limit refers a payment we know."""
    windows = document.return_windows
    by_reason = {reason: _past(days) for reason, days in windows.days_by_reason.items()}
    by_basis = {basis: _past_the_window(window) for basis, window in windows.days_by_legal_basis.items()}
    usual = looked_up(_basis(windows), by_basis, _past_the_window(windows))
    claimed = sql("CASE WHEN {} = '' THEN {} ELSE {} END", LEGAL_BASIS, looked_up(REASON, by_reason, usual), usual)
    return [Failure(Rule.RETURN_WINDOW, Outcome.EXCEPTION, claimed if by_reason else usual)]


def final_sale(document: PolicyDocument) -> list[Failure]:
    """Refer goods that were sold for good."""
    if not document.exclusions.excludes_final_sale:
        return []
    return [Failure(Rule.FINAL_SALE, Outcome.EXCEPTION, line_with("final_sale", [True]))]


def excluded_product(document: PolicyDocument) -> list[Failure]:
    """Refer product categories that are not taken back."""
    excluded = document.exclusions.product_categories
    if not excluded:
        return []
    return [Failure(Rule.EXCLUDED_PRODUCT, Outcome.EXCEPTION, line_with("product_category", excluded))]


def condition(document: PolicyDocument) -> list[Failure]:
    """Refer goods in a state the reason does not allow; lines without a condition are not goods."""
    conditions = document.conditions
    by_reason = {reason: in_json(words) for reason, words in conditions.accepted_by_reason.items()}
    accepted = looked_up(REASON, by_reason, in_json(conditions.accepted))
    return [Failure(Rule.CONDITION, Outcome.EXCEPTION, line_in_another_condition(accepted))]


def restocking(document: PolicyDocument) -> list[Failure]:
    """Keep a share of opened or used goods with the shop, rounded down line by line."""
    shares = document.conditions.restocking_basis_points
    if not any(shares.values()):
        return []
    share = looked_up(LINE_CONDITION, shares, 0)
    kept = sum_of_lines("kept_minor", sql("{} * {} / 10000", LINE_MINOR, share))
    goods = sql("{} + {}", sum_of_lines("goods_minor", LINE_MINOR), SHIPPING_MINOR)
    is_kept_from = is_in(REASON, document.conditions.restocking_reasons)
    when = sql("{} AND {} > 0 AND {} > {} - {}", is_kept_from, kept, AMOUNT_MINOR, goods, kept)
    return [Failure(Rule.RESTOCKING, Outcome.REQUIRE_APPROVAL, when)]


def evidence(document: PolicyDocument) -> list[Failure]:
    """Demand evidence before an amount above a limit leaves."""
    on_charge = on_charge_minor(document)
    missing = {reason: _is_missing(demand, on_charge) for reason, demand in document.evidence.items()}
    return [Failure(Rule.EVIDENCE, Outcome.REQUIRE_APPROVAL, looked_up(REASON, missing, NEVER))] if missing else []


def _end_of_band(document: PolicyDocument, of: Callable[[Threshold], int]) -> Sql:
    """Find where a band ends, a category's own before the default's; NULL without any."""
    ends = {
        category: {currency: of(bands) for currency, bands in by_currency.items()}
        for category, by_currency in document.thresholds.items()
    }
    default = ends.pop(DEFAULT, {})
    own = {category: looked_up(CURRENCY, default | by_currency, NOTHING) for category, by_currency in ends.items()}
    return looked_up(CATEGORY, own, looked_up(CURRENCY, default, NOTHING))


def _basis(windows: ReturnWindows) -> Sql:
    """Name the ground that was claimed, else the reason's."""
    return sql("coalesce(nullif({}, ''), {})", LEGAL_BASIS, looked_up(REASON, windows.legal_basis_by_reason, Sql("''")))


def _past_the_window(window: BasisWindow | ReturnWindows) -> Sql:
    """Hold when the strictest limit of the lines that come back is passed: when that of any line is."""
    default, by_product = _past(window.default_days), window.days_by_product_category
    if not by_product:
        return default
    of_a_line = [
        sql("{} AND {}", _past(days), line_with("product_category", [product])) for product, days in by_product.items()
    ]
    of_another = sql("{} AND {}", default, line_without("product_category", by_product))
    return sql("CASE WHEN {} THEN {} ELSE {} END", HAS_LINES, any_of([*of_a_line, of_another]), default)


def _past(limit_days: int | None) -> Sql:
    """Hold when there is a limit, and the days are above it or not known of a payment that is."""
    if limit_days is None:
        return NEVER
    return sql("coalesce({} > {}, {})", DAYS_SINCE_DELIVERY, limit_days, PAYMENT_IS_FOUND)


def _is_missing(demand: EvidenceDemand, on_charge: Sql) -> Sql:
    limit_minor = looked_up(CURRENCY, demand.above_minor, NOTHING)
    kinds = json.dumps(sorted(demand.kinds))
    return sql("(coalesce({} > {}, FALSE) AND NOT {} @> {}::jsonb)", on_charge, limit_minor, EVIDENCE_KINDS, kinds)
