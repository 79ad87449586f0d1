"""What one person answered on one step: the record an auditor asks for."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from approvals.vocabulary import Verdict
from config.kernel.ids import new_id

from .route import ApprovalRoute
from .step import ApprovalStep


class ApprovalDecision(models.Model):
    """Who, acting for whom, when, why, with which role and limit at the time. Never changed afterwards.

    `requested_by` and `reviewed_by` repeat the route's so that four eyes is a CHECK on one row; a trigger keeps the
    repetition honest.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    route = models.ForeignKey(ApprovalRoute, on_delete=models.PROTECT, related_name="decisions")
    step = models.ForeignKey(ApprovalStep, on_delete=models.PROTECT, related_name="decisions")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    acting_for = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    verdict = models.CharField(max_length=10, choices=Verdict)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    code = models.CharField(max_length=40, blank=True, default="")
    rationale = models.TextField(blank=True, default="")
    role_at_time = models.CharField(max_length=40)
    limit_at_time_minor = models.BigIntegerField(null=True)
    evidence_opened = models.JSONField(default=list)
    decided_at = models.DateTimeField()

    class Meta:
        ordering = ["decided_at", "id"]
        indexes = [models.Index(name="decision_of_the_day", fields=["decided_by", "decided_at"])]
        constraints = [
            models.CheckConstraint(name="decider_is_not_the_requester", condition=~Q(decided_by=F("requested_by"))),
            models.CheckConstraint(
                name="decider_is_not_the_reviewer",
                condition=Q(reviewed_by__isnull=True) | ~Q(decided_by=F("reviewed_by")),
            ),
            models.CheckConstraint(name="decision_verdict_is_known", condition=Q(verdict__in=Verdict.values)),
            models.CheckConstraint(
                name="approval_is_within_the_limit_at_the_time",
                condition=~Q(verdict="approve")
                | Q(limit_at_time_minor__isnull=False, amount_minor__lte=F("limit_at_time_minor")),
            ),
            models.UniqueConstraint(name="one_decision_per_person_and_route", fields=["route", "decided_by"]),
        ]
        triggers = [
            pgtrigger.Protect(name="decisions_stay", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="decision_repeats_its_route",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                func="""
                    PERFORM 1 FROM approvals_approvalroute r
                     WHERE r.id = NEW.route_id AND r.requested_by_id = NEW.requested_by_id
                       AND r.reviewed_by_id IS NOT DISTINCT FROM NEW.reviewed_by_id;
                    IF NOT FOUND THEN
                        RAISE EXCEPTION 'an approval decision must repeat the requester and reviewer of its route';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.decided_by_id} {self.verdict}"
