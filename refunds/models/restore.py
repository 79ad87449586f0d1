"""A return to a backup: until where our memory goes, and what a processor did in the time that was lost."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from config.kernel.ids import new_id
from config.kernel.money import Money

from .refund_request import RefundRequest


class Restore(models.Model):
    """One return of the database to a backup; its freeze keeps all money here until the processors were asked."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    switch = models.ForeignKey("approvals.FreezeSwitch", on_delete=models.PROTECT, related_name="restores")
    data_until = models.DateTimeField(help_text="When the newest fact in the backup was written.")
    held_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True, blank=True, help_text="When every processor had been asked.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_unasked_restore_per_freeze", fields=["switch"], condition=Q(asked_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"back to {self.data_until}"


class LostRefund(models.Model):
    """A refund that a processor made for a request of ours by an operation we lost."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    restore = models.ForeignKey(Restore, on_delete=models.PROTECT, related_name="lost_refunds")
    refund_request = models.ForeignKey(RefundRequest, on_delete=models.PROTECT, related_name="lost_refunds")
    gateway = models.CharField(max_length=40)
    external_id = models.CharField(max_length=120)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)

    class Meta:
        constraints = [models.UniqueConstraint(name="lost_once", fields=["gateway", "external_id"])]

    def __str__(self) -> str:
        return f"{self.external_id}, {Money(self.amount_minor, self.currency)}"
