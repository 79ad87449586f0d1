"""What somebody found who looked into a signal."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from analytics.patterns.vocabulary import Answer
from config.kernel.ids import new_id

from .remediation_item import RemediationItem


class PatternMark(models.Model):
    """One look into a signal, by somebody it is not about; the newest counts, and it outlives the readings.

    A signal that went and came back has another `standing_id`, so that nobody's old answer covers it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    standing_id = models.UUIDField()
    pattern = models.CharField(max_length=20)
    key = models.CharField(max_length=200)
    people = ArrayField(models.BigIntegerField())
    request_count = models.PositiveIntegerField(help_text="In how many requests it was seen at the time.")
    answer = models.CharField(max_length=10, choices=Answer)
    note = models.CharField(max_length=2000)
    item = models.ForeignKey(RemediationItem, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-made_at", "-id"]
        permissions = [("look_into_signal", "Can say what became of a pattern")]
        constraints = [
            models.CheckConstraint(name="mark_answer_is_known", condition=Q(answer__in=Answer.values)),
            models.CheckConstraint(
                name="mark_names_its_item",
                condition=Q(answer=Answer.ITEM, item__isnull=False) | (~Q(answer=Answer.ITEM) & Q(item__isnull=True)),
            ),
            models.CheckConstraint(
                name="nobody_looks_into_a_signal_about_himself",
                condition=~Q(people__contains=[F("made_by_id")]),
            ),
        ]
        indexes = [models.Index(name="mark_of_signal", fields=["standing_id", "-made_at", "-id"])]
        triggers = [
            pgtrigger.Protect(
                name="what_was_found_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(
                    "standing_id", "pattern", "key", "people", "request_count", "answer", "item", "made_by", "made_at"
                ),
            ),
            pgtrigger.Protect(name="marks_are_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.get_answer_display()}, {self.made_at:%Y-%m-%d}"
