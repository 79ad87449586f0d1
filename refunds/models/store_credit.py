"""What customers may spend in the shop instead of money that went back: our own books of it."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q

from config.kernel.ids import new_id

from .operation import Operation
from .order import Customer


class StoreCredit(models.Model):
    """One credit of one operation; written once, never changed. What the shop lets a customer spend is the sum."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="store_credits")
    operation = models.OneToOneField(Operation, on_delete=models.PROTECT, related_name="store_credit")
    idempotency_key = models.CharField(max_length=80, unique=True)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [models.CheckConstraint(name="store_credit_is_positive", condition=Q(amount_minor__gt=0))]
        triggers = [pgtrigger.Protect(name="store_credits_stay", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.amount_minor} {self.currency}"
