"""What we tell a shop of a refund of ours."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from config.kernel.ids import new_id
from refunds.vocabulary import NoteState

from .operation import Operation
from .shop_connection import ShopConnection


class ShopNote(models.Model):
    """One refund that a shop is to hear of: written with the refund, told by a worker, once.

    The shop is asked for it before each try, by the id of the operation, which the note carries.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    connection = models.ForeignKey(ShopConnection, on_delete=models.PROTECT, related_name="notes")
    operation = models.OneToOneField(Operation, on_delete=models.PROTECT, related_name="shop_note")
    state = models.CharField(max_length=12, choices=NoteState, default=NoteState.WAITING)
    tries = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    external_id = models.CharField(max_length=40, blank=True, default="", help_text="What the shop calls it.")
    outcome = models.CharField(max_length=200, blank=True, default="", help_text="Why it waits for a person.")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [models.CheckConstraint(name="note_state_is_known", condition=Q(state__in=NoteState.values))]
        indexes = [models.Index(name="note_to_tell", fields=["created_at"], condition=Q(state="waiting"))]

    def __str__(self) -> str:
        return f"{self.operation_id} {self.state}"
