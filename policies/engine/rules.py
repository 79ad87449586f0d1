"""The rules, one function each: what the document demands, what the facts are, a sentence that says both.

A rule that has nothing to say about these facts answers None.
"""

from __future__ import annotations

from typing import Final

from policies.engine.amounts import amount_words, day_words, listed, share_words, spoken
from policies.engine.document import PolicyDocument
from policies.engine.facts import LineFact, RefundFacts
from policies.engine.verdict import Finding
from policies.engine.words import Category, Outcome, Rule

TO_CUSTOMERS: Final = frozenset({Category.REFUND, Category.GOODWILL_CREDIT})
"""Outflows to a customer: a dispute and missing evidence matter. Of goods only refunds know."""

_PAYMENT_FOUND = Finding(Rule.PAYMENT_FOUND, True, "The payment was found.", True, True, Outcome.EXCEPTION)
_NO_PAYMENT = _PAYMENT_FOUND._replace(passed=False, sentence="No payment matches this refund.", fact=False)
_BALANCE_UNKNOWN = Finding(
    Rule.REFUNDABLE_BALANCE, False, "What is still refundable is not known.", None, None, Outcome.BLOCK
)
_NO_FINAL_SALE = Finding(Rule.FINAL_SALE, True, "Nothing here was a final sale.", False, False, Outcome.EXCEPTION)
_NO_EXCLUDED = Finding(Rule.EXCLUDED_PRODUCT, True, "No product here is excluded.", False, False, Outcome.EXCEPTION)


def payment_found(_document: PolicyDocument, facts: RefundFacts) -> Finding:
    """A refund gives back a payment we know; without one a reviewer must look."""
    return _PAYMENT_FOUND if facts.payment_is_found else _NO_PAYMENT


def refundable_balance(_document: PolicyDocument, facts: RefundFacts) -> Finding | None:
    """More than the payment still allows never leaves, whatever a document says."""
    if not facts.payment_is_found:
        return None
    limit = facts.refundable_minor
    if limit is None:
        return _BALANCE_UNKNOWN
    amount, left = amount_words(facts.amount_minor, facts.currency), amount_words(limit, facts.currency)
    passed = facts.amount_minor <= limit
    sentence = (
        f"{amount} is within the {left} still refundable."
        if passed
        else f"{amount} is more than the {left} still refundable."
    )
    return Finding(Rule.REFUNDABLE_BALANCE, passed, sentence, facts.amount_minor, limit, Outcome.BLOCK)


def open_dispute(document: PolicyDocument, facts: RefundFacts) -> Finding:
    """A refund beside a dispute pays the customer twice."""
    outcome = Outcome(document.open_dispute)
    if facts.dispute_is_open:
        sentence = "A dispute is open on the payment: a refund beside it could pay twice."
        return Finding(Rule.OPEN_DISPUTE, False, sentence, True, False, outcome)
    return Finding(Rule.OPEN_DISPUTE, True, "No dispute is open on the payment.", False, False, outcome)


def reasons_blocked(document: PolicyDocument, facts: RefundFacts) -> Finding:
    """Reasons for which money never leaves."""
    passed = facts.reason not in document.reasons_blocked
    verb = "is not blocked" if passed else "is blocked"
    sentence = f"The reason “{spoken(facts.reason)}” {verb}."
    return Finding(Rule.REASONS_BLOCKED, passed, sentence, facts.reason, None, Outcome.BLOCK)


def thresholds(document: PolicyDocument, facts: RefundFacts) -> Finding:
    """The three bands of the amount; a currency without any is never automatic."""
    currency, minor = facts.currency, facts.amount_minor
    rule = f"{Rule.THRESHOLDS}.{facts.category}.{currency}"
    bands = document.threshold_for(facts.category, currency)
    if bands is None:
        sentence = f"No threshold is set for a {spoken(facts.category)} in {currency}, so a person decides."
        return Finding(rule, False, sentence, minor, None, Outcome.REQUIRE_APPROVAL)
    amount = amount_words(minor, currency)
    if minor > bands.approve_up_to_minor:
        limit = bands.approve_up_to_minor
        sentence = f"Above {amount_words(limit, currency)} is blocked; this is {amount}."
        return Finding(rule, False, sentence, minor, limit, Outcome.BLOCK)
    limit = bands.auto_up_to_minor
    sentence = f"Up to {amount_words(limit, currency)} is automatic; this is {amount}."
    return Finding(rule, minor <= limit, sentence, minor, limit, Outcome.REQUIRE_APPROVAL)


def reasons_always_escalated(document: PolicyDocument, facts: RefundFacts) -> Finding:
    """Reasons a person looks at, whatever the amount."""
    passed = facts.reason not in document.reasons_always_escalated
    verb = "needs no person by itself" if passed else "always goes to a person"
    sentence = f"The reason “{spoken(facts.reason)}” {verb}."
    return Finding(Rule.REASONS_ALWAYS_ESCALATED, passed, sentence, facts.reason, None, Outcome.REQUIRE_APPROVAL)


def return_window(document: PolicyDocument, facts: RefundFacts) -> Finding | None:
    """Whole days since delivery, or since the order while nothing was delivered."""
    limit = document.window_days(facts.reason, frozenset([line.product_category for line in facts.lines]))
    days = facts.days_since_delivery
    if limit is None or (days is None and not facts.payment_is_found):
        return None
    if days is None:
        sentence = f"It is not known how long ago this was delivered; {day_words(limit)} are allowed."
        return Finding(Rule.RETURN_WINDOW, False, sentence, None, limit, Outcome.EXCEPTION)
    passed = days <= limit
    if not passed:
        sentence = f"Outside the return window by {day_words(days - limit)}."
    elif facts.is_delivered:
        sentence = f"Returned {day_words(days)} after delivery, within {limit}."
    else:
        sentence = f"Asked {day_words(days)} after the order, within {limit}."
    return Finding(Rule.RETURN_WINDOW, passed, sentence, days, limit, Outcome.EXCEPTION)


