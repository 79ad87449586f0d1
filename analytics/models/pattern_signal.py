"""A signal as one reading found it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.http import urlencode

from analytics.patterns.kinds import KINDS
from config.kernel.ids import new_id
from config.kernel.subjects import Subject

from .pattern_reading import PatternReading

if TYPE_CHECKING:
    from analytics.patterns.kinds import Kind

SIGNAL = "pattern_signal"


class PatternSignal(models.Model):
    """What was seen, its numbers, and exactly the requests it was seen in; never a verdict.

    `standing_id` is the same in every reading in a row that found it, since `first_seen_at`. `sentence` has places
    `{0}`, `{1}` for `people`, who are ids and named only for those who may know. Whoever works for all of `team_ids`
    may see it. `p_value` is empty where no chance is involved.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # The unique constraints below begin with the reading and serve as its index.
    reading = models.ForeignKey(PatternReading, on_delete=models.CASCADE, related_name="signals", db_index=False)
    place = models.PositiveIntegerField()
    standing_id = models.UUIDField()
    first_seen_at = models.DateTimeField()
    is_new = models.BooleanField(help_text="The reading before had not found it.")
    pattern = models.CharField(max_length=20)
    key = models.CharField(max_length=200)
    sentence = models.TextField()
    numbers = models.JSONField()
    request_ids = ArrayField(models.UUIDField())
    request_count = models.PositiveIntegerField()
    people = ArrayField(models.BigIntegerField())
    team_ids = ArrayField(models.BigIntegerField())
    p_value = models.FloatField(null=True, blank=True)
    adjusted = models.FloatField(null=True, blank=True, help_text="The p-value when all that was looked at counts.")

    class Meta:
        permissions = []
        ordering = ["reading", "place"]
        constraints = [
            models.UniqueConstraint(name="a_place_of_a_reading_is_taken_once", fields=["reading", "place"]),
            models.UniqueConstraint(name="a_reading_finds_a_signal_once", fields=["reading", "pattern", "key"]),
            models.CheckConstraint(name="pattern_is_known", condition=Q(pattern__in=list(KINDS))),
        ]
        indexes = [models.Index(name="signal_through_readings", fields=["standing_id"])]

    def __str__(self) -> str:
        return f"{self.pattern} {self.key}"

    def get_absolute_url(self) -> str:
        """Its page: the kind, narrowed to it."""
        return f"{reverse('analytics:pattern', args=[self.pattern])}?{urlencode({'signal': str(self.standing_id)})}"

    @property
    def kind(self) -> Kind:
        """What kind of signal it is."""
        return KINDS[self.pattern]

    @property
    def subject(self) -> Subject:
        """The signal as the ledger knows it."""
        return Subject(SIGNAL, self.standing_id)
