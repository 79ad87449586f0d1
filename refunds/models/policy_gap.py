"""What a reviewer found the policy not to cover."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from config.kernel.ids import new_id

from .refund_request import RefundRequest


class PolicyGap(models.Model):
    """A reviewer's word that the policy lacks something this request showed; one for each request, never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    refund_request = models.OneToOneField(RefundRequest, on_delete=models.PROTECT, related_name="policy_gap")
    named_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    named_at = models.DateTimeField()
    text = models.CharField(max_length=2000)

    class Meta:
        permissions = []
        constraints = [models.CheckConstraint(name="policy_gap_says_something", condition=~Q(text=""))]
        triggers = [
            pgtrigger.Protect(
                name="policy_gaps_stay",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("refund_request", "named_by", "named_at"),
            ),
            pgtrigger.Protect(name="policy_gaps_are_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.named_by}, {self.named_at:%Y-%m-%d}"
