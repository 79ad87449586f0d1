"""What a processor says of its own payouts to our bank account."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse

from config.kernel.ids import new_id
from config.kernel.money import Money

from .statement import Statement


class ProcessorPayout(models.Model):
    """One payout as the processor last told of it; `statement` holds its lines once they were fetched.

    `problem` says why what was fetched was not believed; somebody then asks for it again.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.CharField(max_length=40)
    external_id = models.CharField(max_length=120)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=20)
    is_automatic = models.BooleanField()
    is_reconciled = models.BooleanField(default=False)
    failure = models.CharField(max_length=200, blank=True, default="")
    arrives_on = models.DateField()
    created_at = models.DateTimeField()
    told_at = models.DateTimeField()
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, null=True, blank=True, related_name="payouts")
    problem = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        permissions = []
        constraints = [
            models.UniqueConstraint(name="one_row_per_payout", fields=["account", "external_id"]),
            models.CheckConstraint(
                name="fetched_once_it_is_reconciled", condition=Q(statement__isnull=True) | Q(is_reconciled=True)
            ),
        ]
        indexes = [
            models.Index(
                name="payout_to_fetch", fields=["created_at"], condition=Q(is_reconciled=True, statement__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.external_id} {self.amount}"

    def get_absolute_url(self) -> str:
        """The page of its lines."""
        return reverse("refunds:payout", args=[self.external_id])

    @property
    def amount(self) -> Money:
        """What was paid out."""
        return Money(self.amount_minor, self.currency)

    @property
    def is_back(self) -> bool:
        """Whether the money did not stay at the bank."""
        return self.status in {"failed", "canceled"}

    @property
    def waits_to_be_fetched(self) -> bool:
        """Whether the processor knows its lines and we have not read them."""
        return self.is_reconciled and self.statement_id is None