def final_sale(document: PolicyDocument, facts: RefundFacts) -> Finding | None:
    """Goods sold for good come back only as an exception."""
    if not facts.lines or not document.exclusions.excludes_final_sale:
        return None
    sold = final_sale_lines(document, facts)
    if not sold:
        return _NO_FINAL_SALE
    sentence = f"{_lines(sold)} {'was a final sale' if len(sold) == 1 else 'were final sales'}."
    return Finding(Rule.FINAL_SALE, False, sentence, True, False, Outcome.EXCEPTION)


def excluded_product(document: PolicyDocument, facts: RefundFacts) -> Finding | None:
    """Product categories that come back only as an exception."""
    if not facts.lines or not document.exclusions.product_categories:
        return None
    excluded = excluded_lines(document, facts)
    if not excluded:
        return _NO_EXCLUDED
    products = listed(sorted({spoken(line.product_category) for line in excluded}), "or")
    sentence = f"{_lines(excluded)} {_is(excluded)} {products}, which is not taken back."
    return Finding(Rule.EXCLUDED_PRODUCT, False, sentence, products, None, Outcome.EXCEPTION)


def condition(document: PolicyDocument, facts: RefundFacts) -> Finding | None:
    """Goods come back in a state the reason allows; lines without a condition are not goods."""
    if not any([line.condition for line in facts.lines]):
        return None
    limit = listed(sorted(document.accepted_conditions(facts.reason)), "or")
    refused = refused_lines(document, facts)
    if not refused:
        sentence = f"Goods come back {limit}, as accepted for “{spoken(facts.reason)}”."
        seen = ", ".join(sorted({line.condition for line in facts.lines if line.condition}))
        return Finding(Rule.CONDITION, True, sentence, seen, limit, Outcome.EXCEPTION)
    seen = listed(sorted({line.condition for line in refused}), "or")
    sentence = f"{_lines(refused)} {_is(refused)} {seen}; for “{spoken(facts.reason)}” goods must be {limit}."
    return Finding(Rule.CONDITION, False, sentence, seen, limit, Outcome.EXCEPTION)


def restocking(document: PolicyDocument, facts: RefundFacts) -> Finding | None:
    """A share of opened or used goods stays with the shop; paying it back is a person's decision."""
    kept = restocking_share_minor(document, facts)
    if not kept:
        return None
    shares = document.conditions.restocking_basis_points
    on = listed(
        [
            f"{share_words(shares[word])} on {word}"
            for word in sorted({line.condition for line in facts.lines} & shares.keys())
        ]
    )
    limit = goods_minor(facts) - kept
    passed = facts.amount_minor <= limit
    sentence = f"{on} goods stays with the shop: up to {amount_words(limit, facts.currency)} goes back."
    return Finding(Rule.RESTOCKING, passed, sentence, facts.amount_minor, limit, Outcome.REQUIRE_APPROVAL)


def evidence(document: PolicyDocument, facts: RefundFacts) -> Finding | None:
    """Evidence that must be there before an amount above a limit leaves."""
    demand = document.evidence.get(facts.reason)
    limit = demand.above_minor.get(facts.currency) if demand else None
    if demand is None or limit is None or facts.amount_minor <= limit:
        return None
    needed = listed([f"a {spoken(kind)}" for kind in sorted(demand.kinds)])
    passed = demand.kinds <= facts.evidence_kinds
    state = "and it is there" if passed else "and it is missing"
    sentence = f"Above {amount_words(limit, facts.currency)} {needed} is needed, {state}."
    present = ", ".join(sorted(facts.evidence_kinds))
    return Finding(Rule.EVIDENCE, passed, sentence, present, ", ".join(sorted(demand.kinds)), Outcome.REQUIRE_APPROVAL)


def final_sale_lines(document: PolicyDocument, facts: RefundFacts) -> list[LineFact]:
    """The lines sold for good, where the document minds."""
    return [line for line in facts.lines if line.final_sale] if document.exclusions.excludes_final_sale else []


def excluded_lines(document: PolicyDocument, facts: RefundFacts) -> list[LineFact]:
    """The lines of an excluded product category."""
    return [line for line in facts.lines if line.product_category in document.exclusions.product_categories]


def refused_lines(document: PolicyDocument, facts: RefundFacts) -> list[LineFact]:
    """The lines whose condition the reason does not accept."""
    accepted = document.accepted_conditions(facts.reason)
    return [line for line in facts.lines if line.condition and line.condition not in accepted]


def goods_minor(facts: RefundFacts) -> int:
    """What goods and shipping of the request cost, before any share is kept back."""
    return sum([line.amount_minor for line in facts.lines]) + facts.shipping_minor


def restocking_share_minor(document: PolicyDocument, facts: RefundFacts) -> int:
    """The part of the goods' price that stays with the shop, rounded down line by line in the customer's favour."""
    shares = document.conditions.restocking_basis_points
    if not shares or facts.reason not in document.conditions.restocking_reasons:
        return 0
    return sum([line.amount_minor * shares.get(line.condition, 0) // 10_000 for line in facts.lines])


def _lines(lines: list[LineFact]) -> str:
    numbers = sorted([line.line for line in lines], key=lambda number: (len(number), number))
    return f"{'Line' if len(numbers) == 1 else 'Lines'} {listed(numbers)}"


def _is(lines: list[LineFact]) -> str:
    return "is" if len(lines) == 1 else "are"
