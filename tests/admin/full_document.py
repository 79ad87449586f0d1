"""A document that uses every chapter, each in every way it knows."""

from __future__ import annotations

from typing import Any, Final

FULL_DOCUMENT: Final[dict[str, Any]] = {
    "schema_version": 2,
    "thresholds": {
        "default": {
            "GBP": {"auto_up_to_minor": 50_00, "approve_up_to_minor": 5_000_00},
            "JPY": {"auto_up_to_minor": 5_000, "approve_up_to_minor": 500_000},
        },
        "goodwill_credit": {"GBP": {"auto_up_to_minor": 0, "approve_up_to_minor": 10_50}},
        "dispute": {"KWD": {"auto_up_to_minor": 1_250, "approve_up_to_minor": 10_000}},
    },
    "return_windows": {
        "default_days": 30,
        "days_by_product_category": {"food": 2, "furniture": None},
        "days_by_legal_basis": {
            "withdrawal": {"default_days": 14, "days_by_product_category": {"food": 1, "software": None}},
            "recall": {"default_days": None, "days_by_product_category": {}},
        },
        "legal_basis_by_reason": {"changed_mind": "withdrawal", "damaged": "warranty"},
        "days_by_reason": {"duplicate_charge": None, "not_received": 90},
    },
    "conditions": {
        "accepted": ["opened", "unopened"],
        "accepted_by_reason": {"damaged": ["damaged", "opened"], "other": []},
        "restocking_basis_points": {"opened": 12_50, "worn": 0},
        "restocking_reasons": ["changed_mind", "other"],
    },
    "exclusions": {"excludes_final_sale": False, "product_categories": ["gift_card", "perishable food"]},
    "reasons_always_escalated": ["fraudulent"],
    "reasons_blocked": ["price_promise"],
    "open_dispute": "exception",
    "evidence": {"damaged": {"kinds": ["photo", "receipt"], "above_minor": {"GBP": 0, "JPY": 2_000}}},
    "approval": {
        "tiers": {
            "GBP": [
                {
                    "up_to_minor": 500_00,
                    "steps": [
                        {
                            "role": "approver",
                            "quorum": 1,
                            "sla_hours": 4,
                            "escalates_to": "finance",
                            "out_of": 2,
                            "is_parallel": False,
                        }
                    ],
                },
                {
                    "up_to_minor": 2_000_00,
                    "steps": [
                        {"role": "approver", "quorum": 2, "sla_hours": 8, "escalates_to": None},
                        {
                            "role": "manager",
                            "quorum": 1,
                            "sla_hours": 24,
                            "escalates_to": "approver",
                            "out_of": None,
                            "is_parallel": True,
                        },
                    ],
                },
            ],
            "JPY": [
                {
                    "up_to_minor": 50_000,
                    "steps": [{"role": "approver", "quorum": 1, "sla_hours": 4, "escalates_to": None}],
                }
            ],
        },
        "otherwise": [
            {"role": "approver", "quorum": 1, "sla_hours": 24, "escalates_to": "manager"},
            {"role": "approver", "quorum": 3, "sla_hours": 48, "escalates_to": None},
        ],
        "also": [
            {
                "role": "manager",
                "quorum": 2,
                "sla_hours": 8,
                "escalates_to": "director",
                "out_of": 3,
                "is_parallel": True,
                "when": {
                    "risks": ["high", "medium"],
                    "reasons": ["damaged"],
                    "exception_codes": ["NEVER_HEARD_OF", "OTHER"],
                    "categories": ["payout", "refund"],
                    "above_minor": {"GBP": 100_00, "SEK": 0},
                },
            },
            {"role": "director", "sla_hours": 8, "when": {"risks": ["low"]}},
        ],
    },
    "exception_codes": {"payment_found": ["NO_RECEIPT", "OTHER"], "condition": ["NEVER_HEARD_OF"]},
    "risk": {"new_customer_days": 0, "reasons": ["fraudulent", "other"], "large_above_minor": {"EUR": 1_000_00}},
    "sums": {"same_charge": True, "customer_days": 30, "agent_days": 1},
    "velocity": [
        {
            "per": "customer",
            "window_days": 30,
            "most_count": 5,
            "most_minor": {"GBP": 500_00, "JPY": 0},
            "most_share_basis_points": 33_33,
            "outcome": "exception",
        },
        {
            "per": "customer",
            "window_days": 30,
            "most_count": 2,
            "most_minor": {},
            "most_share_basis_points": None,
            "outcome": "require_approval",
        },
        {
            "per": "agent",
            "window_days": 1,
            "most_count": 0,
            "most_minor": {"CHF": 100_00},
            "most_share_basis_points": None,
            "outcome": "block",
        },
    ],
    "tenure": {"minimum_days": 30, "auto_up_to_minor": {"GBP": 20_00, "USD": 0}},
    "business_hours": {
        "spans": [
            {"weekdays": [1, 2, 3, 4, 5], "opens": "09:00", "closes": "12:30"},
            {"weekdays": [1, 2, 3, 4, 5], "opens": "13:30", "closes": "24:00"},
            {"weekdays": [6], "opens": "10:00", "closes": "14:00"},
        ],
        "closed_on": ["2026-12-25", "2027-01-01"],
        "auto_up_to_minor": {"GBP": 5_00, "NOK": 10_00},
    },
    "dispute_deadline_hours": 48,
    "release_above_minor": {"GBP": 800_00, "SEK": 0},
}
"""JSON as it is stored, sets in order."""
