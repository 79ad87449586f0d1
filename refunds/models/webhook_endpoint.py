"""Where webhooks go, and the secrets they are signed with."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from config.kernel.ids import new_id
from config.kernel.people import Team
from config.kernel.subjects import Subject
from refunds.outgoing.vocabulary import CHATS, FOR_PEOPLE, Event, Shape

if TYPE_CHECKING:
    from datetime import datetime

KIND = "webhook_endpoint"
LONGEST_URL = 500


class WebhookEndpoint(models.Model):
    """One address outside that hears what happens here. Without events it hears all, without a team all teams'.

    The address of a chat is a key: `sealed_url` holds it, and `url` what is shown of it. Who reads as a person hears
    only what there are words for.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    shape = models.CharField(max_length=8, choices=Shape, default=Shape.JSON, db_default=Shape.JSON.value)
    url = models.CharField(max_length=LONGEST_URL)
    sealed_url = models.TextField(blank=True, default="", db_default="")
    description = models.CharField(max_length=200, blank=True, default="")
    events = ArrayField(models.CharField(max_length=40, choices=Event), default=list, blank=True)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    disabled_at = models.DateTimeField(null=True, blank=True)
    disabled_because = models.CharField(max_length=200, blank=True, default="")
    last_success_at = models.DateTimeField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    failures_in_a_row = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(name="one_endpoint_per_url_and_team", fields=["url", "team"], nulls_distinct=False),
            models.CheckConstraint(name="endpoint_shape_is_known", condition=Q(shape__in=Shape.values)),
            models.CheckConstraint(
                name="the_address_of_a_chat_is_sealed",
                condition=Q(shape__in=sorted(CHATS)) ^ Q(sealed_url=""),
            ),
            models.CheckConstraint(
                name="a_disabled_endpoint_says_why",
                condition=Q(disabled_at__isnull=True, disabled_because="")
                | (Q(disabled_at__isnull=False) & ~Q(disabled_because="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.host} ({self.description})" if self.description else self.host

    @property
    def host(self) -> str:
        """The part of the address that holds no secret and names nobody."""
        return self.url.rpartition("@")[2] if self.shape == Shape.MAIL else urlsplit(self.url).hostname or self.url

    @property
    def is_chat(self) -> bool:
        """Whether its address is a key to it."""
        return self.shape in CHATS

    @property
    def is_for_people(self) -> bool:
        """Whether people read there, and not a system."""
        return self.shape != Shape.JSON

    def hears(self, event: str) -> bool:
        """Whether it is told of an event that it subscribed to."""
        return not self.is_for_people or event in FOR_PEOPLE

    @property
    def is_active(self) -> bool:
        """Whether anything is sent there."""
        return self.disabled_at is None

    @property
    def subject(self) -> Subject:
        """The endpoint as the ledger knows it."""
        return Subject(KIND, self.pk)


class WebhookSecret(models.Model):
    """A secret as it is kept: sealed, because whoever holds it can speak in our name. Shown once, when it is made."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="secrets")
    sealed = models.TextField()
    created_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                name="one_secret_without_an_end", fields=["endpoint"], condition=Q(ends_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"since {self.created_at:%Y-%m-%d %H:%M}"

    @staticmethod
    def active(at: datetime) -> Q:
        """Say which secrets sign at a moment."""
        return Q(ends_at__isnull=True) | Q(ends_at__gt=at)
