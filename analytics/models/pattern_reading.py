"""When the patterns were last looked at, and over what."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from config.kernel.ids import new_id
from config.kernel.jobs import Job
from config.kernel.people import Team


class PatternReading(models.Model):
    """One look at a year of one team's requests; without a team, at what goes through several.

    The newest of each is the standing one; the others are kept for a while. `plots` holds the figures of the drawings
    by kind, people as ids.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    job = models.ForeignKey(Job, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    from_at = models.DateTimeField()
    to_at = models.DateTimeField()
    is_cut = models.BooleanField(help_text="There were more requests than are looked at; the newest were.")
    request_count = models.PositiveIntegerField()
    decision_count = models.PositiveIntegerField()
    plots = models.JSONField()
    read_at = models.DateTimeField()
    is_standing = models.BooleanField(default=True)

    class Meta:
        permissions = []
        ordering = ["-read_at", "-id"]
        constraints = [
            models.CheckConstraint(name="reading_days_are_in_order", condition=Q(to_at__gte=F("from_at"))),
            models.UniqueConstraint(
                name="one_reading_of_a_team_stands",
                fields=["team"],
                condition=Q(is_standing=True),
                nulls_distinct=False,
            ),
        ]
        indexes = [models.Index(name="reading_by_age", fields=["read_at"])]

    def __str__(self) -> str:
        return f"{self.team or 'several teams'}, {self.read_at:%Y-%m-%d %H:%M}"
