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
class Recent:
    """What one customer asked for, was asked for on one charge, or one agent entered, within a window of days.

    Without the outflow that is judged. `minor` counts the outflow's own currency alone, `count` all of them;
    `bought_minor` is what was paid in the window in that currency, None where nobody looked.
    """

    per: str
    window_days: int
    count: int
    minor: int
    bought_minor: int | None = None


@dataclass(frozen=True, slots=True)
class RefundFacts:
    """Everything a decision rests on; the caller counts days and balances, the engine never asks back.

    `days_since_delivery` counts whole days since delivery, or since the order was placed while `is_delivered` is
    false; `counted_from_on` is the day that count starts. `refundable_minor` is what the payment still allows, without
    this request; `charge_minor` is what went back or is spoken for on the same purchase already, by whichever of its
    charges. `exception_code` is the
    code a reviewer granted, else empty. `legal_basis` is the ground somebody claimed, empty to go by the reason.
    `recent` holds the windows somebody counted; a window that is not there is not known. `asked_weekday` (Monday is 1),
    `asked_minute` of the day and `asked_on` are the team's own clock. `dispute_due_in_hours` counts to the moment when
    evidence is due, negative once it has passed. `photo_reuse` is how likely a photo was sent before with another
    outflow: a word of `PhotoReuse`, or empty. Codes are plain words: an unknown reason or category is judged by the
    rules that fit everything.
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
    dispute_due_in_hours: int | None = None
    legal_basis: str = ""
    charge_minor: int = 0
    recent: tuple[Recent, ...] = ()
    asked_weekday: int | None = None
    asked_minute: int | None = None
    asked_on: date | None = None
    photo_reuse: str = ""

    def recent_in(self, per: str, window_days: int) -> Recent | None:
        """Find a window somebody counted."""
        for recent in self.recent:
            if recent.window_days == window_days and recent.per == per:
                return recent
        return None

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
            "dispute_due_in_hours": self.dispute_due_in_hours,
            "legal_basis": self.legal_basis,
            "charge_minor": self.charge_minor,
            "recent": {
                f"{recent.per}.{recent.window_days}": [recent.count, recent.minor, recent.bought_minor]
                for recent in self.recent
            },
            "asked_weekday": self.asked_weekday,
            "asked_minute": self.asked_minute,
            "asked_on": self.asked_on.isoformat() if self.asked_on else None,
            "photo_reuse": self.photo_reuse,
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Read stored facts; a field younger than the record takes its default, so old decisions replay for ever."""
        known: dict[str, Any] = {**stored}
        known["lines"] = tuple(LineFact(**line) for line in stored.get("lines", ()))
        known["evidence_kinds"] = frozenset(stored.get("evidence_kinds", ()))
        known["recent"] = tuple(_recent(window, seen) for window, seen in stored.get("recent", {}).items())
        for day in ("counted_from_on", "asked_on"):
            known[day] = date.fromisoformat(stored[day]) if stored.get(day) else None
        return cls(**known)


def _recent(window: str, seen: list[int | None]) -> Recent:
    per, _, days = window.partition(".")
    count, minor, bought_minor = seen
    return Recent(per, int(days), count or 0, minor or 0, bought_minor)
