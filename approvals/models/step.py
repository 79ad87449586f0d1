"""One signature of a route."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from approvals.vocabulary import StepState
from config.kernel.ids import new_id
from config.kernel.live import tell_live

from .route import ApprovalRoute


class ApprovalStep(models.Model):
    """A signature of a route: which role signs, how many of them, by when, and who is looking at it now.

    Steps of one level are open together; `place` tells them apart. Without `out_of` the first no ends the route. With
    it so many people vote, and the step is declined once the quorum cannot be reached any more.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    route = models.ForeignKey(ApprovalRoute, on_delete=models.CASCADE, related_name="steps")
    level = models.PositiveSmallIntegerField()
    role = models.CharField(max_length=40)
    place = models.PositiveSmallIntegerField(default=0)
    quorum = models.PositiveSmallIntegerField(default=1)
    out_of = models.PositiveSmallIntegerField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=StepState, default=StepState.WAITING)
    sla_hours = models.PositiveSmallIntegerField()
    escalates_to = models.CharField(max_length=40, blank=True, default="")
    opened_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    remind_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)
    asked_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    leased_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    leased_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["level", "place"]
        triggers = [
            tell_live(
                name="holders_are_live",
                columns=("leased_by_id",),
                team="(SELECT team_id FROM approvals_approvalroute WHERE id = NEW.route_id)",
                when="NEW.leased_by_id IS DISTINCT FROM OLD.leased_by_id",
            )
        ]
        constraints = [
            models.UniqueConstraint(name="one_step_per_level_and_place", fields=["route", "level", "place"]),
            models.CheckConstraint(name="step_state_is_known", condition=Q(state__in=StepState.values)),
            models.CheckConstraint(name="step_needs_somebody", condition=Q(quorum__gte=1)),
            models.CheckConstraint(
                name="as_many_vote_as_must_agree", condition=Q(out_of__isnull=True) | Q(out_of__gte=F("quorum"))
            ),
        ]
        indexes = [
            models.Index(name="step_due", fields=["due_at", "id"], condition=Q(state="open")),
            models.Index(
                name="step_to_remind", fields=["remind_at"], condition=Q(state="open", reminded_at__isnull=True)
            ),
            models.Index(name="step_leased", fields=["leased_by"], condition=Q(state="open", leased_by__isnull=False)),
            models.Index(name="step_asked_of", fields=["asked_of"], condition=Q(state="open", asked_of__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"level {self.level}, {self.role}, {self.state}"
