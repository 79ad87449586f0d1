"""A switch between watching and gating, which takes two people."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from approvals.vocabulary import Category
from config.kernel.ids import new_id
from policies.vocabulary import Mode, ProposalState

from .policy import Policy


class ModeChange(models.Model):
    """Somebody proposes that a policy gates a category, or only watches it; somebody else confirms or refuses."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="mode_changes")
    category = models.CharField(max_length=32, choices=Category)
    mode = models.CharField(max_length=8, choices=Mode)
    state = models.CharField(max_length=10, choices=ProposalState, default=ProposalState.PROPOSED)
    why = models.TextField()
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["-proposed_at", "-id"]
        permissions = [("answer_modechange", "Can confirm or refuse a switch somebody else proposed")]
        constraints = [
            models.CheckConstraint(name="mode_change_is_explained", condition=~Q(why="")),
            models.CheckConstraint(
                name="mode_change_takes_two_people",
                condition=Q(answered_by__isnull=True) | ~Q(answered_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="answered_mode_change_names_who_answered",
                condition=Q(state="proposed", answered_by__isnull=True, answered_at__isnull=True)
                | Q(state__in=["confirmed", "refused"], answered_by__isnull=False, answered_at__isnull=False),
            ),
            models.UniqueConstraint(
                name="one_open_mode_change_per_category",
                fields=["policy", "category"],
                condition=Q(state="proposed"),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="answered_mode_change_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.state <> 'proposed'"),
            ),
            pgtrigger.Protect(name="mode_changes_stay", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.policy_id} {self.category} to {self.mode}"
