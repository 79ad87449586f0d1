"""One signature of a route."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from approvals.vocabulary import StepState
from config.kernel.ids import new_id

from .route import ApprovalRoute


class ApprovalStep(models.Model):
    """A level of a route: which role signs, how many of them, by when, and who is looking at it now."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    route = models.ForeignKey(ApprovalRoute, on_delete=models.CASCADE, related_name="steps")
    level = models.PositiveSmallIntegerField()
    role = models.CharField(max_length=40)
    quorum = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=10, choices=StepState, default=StepState.WAITING)
    sla_hours = models.PositiveSmallIntegerField()
    due_at = models.DateTimeField(null=True, blank=True)
    leased_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    leased_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["level"]
        constraints = [
            models.UniqueConstraint(name="one_step_per_level", fields=["route", "level"]),
            models.CheckConstraint(name="step_state_is_known", condition=Q(state__in=StepState.values)),
            models.CheckConstraint(name="step_needs_somebody", condition=Q(quorum__gte=1)),
        ]

    def __str__(self) -> str:
        return f"level {self.level}, {self.role}, {self.state}"
