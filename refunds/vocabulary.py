"""The closed lists of refunds."""

from django.db import models


class State(models.TextChoices):
    """Where a refund request is in its life."""

    INTAKE = "intake", "Draft"
    POLICY_CHECK = "policy_check", "Policy check"
    EXCEPTION_REVIEW = "exception_review", "Exception review"
    AWAITING_APPROVAL = "awaiting_approval", "Awaiting approval"
    NEEDS_INFO = "needs_info", "Needs information"
    ON_HOLD = "on_hold", "On hold"
    APPROVED = "approved", "Approved"
    PROCESSING = "processing", "Processing"
    REFUNDED = "refunded", "Refunded"
    RECONCILED = "reconciled", "Reconciled"
    DECLINED = "declined", "Declined"
    BLOCKED = "blocked", "Blocked"
    WITHDRAWN = "withdrawn", "Withdrawn"
    EXPIRED = "expired", "Expired"
    FAILED = "failed", "Failed"


OPEN_STATES = (
    State.POLICY_CHECK,
    State.EXCEPTION_REVIEW,
    State.AWAITING_APPROVAL,
    State.NEEDS_INFO,
    State.ON_HOLD,
    State.APPROVED,
    State.PROCESSING,
    State.FAILED,
)
"""States that hold a reserve on the payment; a second request for the same lines is refused while one is in them."""

ASKING_STATES = tuple(state for state in OPEN_STATES if state not in {State.PROCESSING, State.FAILED})
"""The open states of which the database lets one request be in for the same lines.

Not those that only the processor ends: a refund can fail weeks after it succeeded, when the customer has long asked for
more of the same, and that news must never be refused.
"""

BEFORE_MONEY = (
    State.EXCEPTION_REVIEW,
    State.AWAITING_APPROVAL,
    State.NEEDS_INFO,
)
"""States in which a person may still put a request on hold."""


class Method(models.TextChoices):
    """How the money goes back."""

    ORIGINAL = "original", "Original payment method"
    STORE_CREDIT = "store_credit", "Store credit"
    BANK_TRANSFER = "bank_transfer", "Bank transfer"


class PayoutState(models.TextChoices):
    """What became of another way that somebody proposed."""

    PROPOSED = "proposed", "Waits for signatures"
    APPROVED = "approved", "Approved"
    DECLINED = "declined", "Declined"
    LAPSED = "lapsed", "Lapsed"
    WITHDRAWN = "withdrawn", "Withdrawn"


class FileState(models.TextChoices):
    """How far a payment file got."""

    PREPARED = "prepared", "Waits for its release"
    RELEASED = "released", "Released"
    DISCARDED = "discarded", "Discarded"


class ConnectShare(models.TextChoices):
    """Who bears a refund of a Connect destination charge; Stripe gives a fee back only with the transfer."""

    PLATFORM = "platform", "We bear all of it"
    TRANSFER = "transfer", "The connected account gives its share back, we keep our fee"
    TRANSFER_AND_FEE = "transfer_and_fee", "The connected account gives its share back, we give our fee back"


class OperationState(models.TextChoices):
    """How far one instruction to move money got."""

    READY = "ready", "Queued"
    SENDING = "sending", "Being sent"
    UNKNOWN = "unknown", "Answer unknown"
    PENDING = "pending", "Pending at the processor"
    SUCCEEDED = "succeeded", "Succeeded"
    FAILED = "failed", "Failed"
    REJECTED = "rejected", "Rejected"
    NEEDS_PERSON = "needs_person", "Needs a person"
    CANCELLED = "cancelled", "Recalled before it was sent"


class LineStop(models.TextChoices):
    """Why nothing is sent to a gateway for now."""

    NO_ANSWER = "no_answer", "No usable answer, several times in a row"
    ASKED_TO_WAIT = "asked_to_wait", "The processor asked for fewer calls"
    KEY_REFUSED = "key_refused", "The processor refuses our key"


