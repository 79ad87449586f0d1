"""Closed lists of the policies, as people read them; the engine's own words are `policies.engine.words`."""

from __future__ import annotations

from django.db.models import TextChoices


class Category(TextChoices):
    """A way for money to leave."""

    REFUND = "refund", "Refund"
    GOODWILL_CREDIT = "goodwill_credit", "Goodwill credit"
    PAYOUT = "payout", "Payout"
    TRANSFER = "transfer", "Transfer"
    TRANSFER_REVERSAL = "transfer_reversal", "Transfer reversal"
    DISPUTE = "dispute", "Dispute"
    APPLICATION_FEE_REFUND = "application_fee_refund", "Application fee refund"


class Outcome(TextChoices):
    """What a rule says, mildest first."""

    ALLOW = "allow", "Automatic"
    REQUIRE_APPROVAL = "require_approval", "Needs approval"
    EXCEPTION = "exception", "Exception review"
    BLOCK = "block", "Blocked"


class Mode(TextChoices):
    """Whether a verdict is only recorded, or gates."""

    SHADOW = "shadow", "Shadow"
    ENFORCE = "enforce", "Enforce"


class Reason(TextChoices):
    """Why a customer should get money back."""

    DAMAGED = "damaged", "Damaged"
    NOT_AS_DESCRIBED = "not_as_described", "Not as described"
    WRONG_ITEM = "wrong_item", "Wrong item"
    NOT_RECEIVED = "not_received", "Not received"
    LATE_DELIVERY = "late_delivery", "Late delivery"
    CHANGED_MIND = "changed_mind", "Changed mind"
    DUPLICATE_CHARGE = "duplicate_charge", "Charged twice"
    BILLING_ERROR = "billing_error", "Billing error"
    SERVICE_OUTAGE = "service_outage", "Service outage"
    CANCELLED_SUBSCRIPTION = "cancelled_subscription", "Cancelled subscription"
    PRICE_PROMISE = "price_promise", "Price promise"
    FRAUDULENT = "fraudulent", "Fraudulent"
    OTHER = "other", "Other"


class Condition(TextChoices):
    """The state goods come back in."""

    UNOPENED = "unopened", "Unopened"
    OPENED = "opened", "Opened"
    WORN = "worn", "Worn"
    DAMAGED = "damaged", "Damaged"
    MISSING = "missing", "Missing"


class VersionState(TextChoices):
    """Where an edition of a policy stands."""

    DRAFT = "draft", "Draft"
    IN_REVIEW = "in_review", "In review"
    SHADOW = "shadow", "In shadow"
    SCHEDULED = "scheduled", "Scheduled"
    PUBLISHED = "published", "Published"
    RETIRED = "retired", "Retired"


class LeakageClass(TextChoices):
    """Whether better work would have kept the money."""

    UNAVOIDABLE = "unavoidable", "Unavoidable"
    PREVENTABLE = "preventable", "Preventable"
    DISCRETIONARY = "discretionary", "Discretionary"
    FRAUD = "fraud", "Fraud"
    STATUTORY = "statutory", "Statutory"


class CodeState(TextChoices):
    """Where a standard code is in its life."""

    DRAFT = "draft", "Draft"
    ACTIVE = "active", "Active"
    RETIRED = "retired", "Retired"
    MERGED = "merged", "Merged"


class CodeKind(TextChoices):
    """Which of the two catalogues a code stands in; also the word its ledger goes by."""

    REASON = "reason_code", "Reason"
    EXCEPTION = "exception_code", "Exception code"


class ChangeCategory(TextChoices):
    """How a change of policy comes into force."""

    NORMAL = "normal", "Normal"
    EMERGENCY = "emergency", "Emergency"


class ProposalState(TextChoices):
    """Where a proposed switch between shadow and enforce stands."""

    PROPOSED = "proposed", "Waits for a second person"
    CONFIRMED = "confirmed", "Confirmed"
    REFUSED = "refused", "Refused"


class LegalBasis(TextChoices):
    """On what ground goods may come back."""

    WITHDRAWAL = "withdrawal", "Right of withdrawal"
    WARRANTY = "warranty", "Warranty"
    GOODWILL = "goodwill", "Goodwill"
    RECALL = "recall", "Recall"


class ActionState(TextChoices):
    """Where a governed action is in its life."""

    ASKED = "asked", "Asked"
    WATCHED = "watched", "Only watched"
    ALLOWED = "allowed", "Allowed"
    AWAITING_APPROVAL = "awaiting_approval", "Awaiting approval"
    BLOCKED = "blocked", "Blocked"
    REFUSED = "refused", "Refused"
    LAPSED = "lapsed", "Lapsed"
    EXECUTING = "executing", "Being carried out"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    OBSERVED = "observed", "Ungoverned"
    EXPLAINED = "explained", "Ungoverned, explained"


class Explanation(TextChoices):
    """Why money left without a decision, as finance found out."""

    SCHEDULE = "schedule", "Runs on a schedule at the processor"
    DASHBOARD = "dashboard", "Made by a colleague at the processor"
    SHOP = "shop", "Made in the shop's own back office"
    MIRROR = "mirror", "Only the shop's note of a refund that Redress paid"
    EMERGENCY = "emergency", "Urgent, and decided elsewhere"
    MISTAKE = "mistake", "Made by mistake"
    SUSPECTED = "suspected", "Suspected misuse, followed up"
    OTHER = "other", "Something else"
