"""One recorded fact."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy

from config.kernel.people import User
from config.kernel.subjects import Subject

from .chain_triggers import CHAIN, REFUSE_CHANGE, REFUSE_TRUNCATE

HASH_BYTES = 32


class LedgerEntry(models.Model):
    """One fact about one subject, chained to the fact before it: audit trail, timeline and source of news at once.

    `payload` holds the exact RFC 8785 bytes that were hashed; the other columns repeat it for queries, and
    verification compares them. `seq`, `prev_hash`, `hash` and `recorded_at` are set by the database, whatever is sent.
    """

    subject_kind = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    seq = models.PositiveIntegerField(db_default=0, editable=False)
    kind = models.CharField(max_length=80)
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    machine = models.CharField(max_length=40, blank=True, default="")
    acting_for = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField()
    sentence = models.TextField()
    payload = models.TextField()
    prev_hash = models.BinaryField(db_default=b"", editable=False)
    hash = models.BinaryField(db_default=b"", editable=False)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name_plural = gettext_lazy("ledger entries")
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "seq"], name="ledger_entry_has_one_place_in_its_chain"
            ),
            models.CheckConstraint(
                name="ledger_entry_has_one_actor",
                condition=Q(actor__isnull=False, machine="") | (Q(actor__isnull=True) & ~Q(machine="")),
            ),
            models.CheckConstraint(name="ledger_entry_is_chained", condition=Q(seq__gte=1)),
        ]
        triggers = [CHAIN, REFUSE_CHANGE, REFUSE_TRUNCATE]

    def __str__(self) -> str:
        return f"{self.kind} #{self.seq} of {self.subject_kind} {self.subject_id}"

    @property
    def subject(self) -> Subject:
        """What this entry is about."""
        return Subject(self.subject_kind, self.subject_id)

    @property
    def actor_name(self) -> str:
        """Who acted, as people call them."""
        return str(self.actor) if self.actor is not None else self.machine.capitalize()
