"""One verified webhook message."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from config.kernel.ids import new_id
from refunds.vocabulary import DeliveryState


class Delivery(models.Model):
    """The bytes as they came, stored once per event. A hint that something changed, never the change itself."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    source = models.CharField(max_length=20)
    event_id = models.CharField(max_length=120)
    event_type = models.CharField(max_length=80)
    object_id = models.CharField(max_length=120, blank=True, default="")
    raw = models.BinaryField()
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.RECEIVED)
    tries = models.PositiveIntegerField(default=0)
    received_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(name="one_delivery_per_event", fields=["source", "event_id"]),
            models.CheckConstraint(name="delivery_state_is_known", condition=Q(state__in=DeliveryState.values)),
        ]
        indexes = [
            models.Index(name="delivery_to_do", fields=["received_at"], condition=Q(state__in=["received", "parked"]))
        ]

    def __str__(self) -> str:
        return f"{self.event_type} {self.event_id}"
