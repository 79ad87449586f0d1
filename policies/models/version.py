"""An edition of a policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django_fsm import FSMField, transition

from config.kernel.ids import new_id
from policies.vocabulary import VersionState

from .policy import Policy

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.people import User


class PolicyVersion(models.Model):
    """A typed document with an author, a publisher who is somebody else, and a life. Immutable once published."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = FSMField(default=VersionState.DRAFT, choices=VersionState.choices, protected=True)
    document = models.JSONField(help_text="The typed policy document, schema version 1.")
    what = models.TextField(blank=True, default="", help_text="What changes.")
    why = models.TextField(blank=True, default="", help_text="Why it changes.")
    impact = models.TextField(blank=True, default="", help_text="Whom it affects and how.")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["policy", "-number"]
        permissions = [("publish_policyversion", "Can publish a policy version written by somebody else")]
        constraints = [
            models.UniqueConstraint(name="one_version_per_number", fields=["policy", "number"]),
            models.UniqueConstraint(
                name="one_published_version_per_policy", fields=["policy"], condition=Q(state="published")
            ),
            models.CheckConstraint(name="version_state_is_known", condition=Q(state__in=VersionState.values)),
            models.CheckConstraint(
                name="publisher_is_not_the_author",
                condition=Q(published_by__isnull=True) | ~Q(published_by=F("author")),
            ),
            models.CheckConstraint(
                name="published_version_names_its_publisher",
                condition=Q(state__in=["draft", "in_review"])
                | Q(published_by__isnull=False, published_at__isnull=False),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="published_document_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.state IN ('published', 'retired') AND (OLD.document, OLD.policy_id, OLD.number, OLD.author_id,"
                    " OLD.published_by_id) IS DISTINCT FROM"
                    " (NEW.document, NEW.policy_id, NEW.number, NEW.author_id, NEW.published_by_id)"
                ),
            ),
            pgtrigger.Protect(
                name="published_version_is_never_deleted",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Condition("OLD.state IN ('published', 'retired')"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy.slug} v{self.number}"

    @transition(
        field=state,
        source=VersionState.DRAFT,
        target=VersionState.IN_REVIEW,
        permission="policies.change_policyversion",
    )
    def send_to_review(self, *, actor: User, at: datetime) -> None:
        """Ask a second person to read it."""

    @transition(
        field=state,
        source=VersionState.IN_REVIEW,
        target=VersionState.DRAFT,
        permission="policies.change_policyversion",
    )
    def send_back(self, *, actor: User, at: datetime) -> None:
        """Return it to its author."""

    @transition(
        field=state,
        source=VersionState.IN_REVIEW,
        target=VersionState.PUBLISHED,
        permission="policies.publish_policyversion",
    )
    def publish(self, *, actor: User, at: datetime) -> None:
        """Put it in force, signed by somebody other than the author."""
        self.published_by = actor
        self.published_at = at

    @transition(
        field=state,
        source=VersionState.PUBLISHED,
        target=VersionState.RETIRED,
        permission="policies.publish_policyversion",
    )
    def retire(self, *, actor: User, at: datetime) -> None:
        """Take it out of force; requests in flight keep it."""
        self.retired_at = at
