"""Money that a shop says it gave back."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from config.kernel.ids import new_id
from policies.models import GovernedAction

from .operation import Operation
from .order import Order
from .shop_connection import ShopConnection


class ShopRefund(models.Model):
    """One movement of money as the shop's books had it when we asked; without an operation of ours it is ungoverned.

    An operation stands for one movement only: a second one that names it left without us.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    connection = models.ForeignKey(ShopConnection, on_delete=models.PROTECT, related_name="refunds")
    external_id = models.CharField(max_length=100)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="+")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    left_at = models.DateTimeField()
    operation = models.OneToOneField(Operation, on_delete=models.PROTECT, null=True, related_name="shop_refund")
    action = models.OneToOneField(GovernedAction, on_delete=models.PROTECT, null=True, related_name="+")
    read_at = models.DateTimeField()

    class Meta:
        ordering = ["-left_at", "-id"]
        constraints = [
            models.UniqueConstraint(name="one_row_per_movement_of_a_shop", fields=["connection", "external_id"]),
            models.CheckConstraint(name="shop_refund_is_positive", condition=Q(amount_minor__gt=0)),
            models.CheckConstraint(
                name="shop_refund_is_ours_or_ungoverned",
                condition=Q(operation__isnull=True, action__isnull=False)
                | Q(operation__isnull=False, action__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.external_id
