"""What is told outside, to whom, and every try at it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from config.kernel.ids import new_id
from config.kernel.people import Team
from refunds.outgoing.vocabulary import CallOutcome, SendState

from .webhook_endpoint import WebhookEndpoint

LONGEST_EXCERPT = 200


class Announcement(models.Model):
    """One fact as it is told outside: the same id and the same bytes to every endpoint, however often it is sent."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    event = models.CharField(max_length=40)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    body = models.TextField()

    class Meta:
        indexes = [models.Index(name="announcement_by_age", fields=["at"])]

    def __str__(self) -> str:
        return f"{self.event} {self.message_id}"

    @property
    def message_id(self) -> str:
        """The `webhook-id` by which a receiver knows what it has had before."""
        return f"msg_{self.pk.hex}"


class WebhookDelivery(models.Model):
    """One announcement on its way to one endpoint; `round_count` counts the tries since it was last begun anew."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    announcement = models.ForeignKey(Announcement, on_delete=models.CASCADE, related_name="deliveries")
    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    state = models.CharField(max_length=10, choices=SendState, default=SendState.WAITING)
    attempt_count = models.PositiveIntegerField(default=0)
    round_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    next_try_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    last_outcome = models.CharField(max_length=12, choices=CallOutcome, blank=True, default="")
    last_status = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "webhook deliveries"
        ordering = ["-created_at", "-id"]
        permissions = [("resend_webhookdelivery", "Can send webhooks again, and a test")]
        constraints = [
            models.UniqueConstraint(name="one_delivery_per_endpoint", fields=["announcement", "endpoint"]),
            models.CheckConstraint(name="send_state_is_known", condition=Q(state__in=SendState.values)),
            models.CheckConstraint(
                name="delivered_says_when",
                condition=~Q(state=SendState.DELIVERED.value) | Q(delivered_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                name="webhook_to_send",
                fields=["endpoint", "next_try_at", "id"],
                condition=Q(state=SendState.WAITING.value),
            ),
            models.Index(name="webhook_of_endpoint", fields=["endpoint", "-created_at", "-id"]),
            models.Index(name="webhook_newest", fields=["-created_at", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.announcement} to {self.endpoint.host}"


class WebhookAttempt(models.Model):
    """One try; without an end it is under way, or its worker was stopped."""

    delivery = models.ForeignKey(WebhookDelivery, on_delete=models.CASCADE, related_name="attempts", db_index=False)
    number = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=12, choices=CallOutcome, blank=True, default="")
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    excerpt = models.CharField(max_length=LONGEST_EXCERPT, blank=True, default="")

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(name="webhook_attempts_are_counted", fields=["delivery", "number"])]

    def __str__(self) -> str:
        return f"try {self.number}"
