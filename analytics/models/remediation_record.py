"""What is kept beside an item and never changed: what people said, and what was counted before and after."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from analytics.remediation.vocabulary import ReadingKind
from config.kernel.ids import new_id

from .remediation_item import RemediationItem

WHOLE = 10_000


class RemediationNote(models.Model):
    """What somebody said about an item; the thread beside it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    about = models.ForeignKey(RemediationItem, on_delete=models.PROTECT, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    text = models.CharField(max_length=2000)

    class Meta:
        permissions = []
        ordering = ["written_at", "pk"]
        constraints = [models.CheckConstraint(name="remediation_note_says_something", condition=~Q(text=""))]
        triggers = [
            pgtrigger.Protect(
                name="remediation_notes_stay",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("about", "author", "written_at"),
            ),
            pgtrigger.Protect(name="remediation_notes_are_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.author}, {self.written_at:%Y-%m-%d}"


class RemediationReading(models.Model):
    """How often the code was used before and after the change: counts, and the bounds of the difference of shares.

    Each span is from its first moment up to, not including, its last. `low_basis_points` and `high_basis_points` bound
    the share after less the share before, at 95 %: both below zero, and the share fell by more than chance explains.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    item = models.ForeignKey(RemediationItem, on_delete=models.PROTECT, related_name="readings")
    round = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12, choices=ReadingKind)
    read_at = models.DateTimeField()
    before_from = models.DateTimeField()
    before_until = models.DateTimeField()
    before_count = models.PositiveIntegerField()
    before_of = models.PositiveIntegerField()
    after_from = models.DateTimeField()
    after_until = models.DateTimeField()
    after_count = models.PositiveIntegerField()
    after_of = models.PositiveIntegerField()
    low_basis_points = models.IntegerField()
    high_basis_points = models.IntegerField()
    has_improved = models.BooleanField()

    class Meta:
        permissions = []
        ordering = ["read_at", "pk"]
        constraints = [
            models.CheckConstraint(name="reading_kind_is_known", condition=Q(kind__in=ReadingKind.values)),
            models.CheckConstraint(
                name="reading_counts_parts",
                condition=Q(before_count__lte=F("before_of"), after_count__lte=F("after_of")),
            ),
            models.UniqueConstraint(
                name="one_effect_test_a_round",
                fields=["item", "round"],
                condition=Q(kind=ReadingKind.EFFECT_TEST),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="readings_stay", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.read_at:%Y-%m-%d}"
