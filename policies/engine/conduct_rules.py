"""The rules about who asks how often, since when, at what hour and on what ground.

As in `rules`, a rule that has nothing to say about these facts answers nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policies.engine.amounts import amount_words, day_words, share_words, spoken
from policies.engine.exposure import exposure_minor, exposure_words
from policies.engine.verdict import Finding
from policies.engine.words import Outcome, Per, Rule

if TYPE_CHECKING:
    from policies.engine.conduct import VelocityLimit
    from policies.engine.document import PolicyDocument
    from policies.engine.facts import Recent, RefundFacts

_WHOSE: Final[dict[str, str]] = {Per.CUSTOMER: "this customer", Per.CHARGE: "this charge", Per.AGENT: "this agent"}


def velocity(document: PolicyDocument, facts: RefundFacts) -> list[Finding]:
    """Hold each limit against what was counted, this outflow included; a window nobody counted says nothing."""
    found = []
    for limit in document.velocity:
        recent = facts.recent_in(limit.per, limit.window_days)
        if recent is not None:
            found.append(_velocity(limit, recent, facts))
    return found


def velocity_limit_minor(limit: VelocityLimit, recent: Recent, currency: str) -> int | None:
    """Find how much may go back in the window at most, by money and by share; None when neither limits it."""
    found = [limit.most_minor[currency]] if currency in limit.most_minor else []
    if limit.most_share_basis_points is not None and recent.bought_minor is not None:
        found.append(recent.bought_minor * limit.most_share_basis_points // 10_000)
    return min(found, default=None)


def _velocity(limit: VelocityLimit, recent: Recent, facts: RefundFacts) -> Finding:
    rule, days = f"{Rule.VELOCITY}.{limit.per}.{limit.window_days}", day_words(limit.window_days)
    whose, outcome = _WHOSE[limit.per], limit.severity
    count, minor = recent.count + 1, recent.minor + facts.amount_minor
    if limit.most_count is not None and count > limit.most_count:
        sentence = f"This is number {count} of {whose} within {days}; {limit.most_count} go without a closer look."
        return Finding(rule, False, sentence, count, limit.most_count, outcome)
    most_minor = velocity_limit_minor(limit, recent, facts.currency)
    if most_minor is None:
        sentence = f"This is number {count} of {whose} within {days}."
        return Finding(rule, True, sentence, count, limit.most_count, outcome)
    total, most = amount_words(minor, facts.currency), amount_words(most_minor, facts.currency)
    if limit.per == Per.AGENT:
        sentence = f"With this {whose} entered {total} within {days}; up to {most} goes without a closer look."
        return Finding(rule, minor <= most_minor, sentence, minor, most_minor, outcome)
    share = limit.most_share_basis_points
    of_share = f", {share_words(share)} of the purchases at most," if share is not None else ""
    sentence = f"With this {total} go back to {whose} within {days}; up to {most}{of_share} goes without a closer look."
    return Finding(rule, minor <= most_minor, sentence, minor, most_minor, outcome)


def tenure(document: PolicyDocument, facts: RefundFacts) -> Finding | None:
    """Keep large automatic amounts from customers nobody knows yet."""
    rule = document.tenure
    if rule is None:
        return None
    days = facts.customer_tenure_days
    if days is not None and days >= rule.minimum_days:
        sentence = f"A customer for {day_words(days)}, longer than {day_words(rule.minimum_days - 1)}."
        return Finding(Rule.TENURE, True, sentence, days, rule.minimum_days, Outcome.REQUIRE_APPROVAL)
    limit = rule.auto_up_to_minor.get(facts.currency, 0)
    who = "A customer for nobody knows how long" if days is None else f"A customer for {day_words(days)}"
    sentence = f"{who}: {_little(document, facts, limit)}"
    total = exposure_minor(document, facts)
    return Finding(Rule.TENURE, total <= limit, sentence, total, limit, Outcome.REQUIRE_APPROVAL)


def business_hours(document: PolicyDocument, facts: RefundFacts) -> Finding | None:
    """Keep large automatic amounts out of hours in which nobody could look."""
    rule = document.business_hours
    if rule is None or facts.asked_weekday is None or facts.asked_minute is None or facts.asked_on is None:
        return None
    clock = f"{facts.asked_minute // 60:02}:{facts.asked_minute % 60:02}"
    if rule.are_open(facts.asked_weekday, facts.asked_minute, facts.asked_on.isoformat()):
        return Finding(
            Rule.BUSINESS_HOURS, True, f"Asked at {clock}, in business hours.", clock, None, Outcome.REQUIRE_APPROVAL
        )
    limit = rule.auto_up_to_minor.get(facts.currency, 0)
    sentence = f"Asked at {clock}, outside business hours: {_little(document, facts, limit)}"
    total = exposure_minor(document, facts)
    return Finding(Rule.BUSINESS_HOURS, total <= limit, sentence, total, limit, Outcome.REQUIRE_APPROVAL)


def dispute_deadline(document: PolicyDocument, facts: RefundFacts) -> Finding | None:
    """Bring a person in, at any amount, while evidence for a dispute is due soon or overdue."""
    limit, hours = document.dispute_deadline_hours, facts.dispute_due_in_hours
    if limit is None or hours is None:
        return None
    passed = hours > limit
    due = f"Evidence for a dispute is due in {hours} hours" if hours >= 0 else "Evidence for a dispute is overdue"
    sentence = f"{due}; a person decides within {limit} hours of the deadline."
    return Finding(Rule.DISPUTE_DEADLINE, passed, sentence, hours, limit, Outcome.REQUIRE_APPROVAL)


def legal_basis(document: PolicyDocument, facts: RefundFacts) -> Finding | None:
    """Let a person check a ground that somebody claimed and the reason does not give."""
    if not facts.legal_basis:
        return None
    usual = document.legal_basis(facts.reason, "")
    passed = facts.legal_basis == usual
    claimed = f"The legal basis “{spoken(facts.legal_basis)}”"
    sentence = (
        f"{claimed} is that of the reason “{spoken(facts.reason)}”."
        if passed
        else f"{claimed} was claimed; the reason “{spoken(facts.reason)}” does not give it, so a person checks."
    )
    return Finding(Rule.LEGAL_BASIS, passed, sentence, facts.legal_basis, usual, Outcome.REQUIRE_APPROVAL)


def _little(document: PolicyDocument, facts: RefundFacts, limit_minor: int) -> str:
    up_to = f"up to {amount_words(limit_minor, facts.currency)} is automatic" if limit_minor else "nothing is automatic"
    return f"{up_to}; this is {exposure_words(document, facts)}."
