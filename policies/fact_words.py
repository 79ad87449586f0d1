"""The facts of a decision in plain words, in the order people ask about them."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING

from approvals.vocabulary import Category
from config.kernel.money import Money

from .vocabulary import Condition, LegalBasis, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .engine.facts import LineFact, Recent, RefundFacts

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
PER = {"customer": "of this customer", "charge": "on this charge", "agent": "entered by this agent"}


def in_words(facts: RefundFacts) -> list[tuple[str, str]]:
    """List what was known, as a label and a sentence or number; what nobody looked at is left out."""
    return [(label, words) for label, words in _told(facts) if words]


def _told(facts: RefundFacts) -> Iterator[tuple[str, str]]:
    yield "What", _label(Category.choices, facts.category)
    yield "Amount", str(Money(facts.amount_minor, facts.currency))
    yield "Reason", _label(Reason.choices, facts.reason)
    yield "Claimed ground", _label(LegalBasis.choices, facts.legal_basis)
    yield "Back by", "the way it was paid" if facts.method == "original" else facts.method.replace("_", " ")
    for line in facts.lines:
        yield f"Line {line.line}", _line(line, facts.currency)
    yield "Shipping", str(Money(facts.shipping_minor, facts.currency)) if facts.shipping_minor else ""
    yield "Time", _days(facts)
    yield "Payment", "found" if facts.payment_is_found else "not found"
    yield "Left on the payment", _money(facts.refundable_minor, facts.currency)
    yield "Already given back on the charge", _money(facts.charge_minor or None, facts.currency)
    yield "Evidence", ", ".join(kind.replace("_", " ") for kind in sorted(facts.evidence_kinds)) or "none"
    yield "Sent before", facts.photo_reuse
    yield "Customer for", "" if facts.customer_tenure_days is None else _count(facts.customer_tenure_days)
    for recent in facts.recent:
        yield (
            "Within a day" if recent.window_days == 1 else f"Within {recent.window_days} days",
            _recent(recent, facts.currency),
        )
    yield "Dispute", _dispute(facts)
    yield "Granted exception", facts.exception_code
    yield "Asked", _asked(facts)


def _label(choices: list[tuple[str, str]], word: str) -> str:
    return str(dict(choices).get(word, word))


def _money(minor: int | None, currency: str) -> str:
    return "" if minor is None else str(Money(minor, currency))


def _line(line: LineFact, currency: str) -> str:
    told = [f"{line.quantity} {'piece' if line.quantity == 1 else 'pieces'}", line.product_category]
    told += [str(Money(line.amount_minor, currency))]
    told += [_label(Condition.choices, line.condition).lower()] if line.condition else []
    told += ["final sale"] if line.final_sale else []
    return ", ".join(filter(None, told))


def _days(facts: RefundFacts) -> str:
    if facts.days_since_delivery is None:
        return "not known"
    since = "delivery" if facts.is_delivered else "the order, not delivered yet"
    day = f" ({facts.counted_from_on:%d %B %Y})" if facts.counted_from_on else ""
    return f"{_count(facts.days_since_delivery)} since {since}{day}"


def _count(days: int) -> str:
    return "1 day" if days == 1 else f"{days} days"


def _recent(recent: Recent, currency: str) -> str:
    told = f"{recent.count} more {PER.get(recent.per, recent.per)}, {Money(recent.minor, currency)}"
    return told if recent.bought_minor is None else f"{told}; bought for {Money(recent.bought_minor, currency)}"


def _dispute(facts: RefundFacts) -> str:
    if not facts.dispute_is_open:
        return "none open"
    hours = facts.dispute_due_in_hours
    if hours is None:
        return "open"
    return f"open, evidence due in {hours} hours" if hours >= 0 else f"open, evidence was due {-hours} hours before"


def _asked(facts: RefundFacts) -> str:
    told = [] if facts.asked_weekday is None else [WEEKDAYS[facts.asked_weekday - 1]]
    told += [f"{facts.asked_on:%d %B %Y}"] if facts.asked_on else []
    told += (
        [f"{time(*divmod(facts.asked_minute, 60)):%H:%M} on the team's clock"] if facts.asked_minute is not None else []
    )
    return ", ".join(told)
