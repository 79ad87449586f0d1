"""The closed lists the engine reasons with; `policies.vocabulary` gives them labels for people."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Category(StrEnum):
    """A way for money to leave."""

    REFUND = "refund"
    GOODWILL_CREDIT = "goodwill_credit"
    PAYOUT = "payout"
    TRANSFER = "transfer"
    TRANSFER_REVERSAL = "transfer_reversal"
    DISPUTE = "dispute"
    APPLICATION_FEE_REFUND = "application_fee_refund"


class Outcome(StrEnum):
    """What a rule says, mildest first."""

    ALLOW = "allow"
    REQUIRE_APPROVAL = "require_approval"
    EXCEPTION = "exception"
    BLOCK = "block"


class Reason(StrEnum):
    """Why a customer should get money back."""

    DAMAGED = "damaged"
    NOT_AS_DESCRIBED = "not_as_described"
    WRONG_ITEM = "wrong_item"
    NOT_RECEIVED = "not_received"
    LATE_DELIVERY = "late_delivery"
    CHANGED_MIND = "changed_mind"
    DUPLICATE_CHARGE = "duplicate_charge"
    BILLING_ERROR = "billing_error"
    SERVICE_OUTAGE = "service_outage"
    CANCELLED_SUBSCRIPTION = "cancelled_subscription"
    PRICE_PROMISE = "price_promise"
    FRAUDULENT = "fraudulent"
    OTHER = "other"


class Condition(StrEnum):
    """The state goods come back in."""

    UNOPENED = "unopened"
    OPENED = "opened"
    WORN = "worn"
    DAMAGED = "damaged"
    MISSING = "missing"


class LegalBasis(StrEnum):
    """On what ground goods may come back; each ground has its own window."""

    WITHDRAWAL = "withdrawal"
    WARRANTY = "warranty"
    GOODWILL = "goodwill"
    RECALL = "recall"


class Per(StrEnum):
    """Whose outflows are counted together."""

    CUSTOMER = "customer"
    CHARGE = "charge"
    AGENT = "agent"


class EvidenceKind(StrEnum):
    """What a piece of evidence shows."""

    PHOTO = "photo"
    RECEIPT = "receipt"
    CARRIER_PROOF = "carrier_proof"
    CUSTOMER_MESSAGE = "customer_message"
    BANK_PROOF = "bank_proof"
    OTHER = "other"


class PhotoReuse(StrEnum):
    """How likely a photo was sent before with another request."""

    EXACT = "exact"
    LIKELY = "likely"
    POSSIBLE = "possible"


REUSED: Final = frozenset({PhotoReuse.EXACT, PhotoReuse.LIKELY})
"""What counts; what is only possible is shown to people and changes nothing."""


class Rule(StrEnum):
    """The rules every document has, in the order they are asked.

    A threshold's finding carries the category and currency too: `thresholds.refund.GBP`; one of velocity whose outflows
    it counts, and over how many days: `velocity.customer.30`.
    """

    PAYMENT_FOUND = "payment_found"
    REFUNDABLE_BALANCE = "refundable_balance"
    OPEN_DISPUTE = "open_dispute"
    DISPUTE_DEADLINE = "dispute_deadline"
    REASONS_BLOCKED = "reasons_blocked"
    THRESHOLDS = "thresholds"
    REASONS_ALWAYS_ESCALATED = "reasons_always_escalated"
    TENURE = "tenure"
    BUSINESS_HOURS = "business_hours"
    LEGAL_BASIS = "legal_basis"
    RETURN_WINDOW = "return_window"
    FINAL_SALE = "final_sale"
    EXCLUDED_PRODUCT = "excluded_product"
    CONDITION = "condition"
    RESTOCKING = "restocking"
    EVIDENCE = "evidence"
    VELOCITY = "velocity"
    EXCEPTION = "exception"


class Risk(StrEnum):
    """How closely a person should look."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


SEVERITY: Final[dict[str, int]] = {outcome: rank for rank, outcome in enumerate(Outcome)}
"""Worst outcome wins; the ranks say which is worse."""
