"""Past refunds, judged by a version as if it had been there: what is known of a policy on its first day."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from approvals.vocabulary import Category
from config.kernel.ids import new_id
from config.kernel.jobs import Job
from policies.vocabulary import Outcome

from .version import PolicyVersion


class Baseline(models.Model):
    """One file of past refunds and the edition that judges them. No money moves and no request is made.

    `content` is empty once the job is over; `is_void` says that it was stopped or failed, and nothing was kept.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    version = models.ForeignKey(PolicyVersion, on_delete=models.CASCADE, related_name="baselines", db_index=False)
    document = models.JSONField()
    document_sha256 = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField(default=b"", blank=True)
    row_count = models.PositiveIntegerField()
    is_void = models.BooleanField(default=False)
    job = models.OneToOneField(Job, on_delete=models.PROTECT, related_name="+")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                name="one_baseline_per_edition_and_file",
                fields=["version", "document_sha256", "sha256"],
                condition=Q(is_void=False),
            ),
        ]
        indexes = [models.Index(name="baseline_of_version", fields=["version", "-created_at", "-id"])]

    def __str__(self) -> str:
        return f"baseline of {self.row_count} refunds"


class BaselineCase(models.Model):
    """One past refund and what the edition would have said. It names nobody: only the processor's id of the refund."""

    baseline = models.ForeignKey(Baseline, on_delete=models.CASCADE, related_name="cases", db_index=False)
    line = models.PositiveIntegerField()
    refund_id = models.CharField(max_length=120)
    refunded_at = models.DateTimeField()
    category = models.CharField(max_length=32, choices=Category)
    reason = models.CharField(max_length=40, blank=True, default="")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    outcome = models.CharField(max_length=20, choices=Outcome)
    matched_rule = models.CharField(max_length=80)

    class Meta:
        ordering = ["baseline", "line"]
        constraints = [
            models.UniqueConstraint(name="one_case_per_line", fields=["baseline", "line"]),
            models.UniqueConstraint(name="one_case_per_past_refund", fields=["baseline", "refund_id"]),
            models.CheckConstraint(name="past_refund_is_more_than_zero", condition=Q(amount_minor__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.refund_id}: {self.outcome}"
