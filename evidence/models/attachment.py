"""One file that proves something."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse

from config.kernel.ids import new_id
from config.kernel.people import Team, User
from config.kernel.subjects import Subject
from evidence.vocabulary import EvidenceKind

LONGEST_NAME = 120
LONGEST_PATH = 200


class Attachment(models.Model):
    """A picture as it came, kept private, and a copy of it without metadata, which is the only one ever shown."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=EvidenceKind)
    name = models.CharField(max_length=LONGEST_NAME)
    media_type = models.CharField(max_length=40)
    original = models.FileField(max_length=LONGEST_PATH)
    shown = models.FileField(max_length=LONGEST_PATH)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveIntegerField()
    width_px = models.PositiveIntegerField()
    height_px = models.PositiveIntegerField()
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "sha256"], name="attachment_is_held_once_per_subject"
            ),
            models.CheckConstraint(name="attachment_kind_is_known", condition=Q(kind__in=EvidenceKind.values)),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.name}"

    def get_absolute_url(self) -> str:
        """Where the shown copy is served."""
        return reverse("evidence:attachment", args=[self.pk])

    @property
    def subject(self) -> Subject:
        """What this file proves something about."""
        return Subject(self.subject_kind, self.subject_id)
