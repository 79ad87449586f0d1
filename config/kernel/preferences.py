"""How somebody likes her screen: it follows her from browser to browser."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from .printing import PSEUDO
from .wording import said


class Theme(models.TextChoices):
    """The colours of the page; empty follows the machine."""

    SYSTEM = "", said("As this machine has it")
    LIGHT = "light", said("Light")
    DARK = "dark", said("Dark")


class Density(models.TextChoices):
    """How much room a row takes."""

    COMPACT = "", said("Compact")
    COMFORTABLE = "comfortable", said("Comfortable")


class LetterKeys(models.TextChoices):
    """Whether a single letter does anything outside a field."""

    ON = "", said("On: J, K, A and the others work the list")
    OFF = "off", said("Off: only keys with Ctrl, Tab, Enter and Escape")


class Language(models.TextChoices):
    """In which language pages speak; empty is what the browser asks for. Each is called by its own name."""

    BROWSER = "", said("As this browser asks")
    ENGLISH = "en-gb", "English"
    GERMAN = "de", "Deutsch"
    FRENCH = "fr", "Français"
    PSEUDO = PSEUDO, "⟦Þšéûðö⟧"


class Preferences(models.Model):
    """One row for each person who ever changed something; everything empty is the default."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="preferences"
    )
    theme = models.CharField(max_length=8, choices=Theme, blank=True, default=Theme.SYSTEM)
    density = models.CharField(max_length=12, choices=Density, blank=True, default=Density.COMPACT)
    letter_keys = models.CharField(max_length=4, choices=LetterKeys, blank=True, default=LetterKeys.ON)
    language = models.CharField(max_length=8, choices=Language, blank=True, default=Language.BROWSER, db_default="")
    time_zone = models.CharField(max_length=64, blank=True, default="", db_default="")

    class Meta:
        verbose_name_plural = "preferences"
        constraints = [
            models.CheckConstraint(
                name="preferences_are_known",
                condition=models.Q(theme__in=Theme.values)
                & models.Q(density__in=Density.values)
                & models.Q(letter_keys__in=LetterKeys.values),
            ),
            models.CheckConstraint(
                name="preferred_language_is_known", condition=models.Q(language__in=Language.values)
            ),
        ]

    def __str__(self) -> str:
        return f"Preferences of {self.user}"
