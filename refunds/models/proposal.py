"""What a language model was asked, what it proposed, and how much of the day's budget is used."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from config.kernel.ids import new_id
from refunds.proposing.vocabulary import AskOutcome, ProposalKind, ProposalState

from .refund_request import RefundRequest

LONGEST_PROPOSAL = 1500


class ProposalDay(models.Model):
    """What was used of one day's budget, by all processes together."""

    day = models.DateField(primary_key=True)
    call_count = models.PositiveIntegerField(default=0)
    token_count = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.day}: {self.call_count}"


class ProposalCall(models.Model):
    """One question about the facts of one request, asked once; without an outcome it is under way, or was stopped."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    refund_request = models.ForeignKey(
        RefundRequest, on_delete=models.CASCADE, related_name="proposal_calls", db_index=False
    )
    inputs_sha256 = models.CharField(max_length=64)
    model_name = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=12, choices=AskOutcome, blank=True, default="")
    token_count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(name="the_same_facts_are_asked_once", fields=["refund_request", "inputs_sha256"]),
        ]

    def __str__(self) -> str:
        return f"{self.model_name}: {self.get_outcome_display()}"


class Proposal(models.Model):
    """One thing a model proposed; it is text for a person to read, and nothing acts on it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    call = models.ForeignKey(ProposalCall, on_delete=models.CASCADE, related_name="proposals", db_index=False)
    kind = models.CharField(max_length=12, choices=ProposalKind)
    text = models.CharField(max_length=LONGEST_PROPOSAL)
    confidence = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=ProposalState, default=ProposalState.PROPOSED)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["kind", "pk"]
        constraints = [
            models.UniqueConstraint(name="a_call_proposes_each_kind_once", fields=["call", "kind"]),
            models.CheckConstraint(name="proposal_kind_is_known", condition=Q(kind__in=ProposalKind.values)),
            models.CheckConstraint(name="confidence_is_of_a_hundred", condition=Q(confidence__lte=100)),
            models.CheckConstraint(
                name="a_person_answers_a_proposal",
                condition=Q(state=ProposalState.PROPOSED, answered_by__isnull=True, answered_at__isnull=True)
                | (
                    Q(state__in=[ProposalState.ACCEPTED, ProposalState.DISMISSED])
                    & Q(answered_by__isnull=False, answered_at__isnull=False)
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.get_state_display().lower()}"
