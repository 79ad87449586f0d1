"""Another way for the money of a refund that failed: proposed by one person, signed for by others."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from approvals.models import ApprovalRoute
from config.kernel.ids import new_id
from config.kernel.money import Money
from refunds.vocabulary import Method, PayoutState

from .refund_request import RefundRequest

IS_DEAD_BEFORE = """
    IF EXISTS (
        SELECT FROM refunds_operation AS operation WHERE operation.refund_request_id = NEW.refund_request_id
            AND operation.state NOT IN ('failed', 'rejected', 'cancelled')
    ) THEN
        RAISE EXCEPTION 'Money of this request is on its way or gone; nothing else is proposed.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payout_follows_a_dead_operation';
    END IF;
    IF EXISTS (
        SELECT FROM refunds_operation AS operation WHERE operation.refund_request_id = NEW.refund_request_id
            AND operation.state = 'rejected' AND operation.external_id IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'The processor refused this refund and yet shows it; nothing else is proposed.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payout_follows_a_dead_operation';
    END IF;
    RETURN NEW;
"""
"""Whatever door it comes by, another way is proposed only where no money of the request is on its way or gone."""


class AlternatePayout(models.Model):
    """How else the money is to go. `method_before` is how it went before; the account is kept sealed.

    What was proposed never changes, except that the account goes when the customer is forgotten.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    refund_request = models.ForeignKey(RefundRequest, on_delete=models.PROTECT, related_name="payouts")
    method = models.CharField(max_length=16, choices=Method)
    method_before = models.CharField(max_length=16, choices=Method)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    rationale = models.TextField()
    account_holder = models.CharField(max_length=70, blank=True, default="")
    iban_sealed = models.TextField(blank=True, default="")
    iban_masked = models.CharField(max_length=40, blank=True, default="")
    state = models.CharField(max_length=10, choices=PayoutState, default=PayoutState.PROPOSED)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    route = models.ForeignKey(ApprovalRoute, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["proposed_at", "id"]
        permissions = [("view_payee", "Can see the whole account that money is paid to")]
        constraints = [
            models.CheckConstraint(name="payout_state_is_known", condition=Q(state__in=PayoutState.values)),
            models.CheckConstraint(name="payout_method_is_known", condition=Q(method__in=Method.values)),
            models.CheckConstraint(name="payout_amount_is_positive", condition=Q(amount_minor__gt=0)),
            models.CheckConstraint(
                name="approved_payout_has_its_signatures",
                condition=Q(state=PayoutState.APPROVED, approved_by__isnull=False, route__isnull=False)
                | (~Q(state=PayoutState.APPROVED) & Q(approved_by__isnull=True, route__isnull=True)),
            ),
            models.CheckConstraint(
                name="payout_approver_is_not_its_proposer",
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("proposed_by")),
            ),
            models.UniqueConstraint(
                name="one_proposed_payout_per_request",
                fields=["refund_request"],
                condition=Q(state=PayoutState.PROPOSED),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="payout_follows_a_dead_operation",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=IS_DEAD_BEFORE,
            ),
            pgtrigger.Protect(
                name="what_was_proposed_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(
                    "refund_request", "method", "method_before", "amount_minor", "currency", "proposed_by"
                ),
            ),
            pgtrigger.Protect(name="payouts_stay", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.refund_request_id} {self.method}"

    @property
    def amount(self) -> Money:
        """What is to be paid this way."""
        return Money(self.amount_minor, self.currency)
