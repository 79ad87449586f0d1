"""How somebody likes her screen: it follows her from browser to browser."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Theme(models.TextChoices):
    """The colours of the page; empty follows the machine."""

    SYSTEM = "", "As this machine has it"
    LIGHT = "light", "Light"
    DARK = "dark", "Dark"


class Density(models.TextChoices):
    """How much room a row takes."""

    COMPACT = "", "Compact"
    COMFORTABLE = "comfortable", "Comfortable"


class LetterKeys(models.TextChoices):
    """Whether a single letter does anything outside a field."""

    ON = "", "On: J, K, A and the others work the list"
    OFF = "off", "Off: only keys with Ctrl, Tab, Enter and Escape"


class Preferences(models.Model):
    """One row for each person who ever changed something; everything empty is the default."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="preferences"
    )
    theme = models.CharField(max_length=8, choices=Theme, blank=True, default=Theme.SYSTEM)
    density = models.CharField(max_length=12, choices=Density, blank=True, default=Density.COMPACT)
    letter_keys = models.CharField(max_length=4, choices=LetterKeys, blank=True, default=LetterKeys.ON)

    class Meta:
        verbose_name_plural = "preferences"
        constraints = [
            models.CheckConstraint(
                name="preferences_are_known",
                condition=models.Q(theme__in=Theme.values)
                & models.Q(density__in=Density.values)
                & models.Q(letter_keys__in=LetterKeys.values),
            )
        ]

    def __str__(self) -> str:
        return f"Preferences of {self.user}"
