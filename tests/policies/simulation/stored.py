"""Decisions as they were stored, without asking any engine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from policies.engine.facts import RefundFacts
from policies.models import PolicyDecision

if TYPE_CHECKING:
    from policies.models import PolicyVersion

FIRST_DAY = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)

_numbers = count(1)


def facts_of(minor: int, **changes: Any) -> RefundFacts:
    """Describe a refund of a known payment that nothing but its amount speaks against."""
    usual: dict[str, Any] = {
        "category": "refund",
        "amount_minor": minor,
        "currency": "GBP",
        "reason": "changed_mind",
        "days_since_delivery": 5,
        "payment_is_found": True,
        "refundable_minor": 10_000_00,
        "customer_tenure_days": 400,
    }
    return RefundFacts(**usual | changes)


def decided(
    version: PolicyVersion, outcome: str, minor: int, *, day: int = 0, is_trial: bool = False, **changes: Any
) -> PolicyDecision:
    """Store a decision of so many days after the first of October; `changes` are of its facts."""
    facts, number = facts_of(minor, **changes), next(_numbers)
    return PolicyDecision.objects.create(
        version=version,
        subject_kind="refund_request",
        subject_id=uuid4(),
        reference=f"RR-{number:04}",
        page=f"/requests/RR-{number:04}/",
        is_trial=is_trial,
        category=facts.category,
        mode="enforce",
        outcome=outcome,
        matched_rule=f"thresholds.refund.{facts.currency}",
        amount_minor=minor,
        allowed_minor=0,
        currency=facts.currency,
        facts=facts.to_json(),
        findings=[],
        decided_at=FIRST_DAY + timedelta(days=day),
    )


def a_dozen(version: PolicyVersion) -> list[PolicyDecision]:
    """Store twelve decisions of an autumn, eleven in force and one trial, that the tests sum up by hand."""
    return [
        decided(version, "allow", 30_00, day=0),
        decided(version, "allow", 45_00, day=0),
        decided(version, "allow", 50_00, day=1),
        decided(version, "require_approval", 55_00, day=1),
        decided(version, "require_approval", 60_00, day=2),
        decided(version, "require_approval", 60_01, day=2),
        decided(version, "require_approval", 700_00, day=3),
        decided(version, "block", 6_000_00, day=3),
        decided(version, "exception", 20_00, day=4, days_since_delivery=40),
        decided(version, "require_approval", 10_00, day=4, currency="EUR"),
        decided(version, "allow", 40_00, day=9, customer_tenure_days=None),
        decided(version, "require_approval", 999_00, day=9, is_trial=True),
    ]


def draft_document(version: PolicyVersion) -> dict[str, Any]:
    """Write what somebody would like instead: 60.00 automatic, two of finance above 500.00, new customers less."""
    step = {"role": "approver", "sla_hours": 4}
    document: dict[str, Any] = version.document
    return document | {
        "thresholds": {"default": {"GBP": {"auto_up_to_minor": 60_00, "approve_up_to_minor": 5_000_00}}},
        "tenure": {"minimum_days": 30, "auto_up_to_minor": {"GBP": 20_00}},
        "approval": {
            "tiers": {
                "GBP": [
                    {"up_to_minor": 500_00, "steps": [step]},
                    {"up_to_minor": 5_000_00, "steps": [step, {"role": "finance", "quorum": 2, "sla_hours": 8}]},
                ]
            },
            "otherwise": [step],
        },
    }
