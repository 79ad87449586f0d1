"""Machines outside that call the API: who answers for each, how fast it may be, and for how much it may ask."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from .ids import new_id
from .people import User
from .subjects import Subject

KIND = "service_account"


class ServiceAccount(models.Model):
    """What is agreed about one service account. Without a row the account has the limits of everybody."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="service_account")
    purpose = models.CharField(max_length=200)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    calls_per_minute = models.PositiveIntegerField(
        null=True, blank=True, help_text="All its tokens together. Empty: as everybody."
    )
    asks_per_hour = models.PositiveIntegerField(
        null=True, blank=True, help_text="Requests and decisions it may ask for in any 60 minutes. Empty: no limit."
    )
    quarantined_at = models.DateTimeField(null=True, blank=True)
    quarantined_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    quarantined_why = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        permissions = [("quarantine_serviceaccount", "Can quarantine a service account and release it")]
        constraints = [
            models.CheckConstraint(
                name="quarantine_says_who_and_why",
                condition=Q(quarantined_at__isnull=True, quarantined_by__isnull=True, quarantined_why="")
                | (Q(quarantined_at__isnull=False, quarantined_by__isnull=False) & ~Q(quarantined_why="")),
            ),
            models.CheckConstraint(name="no_account_answers_for_itself", condition=~Q(owner=F("user"))),
            models.CheckConstraint(
                name="an_account_may_do_something",
                condition=(Q(calls_per_minute__isnull=True) | Q(calls_per_minute__gt=0))
                & (Q(asks_per_hour__isnull=True) | Q(asks_per_hour__gt=0)),
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)

    @property
    def subject(self) -> Subject:
        """Name it in the ledger."""
        return Subject(KIND, self.pk)


class AskingLimit(models.Model):
    """How much an account may ask for in one currency; where it has any, it asks in no other."""

    account = models.ForeignKey(ServiceAccount, on_delete=models.CASCADE, related_name="limits")
    currency = models.CharField(max_length=3)
    single_minor = models.BigIntegerField()
    daily_minor = models.BigIntegerField()

    class Meta:
        ordering = ["currency"]
        constraints = [
            models.UniqueConstraint(fields=["account", "currency"], name="one_asking_limit_per_currency"),
            models.CheckConstraint(
                name="asking_limit_is_in_order", condition=Q(single_minor__gt=0, daily_minor__gte=F("single_minor"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.single_minor} {self.currency}"


def account_of(user: object) -> ServiceAccount | None:
    """Find what is agreed about a caller; people have nothing of the kind."""
    if not isinstance(user, User) or not user.is_service_account:
        return None
    try:
        return user.service_account
    except ServiceAccount.DoesNotExist:
        return None
