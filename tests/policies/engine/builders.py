"""Facts and documents the engine's tests start from, and strategies that vary them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from hypothesis import strategies as st

from policies.engine.document import PolicyDocument, parse_document
from policies.engine.facts import LineFact, RefundFacts
from policies.engine.words import Category, Condition, EvidenceKind, Reason
from policies.templates import typed_templates

CURRENCIES: Final = ("GBP", "JPY", "KWD")
AUTO_MINOR, MOST_MINOR = 5_000, 500_000


def raw_document(**changes: Any) -> dict[str, Any]:
    """Write a small document in currencies of two, no and three decimals; `changes` replace chapters."""
    raw: dict[str, Any] = {
        "schema_version": 1,
        "thresholds": {
            "default": {
                currency: {"auto_up_to_minor": AUTO_MINOR, "approve_up_to_minor": MOST_MINOR} for currency in CURRENCIES
            },
            "goodwill_credit": {"GBP": {"auto_up_to_minor": 1_000, "approve_up_to_minor": 2_000}},
        },
        "return_windows": {
            "default_days": 30,
            "days_by_product_category": {"food": 7, "furniture": 60},
            "days_by_reason": {"duplicate_charge": None, "not_received": 90},
        },
        "conditions": {
            "accepted": ["opened", "unopened"],
            "accepted_by_reason": {
                "damaged": ["damaged", "opened", "unopened"],
                "not_received": ["missing", "opened", "unopened"],
            },
        },
        "exclusions": {"product_categories": ["gift_card"]},
        "reasons_always_escalated": ["fraudulent"],
        "reasons_blocked": ["service_outage"],
        "evidence": {"damaged": {"kinds": ["photo"], "above_minor": {"GBP": 2_000}}},
        "approval": {
            "tiers": {
                "GBP": [
                    {"up_to_minor": 50_000, "steps": [{"role": "approver", "sla_hours": 4}]},
                    {
                        "up_to_minor": 200_000,
                        "steps": [
                            {"role": "approver", "sla_hours": 8},
                            {"role": "finance", "quorum": 2, "sla_hours": 12},
                        ],
                    },
                ]
            },
            "otherwise": [{"role": "approver", "sla_hours": 24}],
        },
        "exception_codes": {
            "payment_found": ["NO_RECEIPT", "OTHER"],
            "return_window": ["WINDOW_EXPIRED", "OTHER"],
            "final_sale": ["GOODWILL_RETENTION", "OTHER"],
            "condition": ["OTHER"],
        },
    }
    return raw | changes


def document(**changes: Any) -> PolicyDocument:
    """Parse the small document."""
    return parse_document(raw_document(**changes))


def goods(number: str = "1", **changes: Any) -> LineFact:
    """Describe one opened vase."""
    usual: dict[str, Any] = {"product_category": "home", "condition": "opened", "amount_minor": 4_000}
    return LineFact(number, **usual | changes)


def refund(**changes: Any) -> RefundFacts:
    """Return a vase eight days after delivery, automatic under every document here."""
    usual: dict[str, Any] = {
        "category": "refund",
        "amount_minor": 4_000,
        "currency": "GBP",
        "reason": "changed_mind",
        "lines": (goods(),),
        "days_since_delivery": 8,
        "is_delivered": True,
        "counted_from_on": date(2026, 2, 1),
        "payment_is_found": True,
        "refundable_minor": 10_000_000,
        "customer_tenure_days": 400,
    }
    return RefundFacts(**usual | changes)


amounts_minor = st.one_of(
    st.integers(0, 3_000_000),
    st.sampled_from([1_000, 2_000, AUTO_MINOR, 20_000, 50_000, 250_000, MOST_MINOR]).flatmap(
        lambda limit: st.integers(limit - 1, limit + 1)
    ),
)

line_facts = st.builds(
    LineFact,
    line=st.integers(1, 30).map(str),
    product_category=st.sampled_from(["", "home", "food", "furniture", "gift_card"]),
    condition=st.sampled_from(["", *map(str, Condition)]),
    final_sale=st.booleans(),
    quantity=st.integers(1, 20),
    amount_minor=st.integers(0, 100_000),
)

refund_facts = st.builds(
    RefundFacts,
    category=st.sampled_from(list(map(str, Category))),
    amount_minor=amounts_minor,
    currency=st.sampled_from([*CURRENCIES, "USD", "CHF"]),
    reason=st.sampled_from([*map(str, Reason), "scheduled"]),
    method=st.sampled_from(["original", "store_credit", "bank_transfer"]),
    lines=st.lists(line_facts, max_size=4).map(tuple),
    shipping_minor=st.integers(0, 2_000),
    days_since_delivery=st.none() | st.integers(0, 120),
    is_delivered=st.booleans(),
    counted_from_on=st.none() | st.integers(0, 700).map(lambda days: date(2025, 1, 1) + timedelta(days=days)),
    evidence_kinds=st.frozensets(st.sampled_from(list(map(str, EvidenceKind)))),
    payment_is_found=st.booleans(),
    refundable_minor=st.none() | st.integers(0, 3_000_000),
    customer_tenure_days=st.none() | st.integers(0, 3_000),
    exception_code=st.sampled_from(["", "OTHER", "WINDOW_EXPIRED"]),
    dispute_is_open=st.booleans(),
)
"""Anything an outflow can be."""

returned_lines = st.builds(
    goods,
    number=st.integers(1, 30).map(str),
    product_category=st.sampled_from(["home", "food", "furniture"]),
    condition=st.sampled_from(["", "unopened", "opened", "opened", "worn"]),
    final_sale=st.sampled_from([False, False, False, True]),
    amount_minor=st.integers(0, 100_000),
)

plain_refunds = st.builds(
    refund,
    amount_minor=st.integers(AUTO_MINOR + 1, 1_000_000) | st.integers(1, AUTO_MINOR),
    reason=st.sampled_from(["changed_mind", "damaged", "not_received", "duplicate_charge"]),
    lines=st.lists(returned_lines, min_size=1, max_size=3, unique_by=lambda line: line.line).map(tuple),
    days_since_delivery=st.integers(0, 120),
    is_delivered=st.booleans(),
    refundable_minor=st.integers(AUTO_MINOR, 1_000_000) | st.integers(1, AUTO_MINOR),
    dispute_is_open=st.booleans(),
)
"""Refunds on a known payment: mostly mendable, so that explanations have something to say."""


def restocking_document() -> PolicyDocument:
    """Parse the small document, keeping 15 % on opened goods."""
    conditions = raw_document()["conditions"] | {"restocking_basis_points": {"opened": 1_500}}
    return document(conditions=conditions)


_IN_POUNDS = [document(), document(open_dispute="exception"), restocking_document()]

documents = st.sampled_from([*_IN_POUNDS, *[template.parsed for template in typed_templates()]])

documents_in_pounds = st.sampled_from(
    [*_IN_POUNDS, *[template.parsed for template in typed_templates() if template.currency == "GBP"]]
)
"""Documents under which a refund in GBP can be automatic."""
