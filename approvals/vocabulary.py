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
