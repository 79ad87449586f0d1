"""One instruction to move money, and each try at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pgtrigger
from django.db import models
from django.db.models import Q

from config.kernel.ids import new_id
from config.kernel.live import tell_live
from config.kernel.money import Money
from refunds.vocabulary import OperationState

from .payment import Payment
from .refund_request import RefundRequest
from .release import RELEASER_IS_A_STRANGER, Release

if TYPE_CHECKING:
    from datetime import datetime

LIVE = (
    OperationState.READY,
    OperationState.SENDING,
    OperationState.UNKNOWN,
    OperationState.PENDING,
    OperationState.SUCCEEDED,
    OperationState.NEEDS_PERSON,
)
"""States in which money may be on its way or gone: no second operation for the same request while one is in them."""


IS_APPROVED = pgtrigger.Trigger(
    name="operation_is_approved",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    declare=[("most_minor", "bigint"), ("expected", "text")],
    func="""
        SELECT CASE coalesce(payout.method, request.method)
                WHEN 'original' THEN payment.gateway ELSE coalesce(payout.method, request.method) END
            INTO expected
            FROM refunds_refundrequest AS request
            LEFT JOIN refunds_payment AS payment ON payment.id = NEW.payment_id
            LEFT JOIN refunds_alternatepayout AS payout ON payout.id = NEW.payout_id
                AND payout.refund_request_id = request.id AND payout.state = 'approved'
            WHERE request.id = NEW.refund_request_id AND request.payout_id IS NOT DISTINCT FROM NEW.payout_id
                AND request.payment_id IS NOT DISTINCT FROM NEW.payment_id
                AND (NEW.payout_id IS NULL) = (payout.id IS NULL);
        IF expected IS DISTINCT FROM NEW.gateway THEN
            RAISE EXCEPTION 'Nobody approved that this leaves by %.', NEW.gateway
                USING ERRCODE = 'check_violation', CONSTRAINT = 'operation_is_approved';
        END IF;
        SELECT request.requested_minor INTO most_minor
            FROM refunds_refundrequest AS request
            JOIN policies_policydecision AS verdict ON verdict.id = request.decision_id
            WHERE request.id = NEW.refund_request_id AND request.currency = NEW.currency AND NEW.payout_id IS NULL
                AND verdict.outcome = 'allow' AND verdict.mode = 'enforce' AND NOT verdict.is_trial;
        IF most_minor IS NULL THEN
            SELECT min(signature.amount_minor) INTO most_minor
                FROM approvals_approvalroute AS route
                JOIN approvals_approvaldecision AS signature ON signature.route_id = route.id
                WHERE route.subject_kind = 'refund_request' AND route.subject_id = NEW.refund_request_id
                    AND route.state = 'approved'
                    AND (NEW.payout_id IS NULL OR route.id = (
                        SELECT payout.route_id FROM refunds_alternatepayout AS payout WHERE payout.id = NEW.payout_id
                    ))
                    AND signature.verdict = 'approve' AND signature.currency = NEW.currency
                    AND NOT EXISTS (
                        SELECT FROM approvals_approvalstep AS step
                        WHERE step.route_id = route.id AND step.quorum > (
                            SELECT count(*) FROM approvals_approvaldecision AS given
                            WHERE given.step_id = step.id AND given.verdict = 'approve'
                        )
                    );
        END IF;
        IF most_minor IS NULL OR NEW.amount_minor > most_minor THEN
            RAISE EXCEPTION 'Nobody approved that % % leave for this request.', NEW.amount_minor, NEW.currency
                USING ERRCODE = 'check_violation', CONSTRAINT = 'operation_is_approved';
        END IF;
        RETURN NEW;
    """,
)
"""Money is told to move only where the policy in force let it, or where every step of a route has its signatures.

