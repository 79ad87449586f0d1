"""One edition of what customers are told about an event."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy

from config.kernel.ids import new_id
from config.kernel.people import User
from evidence.vocabulary import Channel, EditionState, Event, Language

KIND = "message_template"


class MessageTemplate(models.Model):
    """The text about an event in one language for one channel, in one edition; one of them is in use.

    `writer_ids` names everybody who wrote any of it, none of whom may publish it. The first edition is supplied with
    Redress and has no writer. The locked lines are not part of it: they are put under every text when it is filled.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    event = models.CharField(max_length=40, choices=Event)
    language = models.CharField(max_length=10, choices=Language)
    channel = models.CharField(max_length=8, choices=Channel, default=Channel.MAIL)
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=EditionState, default=EditionState.DRAFT)
    subject_line = models.CharField(max_length=150)
    body = models.TextField()
    what = models.CharField("what changes, and why", max_length=400, blank=True, default="")
    is_supplied = models.BooleanField(default=False, editable=False)
    writer_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = gettext_lazy("message text")
        verbose_name_plural = gettext_lazy("message texts")
        ordering = ["event", "language", "channel", "-number"]
        permissions = [("publish_messagetemplate", "Can publish a message text written by somebody else")]
        constraints = [
            models.UniqueConstraint(name="one_edition_per_number", fields=["event", "language", "channel", "number"]),
            models.UniqueConstraint(
                name="one_edition_in_use",
                fields=["event", "language", "channel"],
                condition=Q(state=EditionState.PUBLISHED),
            ),
            models.UniqueConstraint(
                name="one_edition_in_the_making",
                fields=["event", "language", "channel"],
                condition=Q(state__in=[EditionState.DRAFT, EditionState.IN_REVIEW]),
            ),
            models.CheckConstraint(name="edition_state_is_known", condition=Q(state__in=EditionState.values)),
            models.CheckConstraint(name="edition_event_is_known", condition=Q(event__in=Event.values)),
            models.CheckConstraint(name="edition_language_is_known", condition=Q(language__in=Language.values)),
            models.CheckConstraint(name="edition_channel_is_known", condition=Q(channel__in=Channel.values)),
            models.CheckConstraint(
                name="edition_in_use_names_its_publisher",
                condition=Q(state__in=[EditionState.DRAFT, EditionState.IN_REVIEW])
                | Q(published_at__isnull=False, published_by__isnull=False, is_supplied=False)
                | Q(published_at__isnull=False, published_by__isnull=True, is_supplied=True, number=1),
            ),
            models.CheckConstraint(
                name="edition_has_a_writer", condition=Q(is_supplied=True) | Q(writer_ids__len__gt=0)
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="no_writer_publishes_an_edition",
                operation=pgtrigger.Insert | pgtrigger.Update,
                condition=pgtrigger.Condition("NEW.published_by_id = ANY (NEW.writer_ids)"),
            ),
            pgtrigger.Protect(
                name="edition_writers_stay_writers",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "NOT (OLD.writer_ids <@ NEW.writer_ids) OR OLD.is_supplied <> NEW.is_supplied"
                ),
            ),
            pgtrigger.Protect(
                name="published_edition_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.state IN ('published', 'retired') AND (NEW.state IN ('draft', 'in_review')"
                    " OR (OLD.state = 'retired' AND NEW.state <> 'retired')"
                    " OR (OLD.event, OLD.language, OLD.channel, OLD.number, OLD.subject_line, OLD.body, OLD.what,"
                    " OLD.writer_ids, OLD.published_by_id, OLD.published_at)"
                    " IS DISTINCT FROM (NEW.event, NEW.language, NEW.channel, NEW.number, NEW.subject_line, NEW.body,"
                    " NEW.what, NEW.writer_ids, NEW.published_by_id, NEW.published_at))"
                ),
            ),
            # What waits for its reader is not changed under the reader's eyes either.
            pgtrigger.Protect(
                name="edition_in_review_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.state = 'in_review' AND (OLD.subject_line, OLD.body) IS DISTINCT FROM"
                    " (NEW.subject_line, NEW.body)"
                ),
            ),
            pgtrigger.Protect(
                name="edition_is_published_from_review",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.state = 'draft' AND NEW.state NOT IN ('draft', 'in_review')"),
            ),
            pgtrigger.Protect(
                name="published_edition_is_never_deleted",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Condition("OLD.state IN ('published', 'retired')"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_event_display().capitalize()}, in {self.get_language_display()}, edition {self.number}"
