"""The rules, one function each: what the document demands, what the facts are, a sentence that says both.

A rule that has nothing to say about these facts answers None.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from policies.engine.amounts import amount_words, articled, day_words, listed, share_words, spoken
from policies.engine.exposure import exposure_minor, exposure_words, on_charge_minor
from policies.engine.verdict import Compared, Finding
from policies.engine.words import Category, Outcome, Rule

if TYPE_CHECKING:
    from policies.engine.document import PolicyDocument
    from policies.engine.facts import LineFact, RefundFacts

TO_CUSTOMERS: Final = frozenset({Category.REFUND, Category.GOODWILL_CREDIT})
"""Outflows to a customer: a dispute and missing evidence matter. Of goods only refunds know."""

_PAYMENT_FOUND = Finding(
    Rule.PAYMENT_FOUND,
    passed=True,
    sentence="The payment was found.",
    fact=True,
    limit=True,
    outcome_if_failed=Outcome.EXCEPTION,
)
_NO_PAYMENT = _PAYMENT_FOUND._replace(passed=False, sentence="No payment matches this refund.", fact=False)
_NO_FINAL_SALE = Finding(
    Rule.FINAL_SALE,
    passed=True,
    sentence="Nothing here was a final sale.",
    fact=False,
    limit=False,
    outcome_if_failed=Outcome.EXCEPTION,
)
_NO_EXCLUDED = _NO_FINAL_SALE._replace(rule=Rule.EXCLUDED_PRODUCT, sentence="No product here is excluded.")
_NO_DISPUTE = {
    outcome: _NO_FINAL_SALE._replace(
        rule=Rule.OPEN_DISPUTE, sentence="No dispute is open on the payment.", outcome_if_failed=outcome
    )
    for outcome in (Outcome.EXCEPTION, Outcome.BLOCK)
}
_BALANCE_IS_UNKNOWN = "What is still refundable is not known."
_DISPUTE_IS_OPEN = "A dispute is open on the payment: a refund beside it could pay twice."


def _failed(rule: str, sentence: str, fact: Compared, limit: Compared, outcome: Outcome) -> Finding:
    return Finding(rule, False, sentence, fact, limit, outcome)


@lru_cache(maxsize=256)
def _threshold_rule(category: str, currency: str) -> str:
    return f"{Rule.THRESHOLDS}.{category}.{currency}"


@lru_cache(maxsize=256)
def _of_reason(rule: Rule, reason: str, outcome: Outcome, verb: str, *, passed: bool) -> Finding:
    """Keep the findings about reasons: there are few, and every decision needs two."""
    # What was only seen afterwards names no reason.
    sentence = f"The reason “{spoken(reason)}” {verb}." if reason else "No reason was named."
    return Finding(rule, passed, sentence, reason, None, outcome)


@lru_cache(maxsize=256)
def _condition_accepted(seen: frozenset[str], accepted: frozenset[str], reason: str) -> Finding:
    limit = listed(sorted(accepted), "or")
    sentence = f"Goods come back {limit}, as accepted for “{spoken(reason)}”."
    fact = ", ".join(sorted(seen))
    return Finding(Rule.CONDITION, True, sentence, fact, limit, Outcome.EXCEPTION)


def payment_found(_document: PolicyDocument, facts: RefundFacts) -> Finding:
    """Ask for a payment we know; without one a reviewer must look."""
    return _PAYMENT_FOUND if facts.payment_is_found else _NO_PAYMENT


def refundable_balance(_document: PolicyDocument, facts: RefundFacts) -> Finding | None:
    """Hold to what the payment still allows, whatever a document says."""
    if not facts.payment_is_found:
        return None
    limit = facts.refundable_minor
    if limit is None:
        return _failed(Rule.REFUNDABLE_BALANCE, _BALANCE_IS_UNKNOWN, None, None, Outcome.BLOCK)
    amount, left = amount_words(facts.amount_minor, facts.currency), amount_words(limit, facts.currency)
    passed = facts.amount_minor <= limit
    sentence = (
        f"{amount} is within the {left} still refundable."
        if passed
        else f"{amount} is more than the {left} still refundable."
    )
    return Finding(Rule.REFUNDABLE_BALANCE, passed, sentence, facts.amount_minor, limit, Outcome.BLOCK)


def open_dispute(document: PolicyDocument, facts: RefundFacts) -> Finding:
    """Stop a refund beside a dispute: it would pay the customer twice."""
    usual = _NO_DISPUTE[Outcome.BLOCK if document.open_dispute == "block" else Outcome.EXCEPTION]
    return usual._replace(passed=False, sentence=_DISPUTE_IS_OPEN, fact=True) if facts.dispute_is_open else usual


def reasons_blocked(document: PolicyDocument, facts: RefundFacts) -> Finding:
    """Stop the reasons for which money never leaves."""
    passed = facts.reason not in document.reasons_blocked
    verb = "is not blocked" if passed else "is blocked"
    return _of_reason(Rule.REASONS_BLOCKED, facts.reason, Outcome.BLOCK, verb, passed=passed)


def thresholds(document: PolicyDocument, facts: RefundFacts) -> Finding:
    """Place the amount, with what it is a part of, in its three bands; a currency without any is never automatic."""
    currency, minor = facts.currency, exposure_minor(document, facts)
    rule = _threshold_rule(facts.category, currency)
    bands = document.threshold_for(facts.category, currency)
    if bands is None:
        sentence = f"No threshold is set for a {spoken(facts.category)} in {currency}, so a person decides."
        return _failed(rule, sentence, minor, None, Outcome.REQUIRE_APPROVAL)
    amount = exposure_words(document, facts)
    if minor > bands.approve_up_to_minor:
        limit = bands.approve_up_to_minor
        sentence = f"Above {amount_words(limit, currency)} is blocked; this is {amount}."
        return _failed(rule, sentence, minor, limit, Outcome.BLOCK)
    limit = bands.auto_up_to_minor
    sentence = f"Up to {amount_words(limit, currency)} is automatic; this is {amount}."
    return Finding(rule, minor <= limit, sentence, minor, limit, Outcome.REQUIRE_APPROVAL)


def reasons_always_escalated(document: PolicyDocument, facts: RefundFacts) -> Finding:
    """Send some reasons to a person, whatever the amount."""
    passed = facts.reason not in document.reasons_always_escalated
    verb = "needs no person by itself" if passed else "always goes to a person"
    return _of_reason(Rule.REASONS_ALWAYS_ESCALATED, facts.reason, Outcome.REQUIRE_APPROVAL, verb, passed=passed)


def return_window(document: PolicyDocument, facts: RefundFacts) -> Finding | None:
    """Count whole days since delivery, or since the order while nothing was delivered."""
    limit = document.window_days(facts.reason, [line.product_category for line in facts.lines], facts.legal_basis)
    days = facts.days_since_delivery
    if limit is None or (days is None and not facts.payment_is_found):
        return None
    if days is None:
        sentence = f"It is not known how long ago this was delivered; {day_words(limit)} are allowed."
        return _failed(Rule.RETURN_WINDOW, sentence, None, limit, Outcome.EXCEPTION)
    passed = days <= limit
    if not passed:
        sentence = f"Outside the return window by {day_words(days - limit)}."
    elif facts.is_delivered:
        sentence = f"Returned {day_words(days)} after delivery, within {limit}."
    else:
        sentence = f"Asked {day_words(days)} after the order, within {limit}."
    return Finding(Rule.RETURN_WINDOW, passed, sentence, days, limit, Outcome.EXCEPTION)


def final_sale(document: PolicyDocument, facts: RefundFacts) -> Finding | None:
    """Refer goods that were sold for good."""
    if not facts.lines or not document.exclusions.excludes_final_sale:
        return None
    sold = final_sale_lines(document, facts)
    if not sold:
        return _NO_FINAL_SALE
    sentence = f"{_lines(sold)} {'was a final sale' if len(sold) == 1 else 'were final sales'}."
    return _NO_FINAL_SALE._replace(passed=False, sentence=sentence, fact=True)


def excluded_product(document: PolicyDocument, facts: RefundFacts) -> Finding | None:
    """Refer product categories that are not taken back."""
    if not facts.lines or not document.exclusions.product_categories:
        return None
    excluded = excluded_lines(document, facts)
    if not excluded:
        return _NO_EXCLUDED
    products = listed(sorted({spoken(line.product_category) for line in excluded}), "or")
    sentence = f"{_lines(excluded)} {_is(excluded)} {products}, which is not taken back."
    return _failed(Rule.EXCLUDED_PRODUCT, sentence, products, None, Outcome.EXCEPTION)


def condition(document: PolicyDocument, facts: RefundFacts) -> Finding | None:
    """Refer goods in a state the reason does not allow; lines without a condition are not goods."""
    seen = frozenset([line.condition for line in facts.lines if line.condition])
    if not seen:
        return None
    accepted = document.accepted_conditions(facts.reason)
    if seen <= accepted:
        return _condition_accepted(seen, accepted, facts.reason)
    refused = refused_lines(document, facts)
    limit, wrong = listed(sorted(accepted), "or"), listed(sorted(seen - accepted), "or")
    sentence = f"{_lines(refused)} {_is(refused)} {wrong}; for “{spoken(facts.reason)}” goods must be {limit}."
    return _failed(Rule.CONDITION, sentence, wrong, limit, Outcome.EXCEPTION)


def restocking(document: PolicyDocument, facts: RefundFacts) -> Finding | None:
    """Keep a share of opened or used goods with the shop; paying it back is a person's decision."""
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
    """Demand evidence before an amount above a limit leaves."""
    demand = document.evidence.get(facts.reason)
    limit = demand.above_minor.get(facts.currency) if demand else None
    if demand is None or limit is None or on_charge_minor(document, facts) <= limit:
        return None
    needed = articled(demand.kinds)
    passed = demand.kinds <= facts.evidence_kinds
    missing = demand.kinds - facts.evidence_kinds
    if len(demand.kinds) == 1:
        state = f"is needed, and it is {'missing' if missing else 'there'}"
    else:
        state = f"are needed; {articled(missing)} missing" if missing else "are needed, and there"
    sentence = f"Above {amount_words(limit, facts.currency)} {needed} {state}."
    present = ", ".join(sorted(facts.evidence_kinds))
    return Finding(Rule.EVIDENCE, passed, sentence, present, ", ".join(sorted(demand.kinds)), Outcome.REQUIRE_APPROVAL)


