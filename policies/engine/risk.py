"""How closely a person should look, from signals anyone can name; it changes no outcome, only who signs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.engine.amounts import amount_words, day_words, spoken
from policies.engine.exposure import exposure_minor
from policies.engine.words import REUSED, Category, Condition, PhotoReuse, Risk

if TYPE_CHECKING:
    from policies.engine.document import PolicyDocument
    from policies.engine.facts import RefundFacts


def weigh_risk(document: PolicyDocument, facts: RefundFacts) -> tuple[Risk, tuple[str, ...]]:
    """Weigh the signals: one makes the risk medium; two, or a single grave one, make it high."""
    hints = document.risk
    grave: list[str] = []
    light: list[str] = []
    if facts.reason in hints.reasons:
        grave.append(f"The reason is “{spoken(facts.reason)}”.")
    if facts.dispute_is_open:
        grave.append("A dispute is open on the payment.")
    if facts.photo_reuse in REUSED:
        same = "The same file" if facts.photo_reuse == PhotoReuse.EXACT else "Likely the same photo"
        grave.append(f"{same} was sent with another request before.")
    tenure_days = facts.customer_tenure_days
    if tenure_days is not None and tenure_days < hints.new_customer_days:
        light.append(f"A customer for {day_words(tenure_days)} only.")
    if facts.method == "bank_transfer":
        light.append("The money goes to another account than it came from.")
    if facts.category == Category.REFUND and not facts.payment_is_found:
        light.append("No payment matches.")
    large_minor = hints.large_above_minor.get(facts.currency)
    # The sum counts here too, or a split would save a signature that large amounts need.
    if large_minor is not None and exposure_minor(document, facts) > large_minor:
        light.append(f"More than {amount_words(large_minor, facts.currency)}.")
    if Condition.MISSING in [line.condition for line in facts.lines]:
        light.append("Goods are missing.")
    signals = (*grave, *light)
    if grave or len(light) > 1:
        return Risk.HIGH, signals
    return (Risk.MEDIUM if light else Risk.LOW), signals
