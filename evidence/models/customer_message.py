"""One message to a customer."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from config.kernel.ids import new_id
from config.kernel.people import Team, User
from config.kernel.subjects import Subject
from config.kernel.wording import said
from evidence.vocabulary import Channel, Event, Language, MessageState

from .message_template import MessageTemplate


class CustomerMessage(models.Model):
    """What a customer was told, word for word.

    Like a brief it carries the reference, team and page of its subject, so that the outbox page needs no other app.
    `decider_ids` names everybody who decided what it tells, or rewrote it since; none of them may review it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+", db_index=False)
    reference = models.CharField(max_length=40)
    page = models.CharField(max_length=200, blank=True, default="")
    template = models.CharField(max_length=40)
    language = models.CharField(max_length=10)
    wanted_language = models.CharField(
        max_length=35, blank=True, default="", help_text=said("What the customer speaks, as far as we know.")
    )
    edition = models.ForeignKey(MessageTemplate, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    to = models.EmailField(blank=True, default="")
    customer = models.CharField(max_length=200, blank=True, default="")
    subject_line = models.CharField(max_length=200)
    body = models.TextField()
    closing = models.TextField(blank=True, default="", help_text=said("The end of the body that nobody edits."))
    body_sha256 = models.CharField(max_length=64, blank=True, default="")
    channel = models.CharField(max_length=8, choices=Channel, default=Channel.MAIL)
    state = models.CharField(max_length=12, choices=MessageState, default=MessageState.APPROVED)
    needs_review = models.BooleanField(default=False)
    decider_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    reviewed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True, blank=True)
    is_edited = models.BooleanField(default=False, help_text=said("The reviewer changed the text before approving it."))
    review_note = models.CharField(max_length=400, blank=True, default="")
    written_at = models.DateTimeField()
    attempt_count = models.PositiveIntegerField(default=0)
    claimed_at = models.DateTimeField(
        null=True, blank=True, help_text=said("Set while a worker talks to the mail server.")
    )
    failure = models.CharField(max_length=400, blank=True, default="")
    is_address_refused = models.BooleanField(default=False)
    sent_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        permissions = [
            ("review_customermessage", "Can review messages to customers"),
            ("redraft_customermessage", "Can rewrite a message to a customer that was sent back"),
            ("retry_customermessage", "Can send a failed message again"),
        ]
        indexes = [
            models.Index(fields=["team", "-written_at", "-id"], name="message_newest_of_team"),
            models.Index(fields=["-written_at", "-id"], name="message_newest"),
            models.Index(fields=["subject_kind", "subject_id"], name="message_of_subject"),
            models.Index(fields=["reference"], name="message_by_reference"),
            models.Index(
                fields=["team", "written_at", "id"],
                name="message_waits_for_somebody",
                condition=Q(state__in=["drafted", "in_review", "failed", "unknown"]),
            ),
        ]
        constraints = [
            models.CheckConstraint(name="message_state_is_known", condition=Q(state__in=MessageState.values)),
            models.CheckConstraint(name="message_channel_is_known", condition=Q(channel__in=Channel.values)),
            models.CheckConstraint(
                name="message_leaves_reviewed",
                condition=Q(needs_review=False)
                | Q(state__in=["drafted", "in_review", "dropped"])
                | Q(reviewed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="message_review_has_its_time",
                condition=Q(reviewed_by__isnull=True, reviewed_at__isnull=True)
                | Q(reviewed_by__isnull=False, reviewed_at__isnull=False),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="message_has_four_eyes",
                operation=pgtrigger.Insert | pgtrigger.Update,
                condition=pgtrigger.Condition("NEW.reviewed_by_id = ANY (NEW.decider_ids)"),
            ),
            pgtrigger.Protect(
                name="deciders_stay_deciders",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("NOT (OLD.decider_ids <@ NEW.decider_ids)"),
            ),
            pgtrigger.Protect(
                name="sent_copy_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.state IN ('sent', 'kept') AND ((OLD.state, OLD.reviewed_by_id, OLD.edition_id, OLD.language)"
                    " IS DISTINCT FROM (NEW.state, NEW.reviewed_by_id, NEW.edition_id, NEW.language)"
                    " OR (OLD.subject_line, OLD.body, OLD.body_sha256)"
                    " IS DISTINCT FROM (NEW.subject_line, NEW.body, NEW.body_sha256)"
                    " AND NOT (NEW.erased_at IS NOT NULL AND NEW.body = '' AND NEW.body_sha256 = ''))"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template} for {self.reference}"

    @property
    def subject(self) -> Subject:
        """What it tells about."""
        return Subject(self.subject_kind, self.subject_id)

    @property
    def free_text(self) -> str:
        """The part of the body that may be edited."""
        return self.body.removesuffix(self.closing)

    @property
    def told(self) -> str:
        """What it says, as the end of a sentence."""
        return str(Event(self.template).label)

    @property
    def is_in_another_language(self) -> bool:
        """Whether there is no text in the language that the customer speaks."""
        spoken = self.wanted_language.replace("_", "-").partition("-")[0].lower()
        return spoken not in ("", self.language)

    @property
    def language_name(self) -> str:
        """The language it is written in."""
        return Language(self.language).label if self.language in Language.values else self.language
