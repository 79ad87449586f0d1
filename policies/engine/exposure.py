"""The amount that counts: this outflow with what it may be a part of, so that splitting does not help."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from policies.engine.amounts import amount_words, day_words
from policies.engine.conduct import WINDOWS_DAYS
from policies.engine.words import Per

if TYPE_CHECKING:
    from policies.engine.document import PolicyDocument
    from policies.engine.facts import RefundFacts


class Earlier(NamedTuple):
    """What is added to an amount, in minor units of its currency, and where it comes from.

    `per` is empty for nothing; `window_days` is 0 for all that ever happened on the charge.
    """

    minor: int
    per: str
    window_days: int

    @property
    def words(self) -> str:
        """Say where it comes from."""
        if not self.window_days:
            return "on the same purchase"
        return f"of the same {self.per} within {day_words(self.window_days)}"


NOTHING = Earlier(0, "", 0)


def earlier(document: PolicyDocument, facts: RefundFacts) -> Earlier:
    """Find the largest sum the document adds; nothing for one that nobody counted."""
    sums = document.sums
    found = NOTHING
    if sums.same_charge and facts.charge_minor:
        found = Earlier(facts.charge_minor, Per.CHARGE, 0)
    for per, days in ((Per.CUSTOMER, sums.customer_days), (Per.AGENT, sums.agent_days)):
        recent = facts.recent_in(per, days) if days is not None else None
        if recent is not None and recent.minor > found.minor:
            found = Earlier(recent.minor, recent.per, recent.window_days)
    return found


class Parts(NamedTuple):
    """Which part of something larger this outflow is, 1 for a whole, and what the others come to, in minor units."""

    number: int
    others_minor: int


def parts(document: PolicyDocument, facts: RefundFacts) -> Parts:
    """Number this outflow among those of its purchase or its customer, as far as the document adds them up.

    What one agent entered for many customers adds up too, but is no part of the same.
    """
    sums = document.sums.model_copy(update={"agent_days": None})
    before = earlier(document.model_copy(update={"sums": sums}), facts)
    if not before.minor:
        return Parts(1, 0)
    days = before.window_days or max(WINDOWS_DAYS)
    counted = facts.recent_in(before.per, days)
    # Money may have gone back without any request of ours; that is a part too.
    return Parts(1 + max(counted.count if counted is not None else 0, 1), before.minor)


def exposure_minor(document: PolicyDocument, facts: RefundFacts) -> int:
    """Add up what bands and signatures are asked about."""
    return facts.amount_minor + earlier(document, facts).minor


def on_charge_minor(document: PolicyDocument, facts: RefundFacts) -> int:
    """Add up what evidence is asked about: parts of one purchase, not of one customer."""
    return facts.amount_minor + (facts.charge_minor if document.sums.same_charge else 0)


def exposure_words(document: PolicyDocument, facts: RefundFacts) -> str:
    """Say the amount, and what it adds up to when it is a part: `GBP 20.00, with GBP 40.00 on ... GBP 60.00`."""
    amount, before = amount_words(facts.amount_minor, facts.currency), earlier(document, facts)
    if not before.minor:
        return amount
    total = amount_words(facts.amount_minor + before.minor, facts.currency)
    return f"{amount}, with {amount_words(before.minor, facts.currency)} {before.words} {total}"
