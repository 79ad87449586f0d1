"""The closed lists of approvals."""

from django.db import models


class Verdict(models.TextChoices):
    """What a person may answer on a step."""

    APPROVE = "approve", "Approve"
    DECLINE = "decline", "Decline"


class RouteState(models.TextChoices):
    """The life of a route."""

    OPEN = "open", "Open"
    APPROVED = "approved", "Approved"
    DECLINED = "declined", "Declined"
    CLOSED = "closed", "Closed"
    RECALLED = "recalled", "Recalled"
    LAPSED = "lapsed", "Lapsed"


class StepState(models.TextChoices):
    """The life of a step: it waits for the levels before it, is open, and ends."""

    WAITING = "waiting", "Waiting"
    OPEN = "open", "Open"
    APPROVED = "approved", "Approved"
    DECLINED = "declined", "Declined"
    CLOSED = "closed", "Closed"


class Risk(models.TextChoices):
    """How much attention a request asks for."""

    LOW = "low", "Low risk"
    MEDIUM = "medium", "Medium risk"
    HIGH = "high", "High risk"


class SignedCategory(models.TextChoices):
    """What people sign for: the ways for money to leave, as the policies above name them."""

    REFUND = "refund", "Refund"
    GOODWILL_CREDIT = "goodwill_credit", "Goodwill credit"
    PAYOUT = "payout", "Payout"
    TRANSFER = "transfer", "Transfer"
    TRANSFER_REVERSAL = "transfer_reversal", "Transfer reversal"
    DISPUTE = "dispute", "Dispute"
    APPLICATION_FEE_REFUND = "application_fee_refund", "Application fee refund"


class Part(models.TextChoices):
    """What keeps a person from signing, beside having asked or judged as the route says."""

    SUBMITTER = "submitter", "handed it in"
    REVIEWER = "reviewer", "judged its exception"
    PAYER = "payer", "paid it"
    PROPOSER = "proposer", "proposed how else to pay it"


class ChangeState(models.TextChoices):
    """The life of a proposed change of a limit."""

    PROPOSED = "proposed", "Proposed"
    CONFIRMED = "confirmed", "Confirmed"
    REFUSED = "refused", "Refused"
    WITHDRAWN = "withdrawn", "Withdrawn"


class DelegationState(models.TextChoices):
    """The life of a delegation: it binds nobody before it is accepted, and can be ended by either side."""

    OFFERED = "offered", "Offered"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"
    ENDED = "ended", "Ended"


class FreezeScope(models.TextChoices):
    """What a freeze switch stops."""

    AGENT = "agent", "One person"
    TEAM = "team", "One team"
    CATEGORY = "category", "One category"
    EVERYTHING = "everything", "Everything"


class NoticeKind(models.TextChoices):
    """What a colleague is told."""

    WAITING = "waiting", "Waits for you"
    ASKED = "asked", "Asked of you"
    REMINDER = "reminder", "Due soon"
    ESCALATED = "escalated", "Went up to you"
    OVERDUE = "overdue", "Overdue in your team"
    LAPSED = "lapsed", "Lapsed"


class NoticeWish(models.TextChoices):
    """How somebody wants to be told by mail."""

    EACH = "each", "Each by itself"
    DIGEST = "digest", "Once a day, all together"
    NONE = "none", "Not by mail"
