"""The states of a governed action and every way from one to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django_fsm import FSMField, transition

from config.kernel.people import User
from config.kernel.wording import said
from policies.vocabulary import ActionState, Explanation

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.people import Actor


class ActionLife(models.Model):
    """The part of an action that moves, with the columns that moves write; only `actions.lifecycle.advance` calls them.

    A verdict that gates ends in `allowed`, `awaiting_approval` or `blocked`; one that is only watched in `watched`.
    """

    state = FSMField(default=ActionState.ASKED, choices=ActionState.choices, protected=True)
    external_id = models.CharField(
        max_length=120, blank=True, default="", help_text=said("The processor's id of what left.")
    )
    failure = models.CharField(max_length=200, blank=True, default="")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    refused_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    explained_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    explanation = models.CharField(max_length=20, choices=Explanation, blank=True, default="")
    note = models.TextField(blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    explained_at = models.DateTimeField(null=True, blank=True)
    occurred_at = models.DateTimeField(null=True, blank=True, help_text=said("When it left, as the processor says."))

    class Meta:
        abstract = True

    @transition(
        field=state,
        source=ActionState.ASKED,
        target=ActionState.WATCHED,
        permission="policies.judge_governedaction",
    )
    def watch(self, *, actor: Actor, at: datetime) -> None:
        """Write down what a policy in shadow would have said; whoever asked goes on as before."""

    @transition(
        field=state,
        source=ActionState.ASKED,
        target=ActionState.ALLOWED,
        permission="policies.judge_governedaction",
    )
    def allow(self, *, actor: Actor, at: datetime) -> None:
        """Let it leave: it is within policy."""
        self.decided_at = at

    @transition(
        field=state,
        source=ActionState.ASKED,
        target=ActionState.BLOCKED,
        permission="policies.judge_governedaction",
    )
    def block(self, *, actor: Actor, at: datetime) -> None:
        """Stop it."""
        self.decided_at = at

    @transition(
        field=state,
        source=ActionState.ASKED,
        target=ActionState.AWAITING_APPROVAL,
        permission="policies.judge_governedaction",
    )
    def route_to_approval(self, *, actor: Actor, at: datetime) -> None:
        """Let people decide."""

    @transition(
        field=state,
        source=ActionState.AWAITING_APPROVAL,
        target=ActionState.ALLOWED,
        permission="approvals.decide_approvalstep",
    )
    def approve(self, *, actor: Actor, at: datetime) -> None:
        """Take the last signature."""
        self.approved_by = actor if isinstance(actor, User) else None
        self.decided_at = at

    @transition(
        field=state,
        source=ActionState.AWAITING_APPROVAL,
        target=ActionState.REFUSED,
        permission="approvals.decide_approvalstep",
    )
    def refuse(self, *, actor: Actor, at: datetime) -> None:
        """Say no."""
        self.refused_by = actor if isinstance(actor, User) else None
        self.decided_at = at

    @transition(
        field=state,
        source=ActionState.AWAITING_APPROVAL,
        target=ActionState.LAPSED,
        permission="policies.lapse_governedaction",
    )
    def lapse(self, *, actor: Actor, at: datetime) -> None:
        """End what nobody finished in time."""

    @transition(
        field=state,
        source=ActionState.ALLOWED,
        target=ActionState.EXECUTING,
        permission="policies.execute_governedaction",
    )
    def start(self, *, actor: Actor, at: datetime) -> None:
        """Take it to the processor."""

    @transition(
        field=state,
        source=[ActionState.WATCHED, ActionState.ALLOWED, ActionState.EXECUTING, ActionState.FAILED],
        target=ActionState.DONE,
        permission="policies.observe_governedaction",
    )
    def confirm(self, *, actor: Actor, at: datetime) -> None:
        """Note that it left as it was allowed to; the processor's last word counts, also after a failure."""
        self.failure = ""

    @transition(
        field=state,
        source=[ActionState.ALLOWED, ActionState.EXECUTING, ActionState.DONE],
        target=ActionState.FAILED,
        permission="policies.observe_governedaction",
    )
    def fail(self, *, actor: Actor, at: datetime) -> None:
        """Note that it did not leave, or came back."""

    @transition(
        field=state,
        source=ActionState.OBSERVED,
        target=ActionState.EXPLAINED,
        permission="policies.explain_governedaction",
    )
    def explain(self, *, actor: Actor, at: datetime) -> None:
        """Say why it left without a decision; it stays ungoverned in every figure."""
        self.explained_by = actor if isinstance(actor, User) else None
        self.explained_at = at
