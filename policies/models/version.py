"""An edition of a policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django_fsm import FSMField, transition

from config.kernel.ids import new_id
from config.kernel.wording import said
from policies.vocabulary import ChangeCategory, VersionState

from .policy import Policy

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.people import User


class PolicyVersion(models.Model):
    """A typed document with an author, a publisher who is somebody else, and a life. Immutable once published.

    `writer_ids` names everybody who wrote any of it; none of them may publish it. An emergency change is put in force
    at once by `second_person`, whom its author named, and read again by a third person until `review_due_at`.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = FSMField(default=VersionState.DRAFT, choices=VersionState.choices, protected=True)
    document = models.JSONField(help_text=said("The typed policy document."))
    change_category = models.CharField(max_length=10, choices=ChangeCategory, default=ChangeCategory.NORMAL)
    what = models.TextField(blank=True, default="", help_text=said("What changes."))
    why = models.TextField(blank=True, default="", help_text=said("Why it changes."))
    impact = models.TextField(blank=True, default="", help_text=said("Whom it affects and how."))
    risk_rationale = models.TextField(
        blank=True, default="", help_text=said("What could go wrong, and why it is worth it.")
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    writer_ids = ArrayField(models.BigIntegerField(), default=list)
    second_person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    review_note = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()
    shadow_since = models.DateTimeField(null=True, blank=True)
    publish_at = models.DateTimeField(
        null=True, blank=True, help_text=said("When a scheduled version comes into force.")
    )
    published_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    review_due_at = models.DateTimeField(null=True, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["policy", "-number"]
        permissions = [
            ("publish_policyversion", "Can publish a policy version written by somebody else"),
            ("review_policyversion", "Can review an emergency change after it came into force"),
        ]
        constraints = [
            models.UniqueConstraint(name="one_version_per_number", fields=["policy", "number"]),
            models.UniqueConstraint(
                name="one_published_version_per_policy", fields=["policy"], condition=Q(state="published")
            ),
            models.UniqueConstraint(
                name="one_scheduled_version_per_policy", fields=["policy"], condition=Q(state="scheduled")
            ),
            models.UniqueConstraint(
                name="one_version_in_shadow_per_policy", fields=["policy"], condition=Q(state="shadow")
            ),
            models.CheckConstraint(name="version_state_is_known", condition=Q(state__in=VersionState.values)),
            models.CheckConstraint(
                name="publisher_is_not_the_author",
                condition=Q(published_by__isnull=True) | ~Q(published_by=F("author")),
            ),
            models.CheckConstraint(
                name="published_version_names_its_publisher",
                condition=~Q(state__in=["scheduled", "published", "retired"]) | Q(published_by__isnull=False),
            ),
            models.CheckConstraint(
                name="published_version_says_since_when",
                condition=~Q(state__in=["published", "retired"]) | Q(published_at__isnull=False),
            ),
            models.CheckConstraint(
                name="scheduled_version_says_from_when", condition=~Q(state="scheduled") | Q(publish_at__isnull=False)
            ),
            models.CheckConstraint(
                name="emergency_is_published_by_the_person_it_names",
                condition=~Q(state__in=["published", "retired"], change_category="emergency")
                | Q(published_by=F("second_person"), review_due_at__isnull=False),
            ),
            models.CheckConstraint(
                name="emergency_is_reviewed_by_a_third_person",
                condition=Q(reviewed_by__isnull=True)
                | (~Q(reviewed_by=F("author")) & ~Q(reviewed_by=F("published_by"))),
            ),
            models.CheckConstraint(
                name="review_names_its_reader",
                condition=Q(reviewed_at__isnull=True, reviewed_by__isnull=True)
                | Q(reviewed_at__isnull=False, reviewed_by__isnull=False),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="published_document_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.state IN ('scheduled', 'published', 'retired') AND NEW.state <> 'draft' AND"
                    " (OLD.document, OLD.policy_id, OLD.number, OLD.author_id, OLD.published_by_id, OLD.writer_ids,"
                    " OLD.what, OLD.why, OLD.impact, OLD.risk_rationale, OLD.change_category, OLD.second_person_id)"
                    " IS DISTINCT FROM"
                    " (NEW.document, NEW.policy_id, NEW.number, NEW.author_id, NEW.published_by_id, NEW.writer_ids,"
                    " NEW.what, NEW.why, NEW.impact, NEW.risk_rationale, NEW.change_category, NEW.second_person_id)"
                ),
            ),
            pgtrigger.Protect(
                name="publication_and_review_stay",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.state IN ('published', 'retired') AND (OLD.published_at IS DISTINCT FROM NEW.published_at"
                    " OR (OLD.reviewed_at IS NOT NULL AND (OLD.reviewed_at, OLD.reviewed_by_id, OLD.review_note)"
                    " IS DISTINCT FROM (NEW.reviewed_at, NEW.reviewed_by_id, NEW.review_note)))"
                ),
            ),
            pgtrigger.Protect(
                name="writers_stay_writers",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.author_id <> NEW.author_id OR NOT (OLD.writer_ids <@ NEW.writer_ids)"
                ),
            ),
            pgtrigger.Protect(
                name="published_version_stays_published",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.state IN ('published', 'retired') AND NEW.state <> 'retired'"
                    " AND NOT (OLD.state = 'published' AND NEW.state = 'published')"
                ),
            ),
            pgtrigger.Protect(
                name="published_version_is_never_deleted",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Condition("OLD.state IN ('published', 'retired')"),
            ),
            pgtrigger.Trigger(
                name="no_writer_publishes",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.Condition("NEW.published_by_id = ANY (NEW.writer_ids)"),
                func="RAISE EXCEPTION 'whoever wrote any of a policy version cannot publish it';",
            ),
            pgtrigger.Trigger(
                name="no_writer_reviews",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.Condition("NEW.reviewed_by_id = ANY (NEW.writer_ids)"),
                func="RAISE EXCEPTION 'whoever wrote any of a policy version cannot review it';",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy.slug} v{self.number}"

    @property
    def is_emergency(self) -> bool:
        """Whether it comes into force at once and is read afterwards."""
        return self.change_category == ChangeCategory.EMERGENCY

    @property
    def waits_for_its_reader(self) -> bool:
        """Whether it is an emergency change in force that no third person has read yet."""
        return self.review_due_at is not None and self.reviewed_at is None

    def is_overdue(self, at: datetime) -> bool:
        """Whether its reader is late."""
        return self.review_due_at is not None and self.reviewed_at is None and at >= self.review_due_at

    @transition(
        field=state,
        source=VersionState.DRAFT,
        target=VersionState.IN_REVIEW,
        permission="policies.change_policyversion",
    )
    def send_to_review(self) -> None:
        """Ask a second person to read it."""

    @transition(
        field=state,
        source=[VersionState.IN_REVIEW, VersionState.SHADOW],
        target=VersionState.DRAFT,
        permission="policies.change_policyversion",
    )
    def send_back(self) -> None:
        """Return it to its author."""
        self.shadow_since = None

    @transition(
        field=state,
        source=VersionState.IN_REVIEW,
        target=VersionState.SHADOW,
        permission="policies.publish_policyversion",
    )
    def start_shadow(self, *, at: datetime) -> None:
        """Let it say of every new case what it would have said."""
        self.shadow_since = at

    @transition(
        field=state,
        source=[VersionState.IN_REVIEW, VersionState.SHADOW],
        target=VersionState.SCHEDULED,
        permission="policies.publish_policyversion",
    )
    def schedule(self, *, signed_by: User, publish_at: datetime) -> None:
        """Sign for it now, to come into force later."""
        self.published_by = signed_by
        self.publish_at = publish_at

    @transition(
        field=state,
        source=VersionState.SCHEDULED,
        target=VersionState.DRAFT,
        permission="policies.change_policyversion",
    )
    def recall(self) -> None:
        """Take the signature and the moment back before it comes into force."""
        self.published_by = self.publish_at = self.shadow_since = None

    @transition(
        field=state,
        source=[VersionState.IN_REVIEW, VersionState.SHADOW, VersionState.SCHEDULED],
        target=VersionState.PUBLISHED,
        permission="policies.publish_policyversion",
    )
    def publish(self, *, signed_by: User, at: datetime) -> None:
        """Put it in force, signed by somebody who wrote none of it."""
        self.published_by = signed_by
        self.published_at = at

    @transition(
        field=state,
        source=VersionState.DRAFT,
        target=VersionState.PUBLISHED,
        permission="policies.publish_policyversion",
    )
    def publish_at_once(self, *, signed_by: User, at: datetime, review_due_at: datetime) -> None:
        """Put an emergency change in force unread, to be read until `review_due_at`."""
        self.published_by = signed_by
        self.published_at = at
        self.review_due_at = review_due_at

    @transition(
        field=state,
        source=VersionState.PUBLISHED,
        target=VersionState.RETIRED,
        permission="policies.publish_policyversion",
    )
    def retire(self, *, at: datetime) -> None:
        """Take it out of force; requests in flight keep it."""
        self.retired_at = at
