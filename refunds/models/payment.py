"""The captured charge that money can go back to."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from config.kernel.money import Money

from .order import Order


class Payment(models.Model):
    """A captured charge and its balance: what went back, what open requests have reserved, what is left."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="payments")
    gateway = models.CharField(max_length=40)
    external_id = models.CharField(max_length=120)
    currency = models.CharField(max_length=3)
    captured_minor = models.BigIntegerField()
    refunded_minor = models.BigIntegerField(default=0)
    reserved_minor = models.BigIntegerField(default=0)
    captured_at = models.DateTimeField()
    method = models.CharField(max_length=40, blank=True, default="")
    last4 = models.CharField(max_length=4, blank=True, default="")
    is_destination_charge = models.BooleanField(
        default=False, db_default=False, help_text="A share of it went on to a connected account."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_payment_per_gateway_id", fields=["gateway", "external_id"]),
            models.CheckConstraint(
                name="payment_balance_holds",
                condition=Q(refunded_minor__gte=0)
                & Q(reserved_minor__gte=0)
                & Q(captured_minor__gte=F("refunded_minor") + F("reserved_minor")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.external_id}"

    @property
    def refundable_minor(self) -> int:
        """Captured less refunded less reserved, in minor units."""
        return self.captured_minor - self.refunded_minor - self.reserved_minor

    @property
    def refundable(self) -> Money:
        """The refundable balance."""
        return Money(self.refundable_minor, self.currency)
