"""The captured charge that money can go back to."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from config.kernel.money import Money

from .order import Order


class Payment(models.Model):
    """A captured charge and its balance: what went back, what open requests have reserved, what is left.

    What left without an operation of ours is counted apart: it may take what a request has reserved, and no constraint
    of ours keeps it from leaving.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="payments")
    gateway = models.CharField(max_length=40)
    external_id = models.CharField(max_length=120)
    currency = models.CharField(max_length=3)
    captured_minor = models.BigIntegerField()
    refunded_minor = models.BigIntegerField(default=0)
    reserved_minor = models.BigIntegerField(default=0)
    elsewhere_minor = models.BigIntegerField(
        default=0, db_default=0, help_text="What the processor or the shop gave back without an operation of ours."
    )
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
            models.CheckConstraint(name="payment_elsewhere_is_not_negative", condition=Q(elsewhere_minor__gte=0)),
        ]
        indexes = [models.Index(name="payment_by_number", fields=["external_id"])]

    def __str__(self) -> str:
        return f"{self.gateway} {self.external_id}"

    def left_minor(self, *, freed_minor: int = 0) -> int:
        """Captured less refunded, reserved and given back elsewhere, as if `freed_minor` were not reserved."""
        spoken_for = self.refunded_minor + self.reserved_minor + self.elsewhere_minor - freed_minor
        return max(self.captured_minor - spoken_for, 0)

    @property
    def is_touched(self) -> bool:
        """Whether anything of it went back or is asked for."""
        return bool(self.refunded_minor or self.reserved_minor or self.elsewhere_minor)

    @property
    def refundable_minor(self) -> int:
        """What may still be asked for, in minor units."""
        return self.left_minor()

    @property
    def lacking(self) -> Money:
        """What open requests have reserved although it left elsewhere meanwhile; nothing as a rule."""
        spoken_for = self.refunded_minor + self.reserved_minor + self.elsewhere_minor
        return Money(max(spoken_for - self.captured_minor, 0), self.currency)

    @property
    def elsewhere(self) -> Money:
        """What was given back without an operation of ours."""
        return Money(self.elsewhere_minor, self.currency)

    @property
    def refundable(self) -> Money:
        """The refundable balance."""
        return Money(self.refundable_minor, self.currency)
