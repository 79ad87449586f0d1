"""A complaint at the customer's bank about a charge."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from config.kernel.ids import new_id
from config.kernel.money import Money
from config.kernel.subjects import Subject
from refunds.vocabulary import DISPUTE_IS_OPEN, DISPUTE_STANDS, DisputeKind, DisputeStatus

from .payment import Payment

DISPUTE = "dispute"


class Dispute(models.Model):
    """A dispute, an inquiry or an early fraud warning as the processor showed it when it was last read.

    `first_read_at` is when we learned of it, `read_at` when the last reading that counts began: an older one that ends
    later changes nothing.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="disputes")
    gateway = models.CharField(max_length=40)
    external_id = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=DisputeKind)
    status = models.CharField(max_length=16, choices=DisputeStatus)
    reason = models.CharField(max_length=60, blank=True, default="")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    due_at = models.DateTimeField(null=True, blank=True)
    is_charge_refundable = models.BooleanField()
    opened_at = models.DateTimeField()
    first_read_at = models.DateTimeField()
    read_at = models.DateTimeField()

    class Meta:
        ordering = ["opened_at", "pk"]
        constraints = [
            models.UniqueConstraint(name="one_dispute_per_gateway_id", fields=["gateway", "external_id"]),
            models.CheckConstraint(name="dispute_kind_is_known", condition=Q(kind__in=DisputeKind.values)),
            models.CheckConstraint(name="dispute_status_is_known", condition=Q(status__in=DisputeStatus.values)),
            models.CheckConstraint(name="dispute_amount_is_not_negative", condition=Q(amount_minor__gte=0)),
        ]
        indexes = [
            models.Index(name="dispute_of_payment", fields=["payment"]),
            models.Index(name="dispute_to_watch", fields=["read_at"], condition=Q(status__in=sorted(DISPUTE_IS_OPEN))),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.external_id}"

    @property
    def subject(self) -> Subject:
        """The dispute as the ledger knows it."""
        return Subject(DISPUTE, self.pk)

    @property
    def amount(self) -> Money:
        """What it is about."""
        return Money(self.amount_minor, self.currency)

    @property
    def is_open(self) -> bool:
        """Whether anything can still happen to it."""
        return self.status in DISPUTE_IS_OPEN

    @property
    def stands(self) -> bool:
        """Whether a refund beside it may pay the customer twice: it is open, or the bank gave her the money."""
        return self.status in DISPUTE_STANDS
