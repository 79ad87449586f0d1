"""What a scorecard measures."""

from __future__ import annotations

from django.db import models

from config.kernel.wording import said


class Measured(models.TextChoices):
    """The measures by their slugs."""

    LEAKAGE = "leakage", said("Leakage")
    REFUND_RATE = "refund-rate", said("Refund rate")
    BYPASS = "bypass", said("Bypass rate")
    EXCEPTIONS = "exceptions", said("Exceptions")
    EVIDENCE = "evidence", said("Evidence held")
    UNCHANGED = "unchanged", said("Approvals that changed nothing")
    DECIDED = "decided", said("Nine of ten decided within")
    IN_TIME = "in-time", said("Decided in time")
