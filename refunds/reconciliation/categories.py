"""One small vocabulary for what a line is: Stripe's reporting categories, whatever a file calls it."""

from __future__ import annotations

UNKNOWN = "unknown"
"""A kind of line that a format does not know; a file may have a few of them."""

MOST_UNKNOWN_PERCENT = 1

_STRIPE = (
    "charge charge_failure partial_capture_reversal refund refund_failure dispute dispute_reversal fee network_cost"
    " tax payout payout_reversal payout_minimum_balance_hold payout_minimum_balance_release transfer transfer_reversal"
    " topup topup_reversal other_adjustment risk_reserved_funds unreconciled_customer_funds platform_earning"
    " platform_earning_refund anticipation_repayment contribution currency_conversion"
)
_STRIPE_FAMILIES = ("connect_", "issuing_", "financing_", "climate_", "advance", "obligation_", "minimum_balance_")

KNOWN = frozenset({*_STRIPE.split(), "credit", "debit", "hold", "hold_release"})
"""Beside Stripe's words: a bank's `credit` and `debit`, and money that a processor holds back for a while."""


def is_known(category: str) -> bool:
    """Tell whether a category is one of ours."""
    return category in KNOWN or category.startswith(_STRIPE_FAMILIES)
