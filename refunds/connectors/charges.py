"""Under which gateway a charge is kept that a shop took: the one we can pay back through, if the shop names its id."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from refunds.gateways.bank_transfer import ManualBankTransfer
from refunds.orders.sold import PaymentFacts

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from config.kernel.money import Money

STRIPE = "stripe"
OF_STRIPE = re.compile(r"(?<![A-Za-z0-9_])(?:pi|ch|py)_[A-Za-z0-9]{8,100}")


def charge_of(
    *, by: Any, told: Iterable[Any], own_id: str, channel: str, amount: Money, captured_at: datetime, last4: str = ""
) -> PaymentFacts:
    """Keep a charge under Stripe where the shop pays by Stripe and names Stripe's id; elsewhere under a bank transfer.

    What was paid through a processor we are not connected to can only go back by a transfer; Shopify Payments is one of
    those, although its ids look like Stripe's: the account behind it is not ours to use.
    """
    paid_by = by if isinstance(by, str) else ""
    named = next((found[0] for one in told if isinstance(one, str) and (found := OF_STRIPE.search(one))), "")
    is_stripe = paid_by.lower().startswith(STRIPE) and bool(named)
    return PaymentFacts(
        gateway=STRIPE if is_stripe else ManualBankTransfer.name,
        external_id=named if is_stripe else f"{channel}/{own_id}",
        captured_minor=amount.minor,
        currency=amount.currency,
        captured_at=captured_at,
        method=plain(paid_by, 40),
        last4=last4,
    )


def plain(told: Any, longest: int) -> str:
    """Read a word or two, cut to what its column holds; empty for anything but text."""
    return told.replace("\x00", "").strip()[:longest] if isinstance(told, str) else ""