class DeliveryState(models.TextChoices):
    """What became of a webhook message."""

    RECEIVED = "received", "Received"
    APPLIED = "applied", "Applied"
    IGNORED = "ignored", "Not about us"
    PARKED = "parked", "Parked"
    NEEDS_PERSON = "needs_person", "Needs a person"


class ProofSource(models.TextChoices):
    """Who says when an order arrived."""

    CARRIER = "carrier", "The carrier, by the shop"
    SENDER = "sender", "Whoever sends the orders"
    PERSON = "person", "A person"


class NoteState(models.TextChoices):
    """Whether a shop heard of a refund of ours."""

    WAITING = "waiting", "Waiting to be told"
    TOLD = "told", "Told"
    NEEDS_PERSON = "needs_person", "Needs a person"
    DROPPED = "dropped", "Left untold"


class ShopKind(models.TextChoices):
    """Which shop system tells us of its refunds."""

    SHOPIFY = "shopify", "Shopify"
    MAGENTO = "magento", "Magento or Adobe Commerce"


class DisputeKind(models.TextChoices):
    """How far a complaint at the customer's bank got."""

    WARNING = "warning", "Early fraud warning"
    INQUIRY = "inquiry", "Inquiry"
    CHARGEBACK = "chargeback", "Chargeback"


class DisputeStatus(models.TextChoices):
    """What can still happen to a dispute."""

    NEEDS_RESPONSE = "needs_response", "Waits for our answer"
    UNDER_REVIEW = "under_review", "With the bank"
    WON = "won", "Won"
    LOST = "lost", "Lost"
    CLOSED = "closed", "Closed"


DISPUTE_IS_OPEN = frozenset({DisputeStatus.NEEDS_RESPONSE, DisputeStatus.UNDER_REVIEW})

DISPUTE_STANDS = DISPUTE_IS_OPEN | {DisputeStatus.LOST}
"""Beside these a refund may pay the customer twice."""


class LineResult(models.TextChoices):
    """What matching said of a statement line."""

    MATCHED = "matched", "Matched"
    UNMATCHED = "unmatched", "Unmatched"
    OTHER = "other", "Not a refund"


class BulkReason(models.TextChoices):
    """Why many requests are approved in one go; kept as the first words of each one's rationale."""

    IN_POLICY = "in_policy", "In policy and fully proved"
    RETURNED = "returned", "The goods came back as described"
    CARRIER = "carrier", "Lost or late at the carrier"
    KNOWN_FAULT = "known_fault", "Known fault of a product or batch"


class ErasureBasis(models.TextChoices):
    """Why a customer is to be forgotten: the grounds of Art. 17(1) GDPR that a shop meets."""

    NOT_NEEDED = "not_needed", "No longer needed, Art. 17(1)(a)"
    CONSENT_WITHDRAWN = "consent_withdrawn", "Consent withdrawn, Art. 17(1)(b)"
    OBJECTION = "objection", "Objection, Art. 17(1)(c)"
    UNLAWFUL = "unlawful", "Unlawfully processed, Art. 17(1)(d)"
    LEGAL_DUTY = "legal_duty", "Legal duty to erase, Art. 17(1)(e)"


class ErasureState(models.TextChoices):
    """How far an erasure got; blocked is confirmed and waits for a request, a period or a hold to end."""

    WAITING = "waiting", "Waits for a second person"
    BLOCKED = "blocked", "Confirmed, not finished"
    DONE = "done", "Erased"
    REFUSED = "refused", "Refused"


class SamePerson(models.TextChoices):
    """Why a row is taken for the person whom an erasure names."""

    NAMED = "named", "Named"
    SAME_EMAIL = "same_email", "Same e-mail address"


ACCOUNTS = (("stripe", "Stripe"), ("adyen", "Adyen"), ("paypal", "PayPal"), ("bank", "Bank account"))
"""The accounts whose files can be read, as people choose them."""


def account_label(account: str) -> str:
    """Say an account as people choose it."""
    return dict(ACCOUNTS).get(account, account.replace("_", " ").capitalize())
