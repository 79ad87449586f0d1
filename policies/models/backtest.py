"""A draft tried out on what was decided before."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from config.kernel.ids import new_id
from config.kernel.jobs import Job

from .decision import PolicyDecision
from .policy import Policy
from .version import PolicyVersion


class Backtest(models.Model):
    """A document, a window of stored decisions, and what it would have said of them. No customer is affected.

    `result` holds the counts and the money per currency once the job is done; `document` is the edition that was tried,
    whatever becomes of the draft.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="backtests")
    version = models.ForeignKey(PolicyVersion, on_delete=models.CASCADE, null=True, related_name="backtests")
    document = models.JSONField()
    document_sha256 = models.CharField(max_length=64)
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    job = models.OneToOneField(Job, on_delete=models.PROTECT, related_name="+")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    result = models.JSONField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(name="backtest_window_is_not_empty", condition=Q(until_at__gt=F("from_at"))),
        ]
        indexes = [models.Index(name="backtest_of_policy", fields=["policy", "-created_at", "-id"])]

    def __str__(self) -> str:
        return f"backtest of {self.policy_id} from {self.from_at:%Y-%m-%d} until {self.until_at:%Y-%m-%d}"


class BacktestFlip(models.Model):
    """One decision whose outcome would have been another."""

    # The unique constraint below begins with the backtest and serves as its index. The one statement that writes flips
    # takes them from the decisions themselves, which nothing can delete: asking for each again took half of the time.
    backtest = models.ForeignKey(
        Backtest, on_delete=models.CASCADE, related_name="flips", db_index=False, db_constraint=False
    )
    decision = models.ForeignKey(
        PolicyDecision, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    old_outcome = models.CharField(max_length=20)
    new_outcome = models.CharField(max_length=20)

    class Meta:
        ordering = ["backtest", "decision"]
        constraints = [models.UniqueConstraint(name="one_flip_per_decision", fields=["backtest", "decision"])]

    def __str__(self) -> str:
        return f"{self.old_outcome} to {self.new_outcome}"
