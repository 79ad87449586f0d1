"""The states of a refund request and every way from one to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django_fsm import RETURN_VALUE, FSMField, transition

from refunds.guards import (
    another_way_waits,
    approved_amount_is_within_request,
    money_has_arrived,
    no_other_way_waits,
    payment_is_known,
    policy_has_judged,
    something_is_asked_for,
)
from refunds.vocabulary import BEFORE_MONEY, State

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.people import Actor, User


class RequestLife(models.Model):
    """The part of a request that moves, with the columns that moves write; only `lifecycle.advance` calls them."""

    state = FSMField(default=State.INTAKE, choices=State.choices, protected=True)
    held_from = models.CharField(max_length=20, blank=True, default="")
    question = models.TextField(blank=True, default="")
    evidence_missing = ArrayField(models.CharField(max_length=32), default=list, blank=True)
    approved_minor = models.BigIntegerField(null=True, blank=True)
    failure_reason = models.CharField(max_length=200, blank=True, default="")
    held_for = models.ForeignKey("refunds.Dispute", on_delete=models.PROTECT, null=True, related_name="held")
    payout = models.ForeignKey("refunds.AlternatePayout", on_delete=models.PROTECT, null=True, related_name="+")
    """Another way to pay it: proposed and waiting for signatures, or in force."""
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    declined_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    refunded_at = models.DateTimeField(null=True, blank=True)
    reconciled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    @transition(
        field=state,
        source=[State.INTAKE, State.NEEDS_INFO],
        target=State.POLICY_CHECK,
        conditions=[something_is_asked_for, payment_is_known],
        permission="refunds.submit_refundrequest",
    )
    def submit(self, *, actor: Actor, at: datetime) -> None:
        """Hand the request to the policy."""
        self.submitted_at = self.submitted_at or at
        self.evidence_missing = []
        self.question = ""

    @transition(
        field=state,
        source=State.POLICY_CHECK,
        target=State.APPROVED,
        conditions=[policy_has_judged, approved_amount_is_within_request],
        permission="refunds.approve_automatically_refundrequest",
    )
    def approve_automatically(self, *, actor: Actor, at: datetime) -> None:
        """Approve within policy and below the limit; no person decides."""
        self.decided_at = at

    @transition(
        field=state,
        source=State.POLICY_CHECK,
        target=State.AWAITING_APPROVAL,
        conditions=[policy_has_judged],
        permission="refunds.route_refundrequest",
    )
    def route_to_approval(self, *, actor: Actor, at: datetime) -> None:
        """Wait for the signatures of the route."""

    @transition(
        field=state,
        source=State.EXCEPTION_REVIEW,
        target=State.AWAITING_APPROVAL,
        conditions=[policy_has_judged],
        permission="refunds.review_refundrequest",
    )
    def grant_exception(self, *, actor: User, at: datetime) -> None:
        """Depart from policy under a standard code; people still sign for the money."""
        self.reviewed_by = actor

    @transition(
        field=state,
        source=State.POLICY_CHECK,
        target=State.EXCEPTION_REVIEW,
        conditions=[policy_has_judged],
        permission="refunds.refer_refundrequest",
    )
    def refer(self, *, actor: Actor, at: datetime) -> None:
        """Hand the request to a policy reviewer."""

    @transition(
        field=state,
        source=State.POLICY_CHECK,
        target=State.BLOCKED,
        conditions=[policy_has_judged],
        permission="refunds.block_refundrequest",
    )
    def block(self, *, actor: Actor, at: datetime) -> None:
        """Stop: the policy never pays this."""
        self.decided_at = at

    @transition(
        field=state,
        source=[State.EXCEPTION_REVIEW, State.AWAITING_APPROVAL],
        target=State.NEEDS_INFO,
        conditions=[no_other_way_waits],
        permission="refunds.ask_refundrequest",
    )
    def ask(self, *, actor: Actor, at: datetime) -> None:
        """Send it back with a question; the clock stops."""

    @transition(field=state, source=list(BEFORE_MONEY), target=State.ON_HOLD, permission="refunds.hold_refundrequest")
    def hold(self, *, actor: Actor, at: datetime) -> None:
        """Let nothing happen until it is released."""

    @transition(field=state, source=State.APPROVED, target=State.ON_HOLD, permission="refunds.shield_refundrequest")
    def shield(self, *, actor: Actor, at: datetime) -> None:
        """Keep approved money here because the charge is disputed; once released it waits for signatures anew."""
        self._forget_approval()

    @transition(
        field=state,
        source=State.ON_HOLD,
        target=RETURN_VALUE(*BEFORE_MONEY),
        permission="refunds.hold_refundrequest",
    )
    def release(self, *, actor: Actor, at: datetime) -> str:
        """Go on where it was held."""
        came_from, self.held_from, self.held_for = self.held_from, "", None
        return came_from

    @transition(
        field=state,
        source=State.AWAITING_APPROVAL,
        target=State.APPROVED,
        conditions=[policy_has_judged, approved_amount_is_within_request],
        permission="refunds.approve_refundrequest",
    )
    def approve(self, *, actor: User, at: datetime) -> None:
        """Take the last signature the route needed."""
        self.approved_by = actor
        self.decided_at = at

    @transition(
        field=state,
        source=State.APPROVED,
        target=State.AWAITING_APPROVAL,
        conditions=[policy_has_judged],
        permission="refunds.recall_refundrequest",
    )
    def recall(self, *, actor: User, at: datetime) -> None:
        """Take the approval back while the money is still queued; it waits for signatures anew."""
        self._forget_approval()

    @transition(
        field=state,
        source=[State.POLICY_CHECK, State.EXCEPTION_REVIEW, State.AWAITING_APPROVAL, State.FAILED],
        target=State.DECLINED,
        permission="refunds.decline_refundrequest",
    )
    def decline(self, *, actor: User, at: datetime) -> None:
        """Say no."""
        self.declined_by = actor
        self.decided_at = at

    @transition(
        field=state,
        source=[State.INTAKE, State.EXCEPTION_REVIEW, State.AWAITING_APPROVAL, State.NEEDS_INFO, State.ON_HOLD],
        target=State.WITHDRAWN,
        permission="refunds.withdraw_refundrequest",
    )
    def withdraw(self, *, actor: Actor, at: datetime) -> None:
        """Take it back: the customer no longer wants it."""
        self.decided_at = at

    @transition(
        field=state,
        source=State.AWAITING_APPROVAL,
        target=State.EXPIRED,
        permission="refunds.expire_refundrequest",
    )
    def expire(self, *, actor: Actor, at: datetime) -> None:
        """End it: nobody finished its approval in time."""
        self.decided_at = at

    @transition(
        field=state,
        source=State.APPROVED,
        target=State.PROCESSING,
        conditions=[approved_amount_is_within_request],
        permission="refunds.process_refundrequest",
    )
    def start_processing(self, *, actor: Actor, at: datetime) -> None:
        """Take it to the gateway."""

    @transition(
        field=state,
        source=State.FAILED,
        target=State.PROCESSING,
        conditions=[approved_amount_is_within_request],
        permission="refunds.retry_refundrequest",
    )
    def retry(self, *, actor: Actor, at: datetime) -> None:
        """Take a failed refund to the gateway again."""
        self.failure_reason = ""

    @transition(
        field=state,
        source=State.FAILED,
        target=State.AWAITING_APPROVAL,
        conditions=[policy_has_judged, approved_amount_is_within_request],
        permission="refunds.propose_payout_refundrequest",
    )
    def propose_payout(self, *, actor: User, at: datetime) -> None:
        """Ask others to sign for another way to pay what failed; its amount stays approved and reserved."""

    @transition(
        field=state,
        source=State.AWAITING_APPROVAL,
        target=State.FAILED,
        conditions=[another_way_waits],
        permission="refunds.decline_refundrequest",
    )
    def decline_payout(self, *, actor: User, at: datetime) -> None:
        """Say no to the other way, not to the refund: it has failed as before."""

    @transition(
        field=state,
        source=State.AWAITING_APPROVAL,
        target=State.FAILED,
        conditions=[another_way_waits],
        permission="refunds.expire_refundrequest",
    )
    def lapse_payout(self, *, actor: Actor, at: datetime) -> None:
        """Drop the other way because nobody finished its approval in time; the refund has failed as before."""

    @transition(
        field=state,
        source=State.PROCESSING,
        target=State.REFUNDED,
        permission="refunds.process_refundrequest",
    )
    def confirm(self, *, actor: Actor, at: datetime) -> None:
        """Note that the processor paid."""
        self.refunded_at = at
        self.failure_reason = ""

    @transition(
        field=state,
        source=[State.PROCESSING, State.REFUNDED, State.RECONCILED],
        target=State.FAILED,
        permission="refunds.process_refundrequest",
    )
    def fail(self, *, actor: Actor, at: datetime) -> None:
        """Note that the money did not arrive; this can happen weeks after it was confirmed."""
        self.refunded_at = None
        self.reconciled_at = None

    @transition(
        field=state,
        source=State.REFUNDED,
        target=State.RECONCILED,
        conditions=[money_has_arrived],
        permission="refunds.reconcile_refundrequest",
    )
    def reconcile(self, *, actor: Actor, at: datetime) -> None:
        """Close the request: the processor's ledger agrees with ours."""
        self.reconciled_at = at

    @transition(
        field=state,
        source=State.RECONCILED,
        target=State.REFUNDED,
        permission="refunds.delete_match",
    )
    def unreconcile(self, *, actor: Actor, at: datetime) -> None:
        """Open the request again: what was found on a statement was another refund."""
        self.reconciled_at = None

    def _forget_approval(self) -> None:
        """Take the approval back; what another way is to pay was approved before, and stays so."""
        if self.payout_id is None:
            self.approved_minor = None
        self.approved_by = None
        self.decided_at = None