Another way than the customer paid needs the signatures of its own route, and leaves by no other gateway than that.
"""


class Operation(models.Model):
    """The row that exists before the call. Its idempotency key is a column, so every try of a worker sends the same."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    refund_request = models.ForeignKey(RefundRequest, on_delete=models.PROTECT, related_name="operations")
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, null=True, blank=True, related_name="operations", help_text="Of a refund."
    )
    payout = models.ForeignKey(
        "refunds.AlternatePayout", on_delete=models.PROTECT, null=True, blank=True, related_name="operations"
    )
    gateway = models.CharField(max_length=40)
    state = models.CharField(max_length=14, choices=OperationState, default=OperationState.READY)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    idempotency_key = models.CharField(max_length=80, unique=True)
    external_id = models.CharField(max_length=120, null=True, blank=True, unique=True)
    acquirer_reference = models.CharField(
        max_length=80, blank=True, default="", help_text="By which the customer's bank finds the refund."
    )
    attempt_count = models.PositiveIntegerField(default=0)
    first_sent_at = models.DateTimeField(null=True, blank=True)
    next_try_at = models.DateTimeField()
    recall_until = models.DateTimeField(
        null=True, blank=True, help_text="The money waits until then for whoever wants to take the approval back."
    )
    lease_until = models.DateTimeField(null=True, blank=True)
    is_look_up_only = models.BooleanField(default=False)
    failure_reason = models.CharField(max_length=200, blank=True, default="")
    awaits_release = models.BooleanField(default=False, help_text="No worker takes it up before it is released.")
    release = models.ForeignKey(Release, on_delete=models.PROTECT, null=True, blank=True, related_name="operations")
    created_at = models.DateTimeField()
    succeeded_at = models.DateTimeField(null=True, blank=True)

    watch_at = models.DateTimeField(
        null=True, blank=True, help_text="When the processor is asked whether it came back; null when it no longer can."
    )

    class Meta:
        permissions = []
        constraints = [
            models.UniqueConstraint(
                name="one_live_operation_per_request", fields=["refund_request"], condition=Q(state__in=LIVE)
            ),
            models.CheckConstraint(name="operation_state_is_known", condition=Q(state__in=OperationState.values)),
            models.CheckConstraint(name="operation_amount_is_positive", condition=Q(amount_minor__gt=0)),
            models.CheckConstraint(
                name="nothing_leaves_unreleased",
                condition=Q(awaits_release=False)
                | Q(state__in=[OperationState.READY, OperationState.CANCELLED], release__isnull=True),
            ),
            models.CheckConstraint(
                name="cancelled_operation_was_never_sent",
                condition=~Q(state=OperationState.CANCELLED) | Q(attempt_count=0, first_sent_at__isnull=True),
            ),
        ]
        triggers = [
            IS_APPROVED,
            tell_live(
                name="operations_are_live",
                columns=("state", "awaits_release"),
                team="(SELECT request.team_id FROM refunds_refundrequest AS request"
                " WHERE request.id = NEW.refund_request_id)",
                is_told_of_new=True,
            ),
            RELEASER_IS_A_STRANGER,
            pgtrigger.Protect(
                name="waiting_ends_by_release",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__awaits_release=True, new__awaits_release=False, new__release__isnull=True),
            ),
            pgtrigger.Protect(
                name="a_release_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.release_id IS NOT NULL AND OLD.release_id IS DISTINCT FROM NEW.release_id"
                ),
            ),
            pgtrigger.Protect(
                name="cancelled_operations_stay",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state=OperationState.CANCELLED.value)
                & ~pgtrigger.Q(new__state=OperationState.CANCELLED.value),
            ),
        ]
        indexes = [
            models.Index(
                name="operation_to_do",
                fields=["next_try_at"],
                condition=Q(state__in=["ready", "sending", "unknown", "pending"]),
            ),
            models.Index(name="operation_succeeded", fields=["succeeded_at"], condition=Q(succeeded_at__isnull=False)),
            models.Index(
                name="operation_of_amount",
                fields=["currency", "amount_minor", "succeeded_at"],
                condition=Q(succeeded_at__isnull=False),
            ),
            models.Index(
                name="operation_of_acquirer", fields=["acquirer_reference"], condition=~Q(acquirer_reference="")
            ),
            models.Index(
                name="operation_to_watch",
                fields=["watch_at"],
                condition=Q(state=OperationState.SUCCEEDED, watch_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"

    @property
    def amount(self) -> Money:
        """What is to move."""
        return Money(self.amount_minor, self.currency)

    @property
    def is_unreleased(self) -> bool:
        """Whether it waits for somebody to release it."""
        return self.awaits_release and self.state == OperationState.READY

    @property
    def may_be_recalled(self) -> bool:
        """Whether the approval behind it can still be taken back: it waited for that and nobody has tried it yet."""
        return self.recall_until is not None and self.state == OperationState.READY and self.attempt_count == 0

    def is_leased(self, at: datetime) -> bool:
        """Whether a worker has it in hand."""
        return self.lease_until is not None and self.lease_until > at


class Attempt(models.Model):
    """One try at an operation: when, and what was known afterwards. Never changed once it has ended."""

    operation = models.ForeignKey(Operation, on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=20, blank=True, default="")
    detail = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(name="attempts_are_numbered", fields=["operation", "number"])]

    def __str__(self) -> str:
        return f"{self.number}: {self.outcome or 'under way'}"
