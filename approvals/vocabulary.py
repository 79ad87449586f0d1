"""The closed lists of approvals."""

from django.db import models

from config.kernel.wording import said, said_as


class Verdict(models.TextChoices):
    """What a person may answer on a step."""

    APPROVE = "approve", said("Approve")
    DECLINE = "decline", said("Decline")


class RouteState(models.TextChoices):
    """The life of a route."""

    OPEN = "open", said("Open")
    APPROVED = "approved", said("Approved")
    DECLINED = "declined", said("Declined")
    CLOSED = "closed", said("Closed")
    RECALLED = "recalled", said("Recalled")
    LAPSED = "lapsed", said("Lapsed")


class StepState(models.TextChoices):
    """The life of a step: it waits for the levels before it, is open, and ends."""

    WAITING = "waiting", said_as("state", "Waiting")
    OPEN = "open", said("Open")
    APPROVED = "approved", said("Approved")
    DECLINED = "declined", said("Declined")
    CLOSED = "closed", said("Closed")


class Risk(models.TextChoices):
    """How much attention a request asks for."""

    LOW = "low", said("Low risk")
    MEDIUM = "medium", said("Medium risk")
    HIGH = "high", said("High risk")


class Category(models.TextChoices):
    """A way for money to leave: what policies judge, and what people sign for."""

    REFUND = "refund", said("Refund")
    GOODWILL_CREDIT = "goodwill_credit", said("Goodwill credit")
    PAYOUT = "payout", said("Payout")
    TRANSFER = "transfer", said("Transfer")
    TRANSFER_REVERSAL = "transfer_reversal", said("Transfer reversal")
    DISPUTE = "dispute", said("Dispute")
    APPLICATION_FEE_REFUND = "application_fee_refund", said("Application fee refund")


class Part(models.TextChoices):
    """What keeps a person from signing, beside having asked or judged as the route says."""

    SUBMITTER = "submitter", said("handed it in")
    REVIEWER = "reviewer", said("judged its exception")
    PAYER = "payer", said("paid it")
    PROPOSER = "proposer", said("proposed how else to pay it")


class ChangeState(models.TextChoices):
    """The life of a proposed change of a limit."""

    PROPOSED = "proposed", said("Proposed")
    CONFIRMED = "confirmed", said("Confirmed")
    REFUSED = "refused", said("Refused")
    WITHDRAWN = "withdrawn", said("Withdrawn")


ANSWERED = {
    ChangeState.CONFIRMED: said_as("participle", "confirmed"),
    ChangeState.REFUSED: said_as("participle", "refused"),
    ChangeState.WITHDRAWN: said_as("participle", "withdrawn"),
}
"""How a change was answered, within a sentence."""


class DelegationState(models.TextChoices):
    """The life of a delegation: it binds nobody before it is accepted, and can be ended by either side."""

    OFFERED = "offered", said("Offered")
    ACCEPTED = "accepted", said("Accepted")
    DECLINED = "declined", said("Declined")
    ENDED = "ended", said("Ended")


LEFT_THE_OFFER = {
    DelegationState.ACCEPTED: said_as("participle", "accepted"),
    DelegationState.DECLINED: said_as("participle", "declined"),
    DelegationState.ENDED: said_as("participle", "ended"),
}
"""How an offer of a delegation stopped waiting, within a sentence."""


class FreezeScope(models.TextChoices):
    """What a freeze switch stops."""

    AGENT = "agent", said("One person")
    TEAM = "team", said("One team")
    CATEGORY = "category", said("One category")
    EVERYTHING = "everything", said("Everything")


class NoticeKind(models.TextChoices):
    """What a colleague is told."""

    WAITING = "waiting", said("Waits for you")
    ASKED = "asked", said("Asked of you")
    REMINDER = "reminder", said("Due soon")
    ESCALATED = "escalated", said("Went up to you")
    OVERDUE = "overdue", said("Overdue in your team")
    LAPSED = "lapsed", said("Lapsed")


class NoticeWish(models.TextChoices):
    """How somebody wants to be told by mail."""

    EACH = "each", said("Each by itself")
    DIGEST = "digest", said("Once a day, all together")
    NONE = "none", said("Not by mail")


IN_A_SENTENCE = {
    Category.REFUND: said("refund"),
    Category.GOODWILL_CREDIT: said("goodwill credit"),
    Category.PAYOUT: said("payout"),
    Category.TRANSFER: said("transfer"),
    Category.TRANSFER_REVERSAL: said("transfer reversal"),
    Category.DISPUTE: said("dispute"),
    Category.APPLICATION_FEE_REFUND: said("application fee refund"),
}
"""The categories as they stand within a sentence."""


def in_a_sentence(category: str) -> str:
    """Name a category in the middle of a sentence; what is none stays as it is."""
    return IN_A_SENTENCE[Category(category)] if category in Category.values else category
