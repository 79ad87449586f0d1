"""A money action outside a refund request: asked about before it is done, or seen after it left."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from approvals.models import ApprovalRoute
from approvals.vocabulary import Category
from config.kernel.ids import new_id
from config.kernel.money import Money
from config.kernel.people import Team
from config.kernel.subjects import Subject
from config.kernel.wording import said
from policies.vocabulary import ActionState, Explanation

from .action_life import ActionLife
from .decision import PolicyDecision

ACTION = "governed_action"

UNGOVERNED = (ActionState.OBSERVED, ActionState.EXPLAINED)
"""What left without a decision stays ungoverned, explained or not."""


class GovernedAction(ActionLife):
    """A payout, transfer, reversal, dispute, fee refund or refund made elsewhere; it moves only by `actions.lifecycle`.

    `about` names what it is done to (`tr_...` of a reversal, `pi_...` of a refund), `external_id` what left. Amounts
    are in minor units. What nobody asked about has no `requested_by`, and `occurred_at` says when it left.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    reference = models.CharField(max_length=20, unique=True)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+", db_index=False)
    category = models.CharField(max_length=32, choices=Category)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    reason = models.CharField(max_length=40, blank=True, default="")
    gateway = models.CharField(max_length=40)
    about = models.CharField(
        max_length=120, blank=True, default="", help_text=said("The processor's id of what it is about.")
    )
    destination = models.CharField(max_length=120, blank=True, default="", help_text=said("Where a transfer goes to."))
    customer = models.CharField(max_length=80, blank=True, default="", help_text=said("The customer's id in the shop."))
    dispute_due_at = models.DateTimeField(null=True, blank=True)
    is_to_be_executed = models.BooleanField(
        default=False, help_text=said("Whether we carry it out once it is allowed.")
    )
    is_ungoverned = models.BooleanField(default=False, help_text=said("Whether it left without a decision of ours."))

    decision = models.ForeignKey(PolicyDecision, on_delete=models.PROTECT, null=True, related_name="+")
    route = models.ForeignKey(ApprovalRoute, on_delete=models.PROTECT, null=True, related_name="+")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    is_locked = False
    """Whether this instance was read under its row lock in the running transaction; set by the lifecycle alone."""

    class Meta:
        ordering = ["-created_at", "-id"]
        permissions = [
            ("ask_governedaction", "Can ask whether money may leave outside a refund request"),
            ("explain_governedaction", "Can explain what left without a decision"),
        ]
        constraints = [
            models.CheckConstraint(name="action_state_is_known", condition=Q(state__in=ActionState.values)),
            models.CheckConstraint(name="action_amount_is_positive", condition=Q(amount_minor__gt=0)),
            models.CheckConstraint(
                name="action_approver_is_not_who_asked",
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("requested_by")),
            ),
            models.CheckConstraint(
                name="action_refuser_is_not_who_asked",
                condition=Q(refused_by__isnull=True) | ~Q(refused_by=F("requested_by")),
            ),
            models.CheckConstraint(
                name="ungoverned_is_what_nobody_asked_about",
                condition=Q(
                    is_ungoverned=True, state__in=UNGOVERNED, requested_by__isnull=True, occurred_at__isnull=False
                )
                & ~Q(external_id="")
                | Q(is_ungoverned=False, requested_by__isnull=False) & ~Q(state__in=UNGOVERNED),
            ),
            models.CheckConstraint(
                name="explained_action_says_who_and_why",
                condition=~Q(state=ActionState.EXPLAINED)
                | Q(explained_by__isnull=False, explained_at__isnull=False, explanation__in=Explanation.values)
                & ~Q(note=""),
            ),
            models.CheckConstraint(
                name="done_action_says_what_left", condition=~Q(state=ActionState.DONE) | ~Q(external_id="")
            ),
            models.UniqueConstraint(
                name="what_left_is_recorded_once",
                fields=["gateway", "external_id", "category"],
                condition=~Q(external_id=""),
            ),
        ]
        triggers = [
            # Four eyes hang on who asked, and people sign for what they saw.
            pgtrigger.Protect(
                name="what_was_asked_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(
                    "requested_by",
                    "team",
                    "category",
                    "amount_minor",
                    "currency",
                    "gateway",
                    "about",
                    "destination",
                    "is_to_be_executed",
                    "is_ungoverned",
                ),
            ),
            pgtrigger.Protect(name="actions_are_never_deleted", operation=pgtrigger.Delete),
        ]
        indexes = [
            models.Index(name="action_list", fields=["team", "-created_at", "-id"]),
            models.Index(
                name="action_ungoverned", fields=["team", "-created_at", "-id"], condition=Q(is_ungoverned=True)
            ),
            models.Index(
                name="action_to_match",
                fields=["gateway", "category", "currency", "amount_minor"],
                condition=Q(state__in=["watched", "allowed"]),
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        """The action's page."""
        return reverse("policies:action", args=[self.reference])

    @property
    def subject(self) -> Subject:
        """The action as ledgers and routes know it."""
        return Subject(ACTION, self.pk)

    @property
    def amount(self) -> Money:
        """What would leave, or left."""
        return Money(self.amount_minor, self.currency)

    @property
    def is_enforced(self) -> bool:
        """Whether the verdict gated it at the time; what left before it was asked about was gated by nothing."""
        return self.decision is not None and self.decision.is_enforced and not self.is_ungoverned
