"""The closed lists of patterns."""

from __future__ import annotations

from django.db import models


class Answer(models.TextChoices):
    """What somebody found who looked into a signal."""

    EXPLAINED = "explained", "Explained"
    PASSED_ON = "passed_on", "Passed on"
    ITEM = "item", "A remediation item fixes it"


class SignalState(models.TextChoices):
    """Whether somebody looked into a signal since it stands."""

    OPEN = "open", "Nobody looked yet"
    LOOKED_INTO = "looked_into", "Looked into"
