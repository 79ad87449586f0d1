"""What a team's month came to, kept as it was published."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q
from django.urls import reverse

from analytics.remediation.vocabulary import TONES, Colour
from config.kernel.ids import new_id
from config.kernel.people import Team
from config.kernel.subjects import Subject

SCORECARD = "scorecard"


class Scorecard(models.Model):
    """One team, one month (its first day, UTC), written once and never changed.

    `lines` holds each measure with its two counts, its value, the thresholds it was held to and its colour, in the
    shape of `analytics.scorecards.counting.Line`; `sha256` is of the team, the month and the lines.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+", db_index=False)
    month = models.DateField()
    lines = models.JSONField()
    colour = models.CharField(max_length=5, choices=Colour)
    """The worst of its lines."""
    sha256 = models.CharField(max_length=64)
    published_at = models.DateTimeField()

    class Meta:
        permissions = []
        ordering = ["-month", "team_id"]
        constraints = [
            models.CheckConstraint(name="scorecard_colour_is_known", condition=Q(colour__in=Colour.values)),
            models.CheckConstraint(name="scorecard_is_of_a_month", condition=Q(month__day=1)),
            models.UniqueConstraint(name="one_scorecard_per_team_and_month", fields=["team", "month"]),
        ]
        triggers = [pgtrigger.Protect(name="scorecards_stay", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.team_id}, {self.month:%Y-%m}"

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("analytics:scorecard", args=[self.pk])

    @property
    def subject(self) -> Subject:
        """The scorecard as the ledger knows it."""
        return Subject(SCORECARD, self.pk)

    @property
    def tone(self) -> str:
        """The badge of its colour."""
        return TONES[self.colour]
