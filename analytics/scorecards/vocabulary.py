"""What a scorecard measures."""

from __future__ import annotations

from django.db import models


class Measured(models.TextChoices):
    """The measures by their slugs."""

    LEAKAGE = "leakage", "Leakage"
    REFUND_RATE = "refund-rate", "Refund rate"
    BYPASS = "bypass", "Bypass rate"
    EXCEPTIONS = "exceptions", "Exceptions"
    EVIDENCE = "evidence", "Evidence held"
    UNCHANGED = "unchanged", "Approvals that changed nothing"
    DECIDED = "decided", "Nine of ten decided within"
    IN_TIME = "in-time", "Decided in time"
