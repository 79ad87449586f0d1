"""Closed lists of the policies, as people read them; the engine's own words are `policies.engine.words`."""

from __future__ import annotations

from django.db.models import TextChoices

from config.kernel.wording import said


class Outcome(TextChoices):
    """What a rule says, mildest first."""

    ALLOW = "allow", said("Automatic")
    REQUIRE_APPROVAL = "require_approval", said("Needs approval")
    EXCEPTION = "exception", said("Exception review")
    BLOCK = "block", said("Blocked")


class Mode(TextChoices):
    """Whether a verdict is only recorded, or gates."""

    SHADOW = "shadow", said("Shadow")
    ENFORCE = "enforce", said("Enforce")


class Reason(TextChoices):
    """Why a customer should get money back."""

    DAMAGED = "damaged", said("Damaged")
    NOT_AS_DESCRIBED = "not_as_described", said("Not as described")
    WRONG_ITEM = "wrong_item", said("Wrong item")
    NOT_RECEIVED = "not_received", said("Not received")
    LATE_DELIVERY = "late_delivery", said("Late delivery")
    CHANGED_MIND = "changed_mind", said("Changed mind")
    DUPLICATE_CHARGE = "duplicate_charge", said("Charged twice")
    BILLING_ERROR = "billing_error", said("Billing error")
    SERVICE_OUTAGE = "service_outage", said("Service outage")
    CANCELLED_SUBSCRIPTION = "cancelled_subscription", said("Cancelled subscription")
    PRICE_PROMISE = "price_promise", said("Price promise")
    FRAUDULENT = "fraudulent", said("Fraudulent")
    OTHER = "other", said("Other")


class Condition(TextChoices):
    """The state goods come back in."""

    UNOPENED = "unopened", said("Unopened")
    OPENED = "opened", said("Opened")
    WORN = "worn", said("Worn")
    DAMAGED = "damaged", said("Damaged")
    MISSING = "missing", said("Missing")


class VersionState(TextChoices):
    """Where an edition of a policy stands."""

    DRAFT = "draft", said("Draft")
    IN_REVIEW = "in_review", said("In review")
    SHADOW = "shadow", said("In shadow")
    SCHEDULED = "scheduled", said("Scheduled")
    PUBLISHED = "published", said("Published")
    RETIRED = "retired", said("Retired")


class LeakageClass(TextChoices):
    """Whether better work would have kept the money."""

    UNAVOIDABLE = "unavoidable", said("Unavoidable")
    PREVENTABLE = "preventable", said("Preventable")
    DISCRETIONARY = "discretionary", said("Discretionary")
    FRAUD = "fraud", said("Fraud")
    STATUTORY = "statutory", said("Statutory")


class CodeState(TextChoices):
    """Where a standard code is in its life."""

    DRAFT = "draft", said("Draft")
    ACTIVE = "active", said("Active")
    RETIRED = "retired", said("Retired")
    MERGED = "merged", said("Merged")


class CodeKind(TextChoices):
    """Which of the two catalogues a code stands in; also the word its ledger goes by."""

    REASON = "reason_code", said("Reason")
    EXCEPTION = "exception_code", said("Exception code")


class ChangeCategory(TextChoices):
    """How a change of policy comes into force."""

    NORMAL = "normal", said("Normal")
    EMERGENCY = "emergency", said("Emergency")


class ProposalState(TextChoices):
    """Where a proposed switch between shadow and enforce stands."""

    PROPOSED = "proposed", said("Waits for a second person")
    CONFIRMED = "confirmed", said("Confirmed")
    REFUSED = "refused", said("Refused")


class LegalBasis(TextChoices):
    """On what ground goods may come back."""

    WITHDRAWAL = "withdrawal", said("Right of withdrawal")
    WARRANTY = "warranty", said("Warranty")
    GOODWILL = "goodwill", said("Goodwill")
    RECALL = "recall", said("Recall")


class ActionState(TextChoices):
    """Where a governed action is in its life."""

    ASKED = "asked", said("Asked")
    WATCHED = "watched", said("Only watched")
    ALLOWED = "allowed", said("Allowed")
    AWAITING_APPROVAL = "awaiting_approval", said("Awaiting approval")
    BLOCKED = "blocked", said("Blocked")
    REFUSED = "refused", said("Refused")
    LAPSED = "lapsed", said("Lapsed")
    EXECUTING = "executing", said("Being carried out")
    DONE = "done", said("Done")
    FAILED = "failed", said("Failed")
    OBSERVED = "observed", said("Ungoverned")
    EXPLAINED = "explained", said("Ungoverned, explained")


class Explanation(TextChoices):
    """Why money left without a decision, as finance found out."""

    SCHEDULE = "schedule", said("Runs on a schedule at the processor")
    DASHBOARD = "dashboard", said("Made by a colleague at the processor")
    SHOP = "shop", said("Made in the shop's own back office")
    MIRROR = "mirror", said("Only the shop's note of a refund that Redress paid")
    EMERGENCY = "emergency", said("Urgent, and decided elsewhere")
    MISTAKE = "mistake", said("Made by mistake")
    SUSPECTED = "suspected", said("Suspected misuse, followed up")
    OTHER = "other", said("Something else")
