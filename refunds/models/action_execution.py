"""One instruction to carry out a governed action."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pgtrigger
from django.db import models
from django.db.models import Q

from config.kernel.ids import new_id
from policies.models import GovernedAction
from refunds.vocabulary import OperationState

if TYPE_CHECKING:
    from datetime import datetime

IS_ALLOWED = pgtrigger.Trigger(
    name="execution_is_allowed",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    func="""
        IF NOT EXISTS (
            SELECT FROM policies_governedaction AS action
            WHERE action.id = NEW.action_id AND action.state = 'allowed' AND action.is_to_be_executed
                AND (
                    EXISTS (
                        SELECT FROM policies_policydecision AS verdict
                        WHERE verdict.id = action.decision_id AND verdict.outcome = 'allow'
                            AND verdict.mode = 'enforce' AND NOT verdict.is_trial
                    ) OR EXISTS (
                        SELECT FROM approvals_approvalroute AS route
                        WHERE route.subject_kind = 'governed_action' AND route.subject_id = action.id
                            AND route.state = 'approved' AND route.amount_minor = action.amount_minor
                            AND NOT EXISTS (
                                SELECT FROM approvals_approvalstep AS step
                                WHERE step.route_id = route.id AND step.quorum > (
                                    SELECT count(*) FROM approvals_approvaldecision AS given
                                    WHERE given.step_id = step.id AND given.verdict = 'approve'
                                        AND given.amount_minor >= action.amount_minor
                                )
                            )
                    )
                )
        ) THEN
            RAISE EXCEPTION 'Nobody allowed us to carry this action out.'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'execution_is_allowed';
        END IF;
        RETURN NEW;
    """,
)
"""We move money only where the policy in force let it, or where every step of the action's route has its signatures."""


class ActionExecution(models.Model):
    """The row that exists before the call; one an action, so that its key is the same at every try.

    A table beside `Operation`, whose rows hang on a request, a payment and its reserve, of which an action has none.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    action = models.OneToOneField(GovernedAction, on_delete=models.PROTECT, related_name="execution")
    state = models.CharField(max_length=14, choices=OperationState, default=OperationState.READY)
    idempotency_key = models.CharField(max_length=80, unique=True)
    attempt_count = models.PositiveIntegerField(default=0)
    first_sent_at = models.DateTimeField(null=True, blank=True)
    next_try_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    last_answer = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="execution_state_is_known", condition=Q(state__in=OperationState.values)),
        ]
        indexes = [
            models.Index(
                name="execution_to_do",
                fields=["next_try_at"],
                condition=Q(state__in=["ready", "sending", "unknown"]),
            )
        ]
        triggers = [IS_ALLOWED, pgtrigger.Protect(name="executions_stay", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.idempotency_key} {self.state}"

    def is_due(self, at: datetime) -> bool:
        """Whether a worker may take it in hand now."""
        is_free = self.lease_until is None or self.lease_until <= at
        return self.state in {OperationState.READY, OperationState.SENDING, OperationState.UNKNOWN} and (
            is_free and self.next_try_at <= at
        )
