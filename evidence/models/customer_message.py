"""One message to a customer."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from config.kernel.ids import new_id
from config.kernel.people import Team
from evidence.vocabulary import MessageState


class CustomerMessage(models.Model):
    """What a customer was told, word for word.

    Like a brief it carries the reference, team and page of its subject, so that the outbox page needs no other app.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+", db_index=False)
    reference = models.CharField(max_length=40)
    page = models.CharField(max_length=200, blank=True, default="")
    template = models.CharField(max_length=40)
    language = models.CharField(max_length=10)
    to = models.EmailField(blank=True, default="")
    customer = models.CharField(max_length=200, blank=True, default="")
    subject_line = models.CharField(max_length=200)
    body = models.TextField()
    state = models.CharField(max_length=8, choices=MessageState, default=MessageState.WRITTEN)
    written_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["team", "-written_at", "-id"], name="message_newest_of_team"),
            models.Index(fields=["subject_kind", "subject_id"], name="message_of_subject"),
            models.Index(fields=["reference"], name="message_by_reference"),
        ]
        constraints = [
            models.CheckConstraint(name="message_state_is_known", condition=Q(state__in=MessageState.values)),
        ]

    def __str__(self) -> str:
        return f"{self.template} for {self.reference}"
