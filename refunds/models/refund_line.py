"""One position of the original order that is being given back."""

from __future__ import annotations

from django.db import models
from django.db.models import Prefetch, Q, prefetch_related_objects

from policies.vocabulary import Condition

from .order import OrderLine
from .refund_request import RefundRequest


class RefundLine(models.Model):
    """How many of an order line come back, in which condition, for how much."""

    refund_request = models.ForeignKey(RefundRequest, on_delete=models.CASCADE, related_name="lines")
    order_line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()
    condition = models.CharField(max_length=12, choices=Condition, default=Condition.UNOPENED)
    amount_minor = models.BigIntegerField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="one_refund_line_per_order_line", fields=["refund_request", "order_line"]),
            models.CheckConstraint(name="refund_line_amount_is_positive", condition=Q(amount_minor__gt=0)),
            models.CheckConstraint(name="refund_line_quantity_is_positive", condition=Q(quantity__gt=0)),
            models.CheckConstraint(name="condition_is_known", condition=Q(condition__in=Condition.values)),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.order_line_id}"


def lines_of(refund_request: RefundRequest) -> list[RefundLine]:
    """List what comes back, each with what was sold; read once for each loaded request."""
    sold = RefundLine.objects.select_related("order_line")
    prefetch_related_objects([refund_request], Prefetch("lines", sold))
    return list(refund_request.lines.all())
