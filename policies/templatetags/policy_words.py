"""The rules of a policy by the names people know them under."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from approvals.vocabulary import Category
from policies.engine.words import Rule
from policies.vocabulary import Outcome

register = template.Library()

NAMES = {
    Rule.PAYMENT_FOUND: _("Payment"),
    Rule.REFUNDABLE_BALANCE: _("Refundable balance"),
    Rule.OPEN_DISPUTE: _("Open dispute"),
    Rule.DISPUTE_DEADLINE: _("Dispute deadline"),
    Rule.REASONS_BLOCKED: _("Blocked reasons"),
    Rule.THRESHOLDS: _("Amount"),
    Rule.REASONS_ALWAYS_ESCALATED: _("Reasons a person decides"),
    Rule.TENURE: _("Tenure"),
    Rule.BUSINESS_HOURS: _("Business hours"),
    Rule.LEGAL_BASIS: _("Legal basis"),
    Rule.RETURN_WINDOW: _("Return window"),
    Rule.FINAL_SALE: _("Final sale"),
    Rule.EXCLUDED_PRODUCT: _("Excluded products"),
    Rule.CONDITION: _("Condition of the goods"),
    Rule.RESTOCKING: _("Restocking fee"),
    Rule.EVIDENCE: _("Evidence"),
    Rule.VELOCITY: _("Velocity"),
    Rule.EXCEPTION: _("Exception"),
}


@register.filter
def rule_name(code: str) -> str:
    """Name a rule: `{{ finding.rule|rule_name }}` of `thresholds.refund.GBP` prints Amount."""
    name = code.partition(".")[0]
    return gettext(NAMES[Rule(name)]) if name in NAMES else name.replace("_", " ").capitalize()


@register.filter
def category_words(category: str) -> str:
    """Name a way for money to leave: `goodwill_credit` prints Goodwill credit."""
    return Category(category).label if category in Category.values else category


@register.filter
def outcome_words(outcome: str | None) -> str:
    """Name an outcome: `require_approval` prints Needs approval."""
    return Outcome(outcome).label if outcome in Outcome.values else outcome or ""
