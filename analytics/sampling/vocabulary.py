"""The closed lists of quality sampling."""

from __future__ import annotations

from typing import Final

from django.db import models

from config.kernel.wording import said


class Population(models.TextChoices):
    """Whose decisions are drawn from."""

    EVERY = "every", said("Every decision")
    AUTOMATIC = "automatic", said("Automatic decisions")
    HUMAN = "human", said("Decisions of people")


class Method(models.TextChoices):
    """How they are drawn."""

    RANDOM = "random", said("At random")
    RISK = "risk", said("Rather the risky ones")


class Answer(models.TextChoices):
    """What was decided, and what the second look says."""

    APPROVE = "approve", said("Approve as asked")
    LESS = "less", said("Approve less")
    DECLINE = "decline", said("Decline")


class Finding(models.TextChoices):
    """What the comparison of both answers brought."""

    RIGHT = "right", said("The decision was right")
    LOOK_WAS_WRONG = "look_was_wrong", said("The second look was wrong")
    WRONG_OUTCOME = "wrong_outcome", said("Should have been decided otherwise")
    WRONG_AMOUNT = "wrong_amount", said("Wrong amount")
    WRONG_CODE = "wrong_code", said("Wrong code")
    EVIDENCE_MISSING = "evidence_missing", said("Evidence is missing")
    POLICY_UNCLEAR = "policy_unclear", said("The policy does not say")


FAULTS: Final = (Finding.WRONG_OUTCOME, Finding.WRONG_AMOUNT, Finding.WRONG_CODE, Finding.EVIDENCE_MISSING)
"""Findings that need a corrective note."""
