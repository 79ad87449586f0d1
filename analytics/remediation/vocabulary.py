"""The closed lists of remediation."""

from __future__ import annotations

from typing import Final

from django.db import models


class ItemState(models.TextChoices):
    """How far a fix got."""

    OPEN = "open", "Open"
    CAUSE_FOUND = "cause_found", "Cause found"
    CHANGE_MADE = "change_made", "Change made"
    VERIFYING = "verifying", "Verifying"
    CLOSED = "closed", "Closed"


UNFINISHED: Final = (ItemState.OPEN, ItemState.CAUSE_FOUND, ItemState.CHANGE_MADE)
"""States in which somebody still has something to do; each step has a promise of its own."""

STANDING: Final = (*UNFINISHED, ItemState.VERIFYING)
"""States that keep a second item of the same code away."""


class Colour(models.TextChoices):
    """How a code stands against the thresholds."""

    RED = "red", "Red"
    AMBER = "amber", "Amber"
    GREEN = "green", "Green"


TONES: Final[dict[str, str]] = {Colour.RED: "bad", Colour.AMBER: "warn", Colour.GREEN: "ok"}
"""The badge of each colour: a square, a diamond, a dot."""


class ReadingKind(models.TextChoices):
    """Why shares before and after were compared."""

    CLOSING = "closing", "When closing was proposed"
    EFFECT_TEST = "effect_test", "Effect test"
