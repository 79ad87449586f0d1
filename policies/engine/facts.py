"""What a policy is asked about: the facts of one outflow, frozen as seen, stored beside the decision."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class LineFact:
    """One position that comes back: `line` is its number on the order, `amount_minor` what the pieces cost.

    `condition` is a word of `Condition`, or empty where goods have none (a subscription).
    """

    line: str
    product_category: str = ""
    condition: str = ""
    final_sale: bool = False
    quantity: int = 1
    amount_minor: int = 0


@dataclass(frozen=True, slots=True)
class RefundFacts:
    """Everything a decision rests on; the caller counts days and balances, the engine never asks back.

    `days_since_delivery` counts whole days since delivery, or since the order was placed while `is_delivered` is
    false; `counted_from_on` is the day that count starts. `refundable_minor` is what the payment still allows, without
    this request. `exception_code` is the code a reviewer granted, else empty. Codes are plain words: an unknown
    reason or category is judged by the rules that fit everything.
    """

    category: str
    amount_minor: int
    currency: str
    reason: str
    method: str = "original"
    lines: tuple[LineFact, ...] = ()
    shipping_minor: int = 0
    days_since_delivery: int | None = None
    is_delivered: bool = False
    counted_from_on: date | None = None
    evidence_kinds: frozenset[str] = field(default_factory=frozenset)
    payment_is_found: bool = False
    refundable_minor: int | None = None
    customer_tenure_days: int | None = None
    exception_code: str = ""
    dispute_is_open: bool = False

    def __post_init__(self) -> None:
        """Refuse what no outflow can be.

        :raises ValueError: for a negative amount
        """
        if self.amount_minor < 0:
            message = "An outflow cannot be negative."
            raise ValueError(message)

    def to_json(self) -> dict[str, Any]:
        """Write the facts as JSON types; `from_json` reads exactly these facts back."""
        return {
            "category": self.category,
            "amount_minor": self.amount_minor,
            "currency": self.currency,
            "reason": self.reason,
            "method": self.method,
            "lines": [
                {
                    "line": line.line,
                    "product_category": line.product_category,
                    "condition": line.condition,
                    "final_sale": line.final_sale,
                    "quantity": line.quantity,
                    "amount_minor": line.amount_minor,
                }
                for line in self.lines
            ],
            "shipping_minor": self.shipping_minor,
            "days_since_delivery": self.days_since_delivery,
            "is_delivered": self.is_delivered,
            "counted_from_on": self.counted_from_on.isoformat() if self.counted_from_on else None,
            "evidence_kinds": sorted(self.evidence_kinds),
            "payment_is_found": self.payment_is_found,
            "refundable_minor": self.refundable_minor,
            "customer_tenure_days": self.customer_tenure_days,
            "exception_code": self.exception_code,
            "dispute_is_open": self.dispute_is_open,
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Read stored facts; a field younger than the record takes its default, so old decisions replay for ever."""
        known: dict[str, Any] = {**stored}
        known["lines"] = tuple(LineFact(**line) for line in stored.get("lines", ()))
        known["evidence_kinds"] = frozenset(stored.get("evidence_kinds", ()))
        day = stored.get("counted_from_on")
        known["counted_from_on"] = date.fromisoformat(day) if day else None
        return cls(**known)
