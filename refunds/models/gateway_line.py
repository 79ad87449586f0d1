"""Whether we talk to a gateway now."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from config.kernel.ids import new_id
from config.kernel.subjects import Subject
from refunds.vocabulary import LineStop

GATEWAY_LINE = "gateway_line"


class GatewayLine(models.Model):
    """The line to one gateway: open, or stopped since a moment for a reason. A gateway without a row is open.

    `failures` counts the calls in a row that got no usable answer. While stopped, one call is let through after
    `try_after` to see whether the other side is back; where that is empty, only a person lets one through.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    gateway = models.CharField(max_length=40, unique=True)
    failures = models.PositiveIntegerField(default=0)
    stop = models.CharField(max_length=16, choices=LineStop, blank=True, default="")
    stopped_at = models.DateTimeField(null=True, blank=True)
    try_after = models.DateTimeField(null=True, blank=True)

    class Meta:
        permissions = [("reopen_gatewayline", "Can let a stopped gateway be tried again")]
        constraints = [
            models.CheckConstraint(
                name="a_stopped_line_says_since_when_and_why",
                condition=Q(stop="", stopped_at__isnull=True, try_after__isnull=True)
                | (Q(stop__in=LineStop.values) & Q(stopped_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return self.gateway

    @property
    def subject(self) -> Subject:
        """The line as the ledger knows it."""
        return Subject(GATEWAY_LINE, self.pk)
