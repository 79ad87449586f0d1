"""The closed lists of evidence."""

from django.db import models


class EvidenceKind(models.TextChoices):
    """What a piece of evidence is."""

    PHOTO = "photo", "Photo"
    RECEIPT = "receipt", "Receipt"
    CARRIER_PROOF = "carrier_proof", "Proof from the carrier"
    CUSTOMER_MESSAGE = "customer_message", "Message from the customer"
    BANK_PROOF = "bank_proof", "Proof from the bank"
    IDENTITY_DOCUMENT = "identity_document", "Identity document"
    OTHER = "other", "Other"


SENSITIVE_KINDS = frozenset({EvidenceKind.IDENTITY_DOCUMENT})
"""Seen only with a right of their own, or by whoever added them."""


class ScanState(models.TextChoices):
    """What the virus scanner said of a file."""

    UNSCANNED = "unscanned", "Not scanned"
    WAITING = "waiting", "Waits for the virus scan"
    CLEAN = "clean", "Scanned"
    INFECTED = "infected", "Quarantined"


SHOWN_STATES = frozenset({ScanState.UNSCANNED, ScanState.CLEAN})
"""Without a scanner nothing waits for one."""


class Turn(models.IntegerChoices):
    """A way to look at a picture when it is compared."""

    UPRIGHT = 0, "As it stands"
    MIRRORED = 1, "Mirrored"
    QUARTER = 2, "Turned a quarter"
    HALF = 3, "Turned a half"
    THREE_QUARTERS = 4, "Turned three quarters"
    WITHOUT_EDGES = 5, "Without its edges"


class Likelihood(models.TextChoices):
    """How likely two files show the same picture, the surest first; the words sort that way too."""

    EXACT = "exact", "The same file"
    LIKELY = "likely", "Likely the same photo"
    POSSIBLE = "possible", "Unlikely, but possibly the same photo"


class DecisionPoint(models.TextChoices):
    """A moment at which something is decided, and something must prove it."""

    REQUEST = "request", "Request"
    EXCEPTION = "exception", "Exception"
    APPROVAL = "approval", "Approval"
    POLICY_CHANGE = "policy_change", "Policy change"
    EMERGENCY_CHANGE = "emergency_change", "Emergency change"
    PAYOUT = "payout", "Payout"
    MESSAGE = "message", "Message to the customer"
    REMEDIATION_CLOSURE = "remediation_closure", "Closing a remediation item"


class Artifact(models.TextChoices):
    """What proves a decision: a file of a kind, under the word of `EvidenceKind`, or a record that we write."""

    PHOTO = "photo", "Photo"
    RECEIPT = "receipt", "Receipt"
    CARRIER_PROOF = "carrier_proof", "Proof from the carrier"
    CUSTOMER_MESSAGE = "customer_message", "Message from the customer"
    BANK_PROOF = "bank_proof", "Proof from the bank"
    IDENTITY_DOCUMENT = "identity_document", "Identity document"
    OTHER = "other", "Other file"
    CUSTOMER_STATEMENT = "customer_statement", "What the customer says"
    POLICY_CHECK = "policy_check", "Policy check"
    EXCEPTION_RECORD = "exception_record", "Exception record"
    RATIONALE = "rationale", "Rationale"
    APPROVAL_RECORD = "approval_record", "Approval record"
    SECOND_SIGNATURE = "second_signature", "Second signature"
    EXECUTION_RECORD = "execution_record", "Execution record"
    MESSAGE_COPY = "message_copy", "Copy of the message"
    MESSAGE_REVIEW = "message_review", "Review of the message"
    MESSAGE_TEXT = "message_text", "Edition the message was written from"
    BACKTEST = "backtest", "Backtest of this document"
    SHADOW_RUN = "shadow_run", "Run in shadow"
    VERSION_LOG = "version_log", "Version log"
    READER_AFTER = "reader_after", "Reader afterwards"
    CLOSURE_EVIDENCE = "closure_evidence", "Proof that it was done"
    EFFECT_CHECK = "effect_check", "Check of the effect"


class BundleKind(models.TextChoices):
    """What a bundle is about."""

    REQUEST = "request", "One request"
    POPULATION = "population", "A population"


class MessageState(models.TextChoices):
    """The life of a message to a customer."""

    DRAFTED = "drafted", "Sent back to be rewritten"
    IN_REVIEW = "in_review", "Waits for review"
    APPROVED = "approved", "Waiting to be sent"
    SENT = "sent", "Sent"
    KEPT = "kept", "Kept here, not sent"
    FAILED = "failed", "Could not be sent"
    UNKNOWN = "unknown", "Perhaps sent"
    DROPPED = "dropped", "Not sent, not needed any more"


class Channel(models.TextChoices):
    """The ways a message can take; mail is the first."""

    MAIL = "mail", "Mail"


class Event(models.TextChoices):
    """What a message to a customer is about; each ends the sentence "wrote to the customer:"."""

    APPROVED = "refund_approved", "the refund is approved"
    DECLINED = "refund_declined", "the refund is declined"
    PAID = "refund_paid", "the money is on its way"
    TRACEABLE = "acquirer_reference", "how the bank finds the refund"
    FAILED = "refund_failed_contact", "the payment did not arrive"
    OTHER_WAY = "refund_other_way", "the money comes another way"
    CREDITED = "store_credit_given", "the store credit and its balance"
    GOODWILL = "goodwill_given", "the goodwill credit and the balance"
    NO_GOODWILL = "goodwill_declined", "the goodwill credit is declined"
    QUESTION = "more_information", "a question"


class Language(models.TextChoices):
    """The languages there are texts in; the first is used where a customer's own is not among them."""

    ENGLISH = "en", "English"
    GERMAN = "de", "German"


class EditionState(models.TextChoices):
    """The life of an edition of a message's text."""

    DRAFT = "draft", "Draft"
    IN_REVIEW = "in_review", "Waits for a second person"
    PUBLISHED = "published", "In use"
    RETIRED = "retired", "Retired"
