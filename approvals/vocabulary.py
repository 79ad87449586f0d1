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
