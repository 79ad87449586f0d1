"""The closed lists of remediation."""

from __future__ import annotations

from typing import Final

from django.db import models

from config.kernel.wording import said


class ItemState(models.TextChoices):
    """How far a fix got."""

    OPEN = "open", said("Open")
    CAUSE_FOUND = "cause_found", said("Cause found")
    CHANGE_MADE = "change_made", said("Change made")
    VERIFYING = "verifying", said("Verifying")
    CLOSED = "closed", said("Closed")


UNFINISHED: Final = (ItemState.OPEN, ItemState.CAUSE_FOUND, ItemState.CHANGE_MADE)
"""States in which somebody still has something to do; each step has a promise of its own."""

STANDING: Final = (*UNFINISHED, ItemState.VERIFYING)
"""States that keep a second item of the same code away."""


class Colour(models.TextChoices):
    """How a code stands against the thresholds."""

    RED = "red", said("Red")
    AMBER = "amber", said("Amber")
    GREEN = "green", said("Green")


TONES: Final[dict[str, str]] = {Colour.RED: "bad", Colour.AMBER: "warn", Colour.GREEN: "ok"}
"""The badge of each colour: a square, a diamond, a dot."""


class ReadingKind(models.TextChoices):
    """Why shares before and after were compared."""

    CLOSING = "closing", said("When closing was proposed")
    EFFECT_TEST = "effect_test", said("Effect test")
