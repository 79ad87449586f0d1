"""One file that proves something."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse

from config.kernel.ids import new_id
from config.kernel.people import Team, User
from config.kernel.subjects import Subject
from evidence.camera import LONGEST_WORD
from evidence.scanning import LONGEST_INFECTION
from evidence.vocabulary import SHOWN_STATES, EvidenceKind, ScanState

LONGEST_NAME = 120
LONGEST_PATH = 200


def small_of_shown(shown: str) -> str:
    """Name the thumbnail beside a shown copy."""
    return f"{shown}.small"


def page_of_shown(shown: str, number: int) -> str:
    """Name the picture of a page; that of the first is the shown copy itself."""
    return shown if number == 1 else f"{shown}.{number}"


def files_of_shown(shown: str, page_count: int) -> list[str]:
    """Name everything drawn of a file: the thumbnail, then page after page; nothing of one that was not drawn."""
    if not shown:
        return []
    return [small_of_shown(shown), *[page_of_shown(shown, number) for number in range(1, page_count + 1)]]


class Attachment(models.Model):
    """A file as it came, kept private, and pictures drawn of it without metadata, which alone are ever shown.

    `shown` names the picture of the first page; a thumbnail and the further pages lie beside it. `taken_on`, `camera`,
    `software` and `has_gps` are what the file said of itself; where it was taken is not kept.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=EvidenceKind)
    name = models.CharField(max_length=LONGEST_NAME)
    media_type = models.CharField(max_length=40)
    original = models.FileField(max_length=LONGEST_PATH)
    shown = models.FileField(max_length=LONGEST_PATH, blank=True)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveIntegerField()
    width_px = models.PositiveIntegerField()
    height_px = models.PositiveIntegerField()
    page_count = models.PositiveSmallIntegerField(default=1)
    taken_on = models.DateField(null=True, blank=True)
    camera = models.CharField(max_length=LONGEST_WORD, blank=True, default="")
    software = models.CharField(max_length=LONGEST_WORD, blank=True, default="")
    has_gps = models.BooleanField(default=False)
    scan_state = models.CharField(max_length=10, choices=ScanState, default=ScanState.UNSCANNED)
    infection = models.CharField(max_length=LONGEST_INFECTION, blank=True, default="")
    scanned_at = models.DateTimeField(null=True, blank=True)
    compared_at = models.DateTimeField(null=True, blank=True)
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        permissions = [("view_sensitive_attachment", "Can view identity documents and the like")]
        indexes = [
            models.Index(fields=["team", "added_at"], name="attachment_team_day"),
            models.Index(fields=["sha256"], name="attachment_bytes"),
            models.Index(fields=["added_at"], name="attachment_uncompared", condition=Q(compared_at=None)),
            models.Index(fields=["added_at"], name="attachment_waits", condition=Q(scan_state=ScanState.WAITING)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "sha256"], name="attachment_is_held_once_per_subject"
            ),
            models.CheckConstraint(name="attachment_kind_is_known", condition=Q(kind__in=EvidenceKind.values)),
            models.CheckConstraint(name="attachment_scan_state_is_known", condition=Q(scan_state__in=ScanState.values)),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.name}"

    def get_absolute_url(self) -> str:
        """Where the shown copy is served."""
        return reverse("evidence:attachment", args=[self.pk])

    @property
    def is_shown(self) -> bool:
        """Whether anybody may see what was drawn of it: not while the scanner has not looked, never when it found."""
        return self.scan_state in SHOWN_STATES

    def files(self) -> list[str]:
        """Everything that storage holds of it, by name: the file as it came and what was drawn of it."""
        return [str(self.original), *files_of_shown(str(self.shown), self.page_count)]

    @property
    def subject(self) -> Subject:
        """What this file proves something about."""
        return Subject(self.subject_kind, self.subject_id)
