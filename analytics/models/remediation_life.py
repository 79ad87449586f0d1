"""The states of a remediation item and every way from one to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django_fsm import FSMField, transition

from analytics.remediation.guards import (
    cause_is_said,
    change_is_said,
    closing_is_proposed,
    no_closing_is_proposed,
    somebody_owns_it,
)
from analytics.remediation.vocabulary import ItemState

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.people import Actor, User

WORKS = "analytics.change_remediationitem"
CONFIRMS = "analytics.confirm_remediationitem"


class RemediationLife(models.Model):
    """The part of an item that moves, with the columns that moves write; only `lifecycle.advance` calls them."""

    state = FSMField(default=ItemState.OPEN, choices=ItemState.choices, protected=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    hypothesis = models.CharField(max_length=2000, blank=True, default="")
    cause_found_at = models.DateTimeField(null=True, blank=True)
    change = models.CharField(max_length=2000, blank=True, default="")
    sop_link = models.URLField(max_length=500, blank=True, default="")
    sop_version = models.CharField(max_length=40, blank=True, default="")
    changed_at = models.DateTimeField(null=True, blank=True)
    evidence_link = models.URLField(max_length=500, blank=True, default="")
    closing_note = models.CharField(max_length=2000, blank=True, default="")
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    proposed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    test_due_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    round = models.PositiveSmallIntegerField(default=1)
    reopened_at = models.DateTimeField(null=True, blank=True)
    reopened_why = models.CharField(max_length=2000, blank=True, default="")

    class Meta:
        abstract = True

    @transition(
        field=state,
        source=ItemState.OPEN,
        target=ItemState.CAUSE_FOUND,
        conditions=[somebody_owns_it, cause_is_said],
        permission=WORKS,
    )
    def find_cause(self, *, actor: User, at: datetime) -> None:
        """Say why it happens; a hypothesis, until the effect test."""
        self.cause_found_at = at

    @transition(
        field=state,
        source=ItemState.CAUSE_FOUND,
        target=ItemState.CHANGE_MADE,
        conditions=[somebody_owns_it, change_is_said],
        permission=WORKS,
    )
    def make_change(self, *, actor: User, at: datetime) -> None:
        """Say what was changed, and in which edition of the procedure it is written."""
        self.changed_at = at

    @transition(
        field=state,
        source=ItemState.CHANGE_MADE,
        target=ItemState.CHANGE_MADE,
        conditions=[somebody_owns_it, no_closing_is_proposed],
        permission=WORKS,
    )
    def propose_closing(self, *, actor: User, at: datetime) -> None:
        """Ask somebody else to look at what proves it."""
        self.proposed_by = actor
        self.proposed_at = at

    @transition(
        field=state,
        source=ItemState.CHANGE_MADE,
        target=ItemState.CHANGE_MADE,
        conditions=[closing_is_proposed],
        permission=CONFIRMS,
    )
    def decline_closing(self, *, actor: User, at: datetime) -> None:
        """Send the proposal back."""
        self._forget_proposal()

    @transition(
        field=state,
        source=ItemState.CHANGE_MADE,
        target=ItemState.VERIFYING,
        conditions=[closing_is_proposed],
        permission=CONFIRMS,
    )
    def confirm_closing(self, *, actor: User, at: datetime) -> None:
        """Agree as the second person; the effect test has the last word."""
        self.confirmed_by = actor
        self.confirmed_at = at

    @transition(
        field=state,
        source=ItemState.VERIFYING,
        target=ItemState.CLOSED,
        permission="analytics.settle_remediationitem",
    )
    def settle(self, *, actor: Actor, at: datetime) -> None:
        """End it: the share fell by more than chance explains."""
        self.closed_at = at

    @transition(
        field=state,
        source=[ItemState.CAUSE_FOUND, ItemState.CHANGE_MADE, ItemState.VERIFYING],
        target=ItemState.OPEN,
        permission="analytics.reopen_remediationitem",
    )
    def reopen(self, *, actor: Actor, at: datetime) -> None:
        """Begin again: the cause was another one, or the change did not help."""
        self._forget_proposal()
        self.confirmed_by = self.confirmed_at = self.test_due_at = None
        self.cause_found_at = self.changed_at = None
        self.round += 1
        self.reopened_at = at

    def _forget_proposal(self) -> None:
        self.proposed_by = self.proposed_at = None
        self.evidence_link = self.closing_note = ""