def final_sale_lines(document: PolicyDocument, facts: RefundFacts) -> list[LineFact]:
    """Find the lines sold for good, where the document minds."""
    return [line for line in facts.lines if line.final_sale] if document.exclusions.excludes_final_sale else []


def excluded_lines(document: PolicyDocument, facts: RefundFacts) -> list[LineFact]:
    """Find the lines of an excluded product category."""
    return [line for line in facts.lines if line.product_category in document.exclusions.product_categories]


def refused_lines(document: PolicyDocument, facts: RefundFacts) -> list[LineFact]:
    """Find the lines whose condition the reason does not accept."""
    accepted = document.accepted_conditions(facts.reason)
    return [line for line in facts.lines if line.condition and line.condition not in accepted]


def goods_minor(facts: RefundFacts) -> int:
    """Add up what goods and shipping cost, before any share is kept back."""
    return sum([line.amount_minor for line in facts.lines]) + facts.shipping_minor


def restocking_share_minor(document: PolicyDocument, facts: RefundFacts) -> int:
    """Work out what stays with the shop, rounded down line by line in the customer's favour."""
    shares = document.conditions.restocking_basis_points
    if not shares or facts.reason not in document.conditions.restocking_reasons:
        return 0
    return sum([line.amount_minor * shares.get(line.condition, 0) // 10_000 for line in facts.lines])


def _lines(lines: list[LineFact]) -> str:
    numbers = sorted([line.line for line in lines], key=lambda number: (len(number), number))
    return f"{'Line' if len(numbers) == 1 else 'Lines'} {listed(numbers)}"


def _is(lines: list[LineFact]) -> str:
    return "is" if len(lines) == 1 else "are"
