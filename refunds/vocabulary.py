"""The closed lists of refunds."""

from django.db import models

from config.kernel.wording import said


class State(models.TextChoices):
    """Where a refund request is in its life."""

    INTAKE = "intake", said("Draft")
    POLICY_CHECK = "policy_check", said("Policy check")
    EXCEPTION_REVIEW = "exception_review", said("Exception review")
    AWAITING_APPROVAL = "awaiting_approval", said("Awaiting approval")
    NEEDS_INFO = "needs_info", said("Needs information")
    ON_HOLD = "on_hold", said("On hold")
    APPROVED = "approved", said("Approved")
    PROCESSING = "processing", said("Processing")
    REFUNDED = "refunded", said("Refunded")
    RECONCILED = "reconciled", said("Reconciled")
    DECLINED = "declined", said("Declined")
    BLOCKED = "blocked", said("Blocked")
    WITHDRAWN = "withdrawn", said("Withdrawn")
    EXPIRED = "expired", said("Expired")
    FAILED = "failed", said("Failed")


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

    ORIGINAL = "original", said("Original payment method")
    STORE_CREDIT = "store_credit", said("Store credit")
    BANK_TRANSFER = "bank_transfer", said("Bank transfer")


class PayoutState(models.TextChoices):
    """What became of another way that somebody proposed."""

    PROPOSED = "proposed", said("Waits for signatures")
    APPROVED = "approved", said("Approved")
    DECLINED = "declined", said("Declined")
    LAPSED = "lapsed", said("Lapsed")
    WITHDRAWN = "withdrawn", said("Withdrawn")


class FileState(models.TextChoices):
    """How far a payment file got."""

    PREPARED = "prepared", said("Waits for its release")
    RELEASED = "released", said("Released")
    DISCARDED = "discarded", said("Discarded")


class ConnectShare(models.TextChoices):
    """Who bears a refund of a Connect destination charge; Stripe gives a fee back only with the transfer."""

    PLATFORM = "platform", said("We bear all of it")
    TRANSFER = "transfer", said("The connected account gives its share back, we keep our fee")
    TRANSFER_AND_FEE = "transfer_and_fee", said("The connected account gives its share back, we give our fee back")


class OperationState(models.TextChoices):
    """How far one instruction to move money got."""

    READY = "ready", said("Queued")
    SENDING = "sending", said("Being sent")
    UNKNOWN = "unknown", said("Answer unknown")
    PENDING = "pending", said("Pending at the processor")
    SUCCEEDED = "succeeded", said("Succeeded")
    FAILED = "failed", said("Failed")
    REJECTED = "rejected", said("Rejected")
    NEEDS_PERSON = "needs_person", said("Needs a person")
    CANCELLED = "cancelled", said("Recalled before it was sent")


class LineStop(models.TextChoices):
    """Why nothing is sent to a gateway for now."""

    NO_ANSWER = "no_answer", said("No usable answer, several times in a row")
    ASKED_TO_WAIT = "asked_to_wait", said("The processor asked for fewer calls")
    KEY_REFUSED = "key_refused", said("The processor refuses our key")


class DeliveryState(models.TextChoices):
    """What became of a webhook message."""

    RECEIVED = "received", said("Received")
    APPLIED = "applied", said("Applied")
    IGNORED = "ignored", said("Not about us")
    PARKED = "parked", said("Parked")
    NEEDS_PERSON = "needs_person", said("Needs a person")


class ProofSource(models.TextChoices):
    """Who says when an order arrived."""

    CARRIER = "carrier", said("The carrier, by the shop")
    SENDER = "sender", said("Whoever sends the orders")
    PERSON = "person", said("A person")


class NoteState(models.TextChoices):
    """Whether a shop heard of a refund of ours."""

    WAITING = "waiting", said("Waiting to be told")
    TOLD = "told", said("Told")
    NEEDS_PERSON = "needs_person", said("Needs a person")
    DROPPED = "dropped", said("Left untold")


class ShopKind(models.TextChoices):
    """Which shop system tells us of its refunds."""

    SHOPIFY = "shopify", said("Shopify")
    MAGENTO = "magento", said("Magento or Adobe Commerce")


class DisputeKind(models.TextChoices):
    """How far a complaint at the customer's bank got."""

    WARNING = "warning", said("Early fraud warning")
    INQUIRY = "inquiry", said("Inquiry")
    CHARGEBACK = "chargeback", said("Chargeback")


class DisputeStatus(models.TextChoices):
    """What can still happen to a dispute."""

    NEEDS_RESPONSE = "needs_response", said("Waits for our answer")
    UNDER_REVIEW = "under_review", said("With the bank")
    WON = "won", said("Won")
    LOST = "lost", said("Lost")
    CLOSED = "closed", said("Closed")


DISPUTE_IS_OPEN = frozenset({DisputeStatus.NEEDS_RESPONSE, DisputeStatus.UNDER_REVIEW})

DISPUTE_STANDS = DISPUTE_IS_OPEN | {DisputeStatus.LOST}
"""Beside these a refund may pay the customer twice."""


class LineResult(models.TextChoices):
    """What matching said of a statement line."""

    MATCHED = "matched", said("Matched")
    UNMATCHED = "unmatched", said("Unmatched")
    OTHER = "other", said("Not a refund")


class BulkReason(models.TextChoices):
    """Why many requests are approved in one go; kept as the first words of each one's rationale."""

    IN_POLICY = "in_policy", said("In policy and fully proved")
    RETURNED = "returned", said("The goods came back as described")
    CARRIER = "carrier", said("Lost or late at the carrier")
    KNOWN_FAULT = "known_fault", said("Known fault of a product or batch")


class ErasureBasis(models.TextChoices):
    """Why a customer is to be forgotten: the grounds of Art. 17(1) GDPR that a shop meets."""

    NOT_NEEDED = "not_needed", said("No longer needed, Art. 17(1)(a)")
    CONSENT_WITHDRAWN = "consent_withdrawn", said("Consent withdrawn, Art. 17(1)(b)")
    OBJECTION = "objection", said("Objection, Art. 17(1)(c)")
    UNLAWFUL = "unlawful", said("Unlawfully processed, Art. 17(1)(d)")
    LEGAL_DUTY = "legal_duty", said("Legal duty to erase, Art. 17(1)(e)")


class ErasureState(models.TextChoices):
    """How far an erasure got; blocked is confirmed and waits for a request, a period or a hold to end."""

    WAITING = "waiting", said("Waits for a second person")
    BLOCKED = "blocked", said("Confirmed, not finished")
    DONE = "done", said("Erased")
    REFUSED = "refused", said("Refused")


class SamePerson(models.TextChoices):
    """Why a row is taken for the person whom an erasure names."""

    NAMED = "named", said("Named")
    SAME_EMAIL = "same_email", said("Same e-mail address")


ACCOUNTS = (("stripe", "Stripe"), ("adyen", "Adyen"), ("paypal", "PayPal"), ("bank", said("Bank account")))
"""The accounts whose files can be read, as people choose them."""


def account_label(account: str) -> str:
    """Say an account as people choose it."""
    return dict(ACCOUNTS).get(account, account.replace("_", " ").capitalize())
