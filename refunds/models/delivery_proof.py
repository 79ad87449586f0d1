"""What says when an order arrived."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from config.kernel.ids import new_id
from refunds.vocabulary import ProofSource

from .order import Order


class DeliveryProof(models.Model):
    """One word on a delivery: a carrier's of one parcel, as it stands now, the sender's of the order, or a person's."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # The unique constraint below begins with the order and serves as its index.
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="delivery_proofs", db_index=False)
    source = models.CharField(max_length=10, choices=ProofSource)
    external_id = models.CharField(max_length=40)
    carrier = models.CharField(max_length=60, blank=True, default="")
    tracking = models.CharField(max_length=100, blank=True, default="")
    shipped_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=2000, blank=True, default="")
    told_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_proof_per_parcel", fields=["order", "source", "external_id"]),
            models.CheckConstraint(name="proof_source_is_known", condition=Q(source__in=ProofSource.values)),
            models.CheckConstraint(
                name="proof_of_a_person_names_her_and_the_day",
                condition=Q(source=ProofSource.PERSON, noted_by__isnull=False, delivered_at__isnull=False)
                | (~Q(source=ProofSource.PERSON) & Q(noted_by__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.external_id}"
