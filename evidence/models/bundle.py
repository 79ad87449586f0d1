"""What an auditor takes home, and who took it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse

from config.kernel.ids import new_id
from config.kernel.jobs import Job
from config.kernel.people import User
from config.kernel.subjects import Subject
from config.kernel.wording import said
from evidence.vocabulary import BundleKind

from .append_only import refuse_change, refuse_truncate

LONGEST_TITLE = 200
KIND = "bundle"


class Bundle(models.Model):
    """A ZIP that somebody asked for, built by a job for her alone, and removed when its time is over.

    `parameters` say what is in it: the reference of a request, or what a population is chosen and drawn by.
    `known_checkpoint` is the one that the auditor has already and wants to be led from.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=10, choices=BundleKind)
    subject_kind = models.CharField(max_length=40, blank=True, default="")
    subject_id = models.UUIDField(null=True, blank=True)
    title = models.CharField(max_length=LONGEST_TITLE)
    parameters = models.JSONField(default=dict)
    team_ids = ArrayField(
        models.BigIntegerField(), default=list, help_text=said("Whose evidence is in it, once it is built.")
    )
    rights = ArrayField(
        models.CharField(max_length=60), default=list, help_text=said("What it takes to see all in it.")
    )
    has_files = models.BooleanField(default=False)
    known_checkpoint = models.BigIntegerField(null=True, blank=True)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    job = models.OneToOneField(Job, on_delete=models.PROTECT, related_name="+")
    file = models.FileField(max_length=LONGEST_TITLE, blank=True)
    size_bytes = models.BigIntegerField(default=0)
    manifest_sha256 = models.CharField(max_length=64, blank=True, default="")
    built_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        permissions = [("view_population", "Can take the evidence of a population of requests home")]
        constraints = [
            models.CheckConstraint(name="bundle_kind_is_known", condition=Q(kind__in=BundleKind.values)),
            models.CheckConstraint(
                name="bundle_of_a_request_names_it",
                condition=~Q(kind=BundleKind.REQUEST) | Q(subject_id__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["asked_by", "-asked_at", "-id"], name="bundle_of_person"),
            models.Index(
                fields=["expires_at"],
                name="bundle_to_remove",
                condition=Q(expires_at__isnull=False, removed_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Where its progress is shown, and where it is taken from."""
        return reverse("refunds:bundle", args=[self.pk])

    @property
    def subject(self) -> Subject:
        """What the ledger's entries about it hang on: the request, or the bundle of a population itself."""
        return Subject(KIND, self.pk) if self.subject_id is None else Subject(self.subject_kind, self.subject_id)

    @property
    def filename(self) -> str:
        """What its file is called where it is taken to."""
        word = self.parameters["reference"] if self.kind == BundleKind.REQUEST else "population"
        return f"evidence-{word}-{self.asked_at:%Y%m%d-%H%M%S}.zip"


class BundleDownload(models.Model):
    """That somebody took a bundle home, and when."""

    bundle = models.ForeignKey(Bundle, on_delete=models.PROTECT, related_name="downloads")
    taken_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    taken_at = models.DateTimeField()

    class Meta:
        triggers = [refuse_change("list of downloads"), refuse_truncate("list of downloads")]

    def __str__(self) -> str:
        return f"{self.bundle_id} taken by {self.taken_by_id}"
