"""The facts of a decision in plain words, in the order people ask about them."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING

from approvals.vocabulary import Category
from config.kernel.money import Money
from config.kernel.wording import counted, inside, joined, said
from evidence.vocabulary import EvidenceKind

from .vocabulary import Condition, LegalBasis, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .engine.facts import LineFact, Recent, RefundFacts

WEEKDAYS = (
    said("Monday"),
    said("Tuesday"),
    said("Wednesday"),
    said("Thursday"),
    said("Friday"),
    said("Saturday"),
    said("Sunday"),
)


def in_words(facts: RefundFacts) -> list[tuple[str, str]]:
    """List what was known, as a label and a sentence or number; what nobody looked at is left out."""
    return [(label, words) for label, words in _told(facts) if words]


def _told(facts: RefundFacts) -> Iterator[tuple[str, str]]:
    yield said("What"), _label(Category.choices, facts.category)
    yield said("Amount"), _money(facts.amount_minor, facts.currency)
    yield said("Reason"), _label(Reason.choices, facts.reason)
    yield said("Claimed ground"), _label(LegalBasis.choices, facts.legal_basis)
    yield said("Back by"), said("the way it was paid") if facts.method == "original" else facts.method.replace("_", " ")
    for line in facts.lines:
        yield said("Line {line}", line=line.line), _line(line, facts.currency)
    yield said("Shipping"), _money(facts.shipping_minor or None, facts.currency)
    yield said("Time"), _days(facts)
    yield said("Payment"), said("found") if facts.payment_is_found else said("not found")
    yield said("Left on the payment"), _money(facts.refundable_minor, facts.currency)
    yield said("Already given back on the charge"), _money(facts.charge_minor or None, facts.currency)
    yield said("Evidence"), _evidence(facts)
    yield said("Sent before"), facts.photo_reuse
    yield said("Customer for"), "" if facts.customer_tenure_days is None else _count(facts.customer_tenure_days)
    for recent in facts.recent:
        yield (
            said("Within a day") if recent.window_days == 1 else said("Within {count} days", count=recent.window_days),
            _recent(recent, facts.currency),
        )
    yield said("Dispute"), _dispute(facts)
    yield said("Granted exception"), facts.exception_code
    yield said("Asked"), _asked(facts)


def _label(choices: list[tuple[str, str]], word: str) -> str:
    return dict(choices).get(word, word)


def _money(minor: int | None, currency: str) -> str:
    return "" if minor is None else said("{amount}", amount=Money(minor, currency))


def _evidence(facts: RefundFacts) -> str:
    labels = dict(EvidenceKind.choices)
    kinds = [inside(labels.get(kind, kind.replace("_", " "))) for kind in sorted(facts.evidence_kinds)]
    return joined(kinds, ", ") or said("none")


def _line(line: LineFact, currency: str) -> str:
    told: list[str] = [counted("{count} piece", "{count} pieces", line.quantity), line.product_category]
    told += [_money(line.amount_minor, currency)]
    told += [inside(_label(Condition.choices, line.condition))] if line.condition else []
    told += [said("final sale")] if line.final_sale else []
    return joined(filter(None, told), ", ")


def _days(facts: RefundFacts) -> str:
    if facts.days_since_delivery is None:
        return said("not known")
    span, day = _count(facts.days_since_delivery), facts.counted_from_on
    if day is None:
        return (
            said("{days} since delivery", days=span)
            if facts.is_delivered
            else said("{days} since the order, not delivered yet", days=span)
        )
    return (
        said("{days} since delivery ({day})", days=span, day=day)
        if facts.is_delivered
        else said("{days} since the order, not delivered yet ({day})", days=span, day=day)
    )


def _count(days: int) -> str:
    return counted("{count} day", "{count} days", days)


def _recent(recent: Recent, currency: str) -> str:
    parts = {"count": recent.count, "amount": Money(recent.minor, currency)}
    if recent.per == "customer":
        told = said("{count} more of this customer, {amount}", **parts)
    elif recent.per == "agent":
        told = said("{count} more entered by this agent, {amount}", **parts)
    else:
        told = said("{count} more on this charge, {amount}", **parts)
    if recent.bought_minor is None:
        return told
    return joined([told, said("bought for {amount}", amount=Money(recent.bought_minor, currency))], "; ")


def _dispute(facts: RefundFacts) -> str:
    if not facts.dispute_is_open:
        return said("none open")
    hours = facts.dispute_due_in_hours
    if hours is None:
        return said("open")
    if hours < 0:
        return counted(
            "open, evidence was due {count} hour before", "open, evidence was due {count} hours before", -hours
        )
    return counted("open, evidence due in {count} hour", "open, evidence due in {count} hours", hours)


def _asked(facts: RefundFacts) -> str:
    told: list[str] = [] if facts.asked_weekday is None else [WEEKDAYS[facts.asked_weekday - 1]]
    told += [said("{day}", day=facts.asked_on)] if facts.asked_on else []
    if facts.asked_minute is not None:
        clock = time(*divmod(facts.asked_minute, 60))
        told += [said("{time} on the team's clock", time=f"{clock:%H:%M}")]
    return joined(told, ", ")
