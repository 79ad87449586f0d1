"""One verified webhook message."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from config.kernel.ids import new_id
from refunds.vocabulary import DeliveryState

from .shop_connection import ShopConnection


class Delivery(models.Model):
    """One message, stored once. A hint that something changed, never the change itself.

    Of a processor's message the bytes are kept as they came. Of a shop's, which names customers and their addresses,
    only the ids in it and the hash of its bytes.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    source = models.CharField(max_length=20)
    event_id = models.CharField(max_length=120)
    event_type = models.CharField(max_length=80)
    object_id = models.CharField(max_length=120, blank=True, default="")
    raw = models.BinaryField()
    connection = models.ForeignKey(ShopConnection, on_delete=models.PROTECT, null=True, related_name="deliveries")
    body_sha256 = models.CharField(max_length=64, blank=True, default="")
    state = models.CharField(max_length=12, choices=DeliveryState, default=DeliveryState.RECEIVED)
    tries = models.PositiveIntegerField(default=0)
    received_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True, default="", help_text="Why it waits for a person.")

    class Meta:
        verbose_name = "incoming webhook"
        permissions = [("retry_delivery", "Can take an incoming webhook up again")]
        constraints = [
            models.UniqueConstraint(name="one_delivery_per_event", fields=["source", "event_id"]),
            models.UniqueConstraint(
                name="one_delivery_per_body_of_a_shop",
                fields=["connection", "body_sha256"],
                condition=Q(connection__isnull=False) & ~Q(body_sha256=""),
            ),
            models.CheckConstraint(name="delivery_state_is_known", condition=Q(state__in=DeliveryState.values)),
        ]
        indexes = [
            models.Index(name="delivery_to_do", fields=["received_at"], condition=Q(state__in=["received", "parked"]))
        ]

    def __str__(self) -> str:
        return f"{self.event_type} {self.event_id}"
