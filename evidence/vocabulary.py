"""The closed lists of evidence."""

from django.db import models

from config.kernel.wording import said, said_as


class EvidenceKind(models.TextChoices):
    """What a piece of evidence is."""

    PHOTO = "photo", said("Photo")
    RECEIPT = "receipt", said("Receipt")
    CARRIER_PROOF = "carrier_proof", said("Proof from the carrier")
    CUSTOMER_MESSAGE = "customer_message", said("Message from the customer")
    BANK_PROOF = "bank_proof", said("Proof from the bank")
    IDENTITY_DOCUMENT = "identity_document", said("Identity document")
    OTHER = "other", said("Other")


SENSITIVE_KINDS = frozenset({EvidenceKind.IDENTITY_DOCUMENT})
"""Seen only with a right of their own, or by whoever added them."""


class ScanState(models.TextChoices):
    """What the virus scanner said of a file."""

    UNSCANNED = "unscanned", said("Not scanned")
    WAITING = "waiting", said("Waits for the virus scan")
    CLEAN = "clean", said("Scanned")
    INFECTED = "infected", said("Quarantined")


SHOWN_STATES = frozenset({ScanState.UNSCANNED, ScanState.CLEAN})
"""Without a scanner nothing waits for one."""


class Turn(models.IntegerChoices):
    """A way to look at a picture when it is compared."""

    UPRIGHT = 0, said("As it stands")
    MIRRORED = 1, said("Mirrored")
    QUARTER = 2, said("Turned a quarter")
    HALF = 3, said("Turned a half")
    THREE_QUARTERS = 4, said("Turned three quarters")
    WITHOUT_EDGES = 5, said("Without its edges")


class Likelihood(models.TextChoices):
    """How likely two files show the same picture, the surest first; the words sort that way too."""

    EXACT = "exact", said("The same file")
    LIKELY = "likely", said("Likely the same photo")
    POSSIBLE = "possible", said("Unlikely, but possibly the same photo")


class DecisionPoint(models.TextChoices):
    """A moment at which something is decided, and something must prove it."""

    REQUEST = "request", said("Request")
    EXCEPTION = "exception", said("Exception")
    APPROVAL = "approval", said("Approval")
    POLICY_CHANGE = "policy_change", said("Policy change")
    EMERGENCY_CHANGE = "emergency_change", said("Emergency change")
    PAYOUT = "payout", said("Payout")
    MESSAGE = "message", said("Message to the customer")
    REMEDIATION_CLOSURE = "remediation_closure", said("Closing a remediation item")


class Artifact(models.TextChoices):
    """What proves a decision: a file of a kind, under the word of `EvidenceKind`, or a record that we write."""

    PHOTO = "photo", said("Photo")
    RECEIPT = "receipt", said("Receipt")
    CARRIER_PROOF = "carrier_proof", said("Proof from the carrier")
    CUSTOMER_MESSAGE = "customer_message", said("Message from the customer")
    BANK_PROOF = "bank_proof", said("Proof from the bank")
    IDENTITY_DOCUMENT = "identity_document", said("Identity document")
    OTHER = "other", said("Other file")
    CUSTOMER_STATEMENT = "customer_statement", said("What the customer says")
    POLICY_CHECK = "policy_check", said("Policy check")
    EXCEPTION_RECORD = "exception_record", said("Exception record")
    RATIONALE = "rationale", said("Rationale")
    APPROVAL_RECORD = "approval_record", said("Approval record")
    SECOND_SIGNATURE = "second_signature", said("Second signature")
    EXECUTION_RECORD = "execution_record", said("Execution record")
    MESSAGE_COPY = "message_copy", said("Copy of the message")
    MESSAGE_REVIEW = "message_review", said("Review of the message")
    MESSAGE_TEXT = "message_text", said("Edition the message was written from")
    BACKTEST = "backtest", said("Backtest of this document")
    SHADOW_RUN = "shadow_run", said("Run in shadow")
    VERSION_LOG = "version_log", said("Version log")
    READER_AFTER = "reader_after", said("Reader afterwards")
    CLOSURE_EVIDENCE = "closure_evidence", said("Proof that it was done")
    EFFECT_CHECK = "effect_check", said("Check of the effect")


class BundleKind(models.TextChoices):
    """What a bundle is about."""

    REQUEST = "request", said("One request")
    POPULATION = "population", said("A population")


class MessageState(models.TextChoices):
    """The life of a message to a customer."""

    DRAFTED = "drafted", said("Sent back to be rewritten")
    IN_REVIEW = "in_review", said("Waits for review")
    APPROVED = "approved", said("Waiting to be sent")
    SENT = "sent", said("Sent")
    KEPT = "kept", said("Kept here, not sent")
    FAILED = "failed", said("Could not be sent")
    UNKNOWN = "unknown", said("Perhaps sent")
    DROPPED = "dropped", said("Not sent, not needed any more")


MESSAGE_STANDS = {
    MessageState.DRAFTED: said("sent back to be rewritten"),
    MessageState.IN_REVIEW: said("waits for review"),
    MessageState.APPROVED: said("waiting to be sent"),
    MessageState.SENT: said_as("participle", "sent"),
    MessageState.KEPT: said("kept here, not sent"),
    MessageState.FAILED: said("could not be sent"),
    MessageState.UNKNOWN: said("perhaps sent"),
    MessageState.DROPPED: said("not sent, not needed any more"),
}
"""How a message stands, within a sentence."""


class Channel(models.TextChoices):
    """The ways a message can take; mail is the first."""

    MAIL = "mail", said("Mail")


class Event(models.TextChoices):
    """What a message to a customer is about; each ends the sentence "wrote to the customer:"."""

    APPROVED = "refund_approved", said("the refund is approved")
    DECLINED = "refund_declined", said("the refund is declined")
    PAID = "refund_paid", said("the money is on its way")
    TRACEABLE = "acquirer_reference", said("how the bank finds the refund")
    FAILED = "refund_failed_contact", said("the payment did not arrive")
    OTHER_WAY = "refund_other_way", said("the money comes another way")
    CREDITED = "store_credit_given", said("the store credit and its balance")
    GOODWILL = "goodwill_given", said("the goodwill credit and the balance")
    NO_GOODWILL = "goodwill_declined", said("the goodwill credit is declined")
    QUESTION = "more_information", said("a question")


class Language(models.TextChoices):
    """The languages there are texts in; the first is used where a customer's own is not among them."""

    ENGLISH = "en", said("English")
    GERMAN = "de", said("German")


class EditionState(models.TextChoices):
    """The life of an edition of a message's text."""

    DRAFT = "draft", said("Draft")
    IN_REVIEW = "in_review", said("Waits for a second person")
    PUBLISHED = "published", said("In use")
    RETIRED = "retired", said("Retired")


EDITION_STANDS = {
    EditionState.DRAFT: said_as("edition", "draft"),
    EditionState.IN_REVIEW: said("waits for a second person"),
    EditionState.PUBLISHED: said("in use"),
    EditionState.RETIRED: said("retired"),
}
"""How an edition stands, within a sentence."""
