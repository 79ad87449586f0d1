"""Files for the general ledger: who took which entries, when, and what they add up to."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from config.kernel.ids import new_id
from config.kernel.jobs import Job
from config.kernel.subjects import Subject
from refunds.books.vocabulary import ExportFormat

from .journal import JournalEntry

GL_EXPORT = "gl_export"

MARKS_STAY = """
    IF EXISTS (SELECT FROM refunds_glexport AS export WHERE export.id = OLD.export_id AND export.sha256 <> '') THEN
        RAISE EXCEPTION 'What was exported stays marked as exported.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'marks_stay';
    END IF;
    RETURN OLD;
"""


class GLExport(models.Model):
    """One file: what was asked for, and once it is made its size, sums and hash. Then it never changes.

    `sums` are by currency: debits, which are the credits too, in minor units as text. `team_ids` are the teams of
    whoever asked: entries of others are not in it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    format = models.CharField(max_length=12, choices=ExportFormat)
    from_on = models.DateField()
    to_on = models.DateField()
    currency = models.CharField(max_length=3, blank=True, default="")
    is_only_new = models.BooleanField(default=True)
    subsidiary = models.CharField(max_length=20, blank=True, default="")
    team_ids = ArrayField(models.BigIntegerField(), default=list)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    job = models.OneToOneField(Job, on_delete=models.PROTECT, related_name="+")
    file = models.CharField(max_length=200, blank=True, default="")
    entry_count = models.PositiveIntegerField(default=0)
    row_count = models.PositiveIntegerField(default=0)
    sums = models.JSONField(default=dict)
    sha256 = models.CharField(max_length=64, blank=True, default="")
    made_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "general ledger export"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="export_format_is_known", condition=Q(format__in=ExportFormat.values)),
            models.CheckConstraint(name="export_days_are_in_order", condition=Q(to_on__gte=F("from_on"))),
            models.CheckConstraint(
                name="made_export_has_its_hash",
                condition=Q(sha256="", made_at__isnull=True, file="")
                | (~Q(sha256="") & Q(made_at__isnull=False) & ~Q(file="")),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="made_exports_stay",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Condition("OLD.sha256 <> ''"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_format_display()} {self.from_on} to {self.to_on}"

    @property
    def subject(self) -> Subject:
        """The export as the ledger knows it."""
        return Subject(GL_EXPORT, self.pk)

    @property
    def query(self) -> str:
        """What was asked for, in words that say the same tomorrow."""
        words = [
            f"entries booked from {self.from_on} to {self.to_on}",
            f"in {self.currency}" if self.currency else "in every currency",
            "that were in no export before" if self.is_only_new else "exported before or not",
            f"of teams {', '.join(map(str, self.team_ids)) or 'none'} and of no team",
        ]
        return "; ".join(words + ([f"subsidiary {self.subsidiary}"] if self.subsidiary else []))

    @property
    def filename(self) -> str:
        """What it is called where it is taken to."""
        return f"journal-{self.format}-{self.from_on}-{self.to_on}-{self.pk.hex[-8:]}.csv"


class GLExportEntry(models.Model):
    """An entry that went into an export."""

    export = models.ForeignKey(GLExport, on_delete=models.PROTECT, related_name="marks", db_index=False)
    entry = models.ForeignKey(JournalEntry, on_delete=models.PROTECT, related_name="exports")

    class Meta:
        constraints = [models.UniqueConstraint(name="once_in_an_export", fields=["export", "entry"])]
        triggers = [
            pgtrigger.Trigger(
                name="marks_stay",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=MARKS_STAY,
            )
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} in {self.export_id}"
