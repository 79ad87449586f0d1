"""What a policy said of one case."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q

from approvals.vocabulary import Category
from config.kernel.ids import new_id
from config.kernel.wording import said
from policies.vocabulary import Mode, Outcome

from .version import PolicyVersion


class PolicyDecision(models.Model):
    """Version, facts as seen, findings and outcome: enough to replay it for ever. Never changed afterwards."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # The index below begins with the version and serves the foreign key too.
    version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="decisions", db_index=False)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    reference = models.CharField(max_length=40, blank=True, default="", help_text=said("What people call the subject."))
    page = models.CharField(max_length=200, blank=True, default="", help_text=said("Where the subject is shown."))
    is_trial = models.BooleanField(
        default=False, help_text=said("Said by a version in shadow, beside the one in force.")
    )
    category = models.CharField(max_length=32, choices=Category)
    mode = models.CharField(max_length=8, choices=Mode)
    outcome = models.CharField(max_length=20, choices=Outcome)
    matched_rule = models.CharField(max_length=80)
    amount_minor = models.BigIntegerField()
    allowed_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    facts = models.JSONField()
    findings = models.JSONField()
    why_not_automatic = models.JSONField(default=list)
    exception_codes = models.JSONField(default=list)
    decided_at = models.DateTimeField()

    class Meta:
        ordering = ["decided_at", "id"]
        indexes = [
            models.Index(name="decision_of_subject", fields=["subject_kind", "subject_id"]),
            models.Index(name="decision_of_version", fields=["version", "decided_at"]),
            models.Index(
                name="decision_by_rule", fields=["matched_rule", "-decided_at", "-id"], condition=Q(is_trial=False)
            ),
            # Insight asks for a year of outcomes, and a row carries all its facts.
            models.Index(name="decision_outcome", fields=["id"], include=["outcome"]),
            # Which demanded evidence is asked of months at a time; few did, and findings are long to read.
            models.Index(
                name="decision_demands_evidence",
                fields=["id"],
                condition=Q(mode=Mode.ENFORCE, findings__contains=[{"rule": "evidence"}]),
            ),
        ]
        constraints = [
            models.CheckConstraint(name="policy_outcome_is_known", condition=Q(outcome__in=Outcome.values)),
        ]
        triggers = [pgtrigger.Protect(name="policy_decisions_stay", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.outcome} by {self.version}"

    @property
    def is_enforced(self) -> bool:
        """Whether the outcome gated the money or was only written down."""
        return self.mode == Mode.ENFORCE

    @property
    def failed(self) -> list[dict[str, object]]:
        """The findings that did not pass."""
        return [finding for finding in self.findings if not finding["passed"]]
