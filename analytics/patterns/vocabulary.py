"""The closed lists of patterns."""

from __future__ import annotations

from django.db import models

from config.kernel.wording import said


class Answer(models.TextChoices):
    """What somebody found who looked into a signal."""

    EXPLAINED = "explained", said("Explained")
    PASSED_ON = "passed_on", said("Passed on")
    ITEM = "item", said("A remediation item fixes it")


class SignalState(models.TextChoices):
    """Whether somebody looked into a signal since it stands."""

    OPEN = "open", said("Nobody looked yet")
    LOOKED_INTO = "looked_into", said("Looked into")
