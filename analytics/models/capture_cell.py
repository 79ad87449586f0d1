"""Sums of captured payments by day."""

from __future__ import annotations

from django.db import models

from config.kernel.people import Team


class CaptureCell(models.Model):
    """What the payments captured on one day (UTC) add up to, for one team and currency."""

    on = models.DateField()
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+", db_index=False)
    currency = models.CharField(max_length=3)
    count = models.BigIntegerField()
    captured_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_capture_cell_per_day", fields=["on", "team", "currency"]),
        ]

    def __str__(self) -> str:
        return f"{self.currency} of {self.on}"
