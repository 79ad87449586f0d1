"""Many requests sent in one call, and which of a caller's own keys stands for which request."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from config.kernel.ids import new_id
from config.kernel.jobs import Job

from .refund_request import RefundRequest

LONGEST_KEY = 80


class Batch(models.Model):
    """What one call wants filed: as many rows as its job counts. What became of each stands in the job's result.

    A row holds the caller's `key` and the checked `body`, or the `problem` that was found before anything was kept.
    `rows` is empty once the job is over.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    job = models.OneToOneField(Job, on_delete=models.PROTECT, related_name="+")
    rows = models.JSONField(default=list)

    class Meta:
        permissions = []

    def __str__(self) -> str:
        return f"batch {self.pk}"


class FilingKey(models.Model):
    """A caller's own key of a row that was filed; the same row sent again is answered with its request."""

    caller = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=LONGEST_KEY)
    fingerprint = models.CharField(max_length=64)
    refund_request = models.OneToOneField(RefundRequest, on_delete=models.PROTECT, related_name="filing_key")

    class Meta:
        permissions = []
        constraints = [models.UniqueConstraint(name="one_filing_per_caller_and_key", fields=["caller", "key"])]

    def __str__(self) -> str:
        return self.key
