"""The closed lists of quality sampling."""

from __future__ import annotations

from typing import Final

from django.db import models


class Population(models.TextChoices):
    """Whose decisions are drawn from."""

    EVERY = "every", "Every decision"
    AUTOMATIC = "automatic", "Automatic decisions"
    HUMAN = "human", "Decisions of people"


class Method(models.TextChoices):
    """How they are drawn."""

    RANDOM = "random", "At random"
    RISK = "risk", "Rather the risky ones"


class Answer(models.TextChoices):
    """What was decided, and what the second look says."""

    APPROVE = "approve", "Approve as asked"
    LESS = "less", "Approve less"
    DECLINE = "decline", "Decline"


class Finding(models.TextChoices):
    """What the comparison of both answers brought."""

    RIGHT = "right", "The decision was right"
    LOOK_WAS_WRONG = "look_was_wrong", "The second look was wrong"
    WRONG_OUTCOME = "wrong_outcome", "Should have been decided otherwise"
    WRONG_AMOUNT = "wrong_amount", "Wrong amount"
    WRONG_CODE = "wrong_code", "Wrong code"
    EVIDENCE_MISSING = "evidence_missing", "Evidence is missing"
    POLICY_UNCLEAR = "policy_unclear", "The policy does not say"


FAULTS: Final = (Finding.WRONG_OUTCOME, Finding.WRONG_AMOUNT, Finding.WRONG_CODE, Finding.EVIDENCE_MISSING)
"""Findings that need a corrective note."""
