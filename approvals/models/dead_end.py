"""A route that nobody can finish, as found by the last look."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from config.kernel.ids import new_id

from .route import ApprovalRoute


class DeadEnd(models.Model):
    """Why a route cannot get its signatures, given limits, absences and conflicts; `gone_at` once it can again."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    route = models.ForeignKey(ApprovalRoute, on_delete=models.CASCADE, related_name="dead_ends")
    level = models.PositiveSmallIntegerField()
    why = models.TextField()
    found_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["found_at", "id"]
        constraints = [
            models.UniqueConstraint(
                name="one_dead_end_per_route_and_level", fields=["route", "level"], condition=Q(gone_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return self.why


class DeadEndLook(models.Model):
    """One look through all open routes that got to its end: how many there were, and how many nobody can finish."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    ended_at = models.DateTimeField(db_index=True)
    route_count = models.PositiveIntegerField()
    found_count = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.found_count} of {self.route_count}"
