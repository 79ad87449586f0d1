"""A plea to give money back, with a life."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django_fsm import RETURN_VALUE, FSMField, transition

from approvals.models import ApprovalRoute
from config.kernel.ids import new_id
from config.kernel.live import tell_live
from config.kernel.money import Money
from config.kernel.people import Team
from config.kernel.subjects import Subject
from policies.models import PolicyDecision, ReasonCode
from policies.vocabulary import Category, LegalBasis
from refunds.guards import (
    approved_amount_is_within_request,
    money_has_arrived,
    payment_is_known,
    policy_has_judged,
    something_is_asked_for,
)
from refunds.vocabulary import ASKING_STATES, BEFORE_MONEY, OPEN_STATES, Method, State

from .order import Customer, Order
from .payment import Payment

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.people import Actor, User

KIND = "refund_request"


class RefundRequest(models.Model):
    """One request on one payment. Its state moves only through `lifecycle.advance`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    reference = models.CharField(max_length=20, unique=True)
    state = FSMField(default=State.INTAKE, choices=State.choices, protected=True)
    held_from = models.CharField(max_length=20, blank=True, default="")

    category = models.CharField(max_length=32, choices=Category, default=Category.REFUND)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="refund_requests")
    # The index on customer and submission below begins with the customer and serves the foreign key too.
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, related_name="refund_requests", db_index=False
    )
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, null=True, related_name="refund_requests")
    line_set = models.CharField(max_length=64, blank=True, default="")
    shipping_minor = models.BigIntegerField(default=0)

    currency = models.CharField(max_length=3)
    requested_minor = models.BigIntegerField(default=0)
    approved_minor = models.BigIntegerField(null=True, blank=True)
    reason = models.ForeignKey(ReasonCode, on_delete=models.PROTECT, null=True, related_name="+", db_column="reason")
    legal_basis = models.CharField(
        max_length=16, choices=LegalBasis, blank=True, default="", help_text="Claimed; empty goes by the reason."
    )
    method = models.CharField(max_length=16, choices=Method, default=Method.ORIGINAL)
    note = models.TextField(blank=True, default="")
    question = models.TextField(blank=True, default="")
    exception_code = models.CharField(max_length=40, blank=True, default="")
    exception_rationale = models.TextField(blank=True, default="")
    evidence_missing = ArrayField(models.CharField(max_length=32), default=list, blank=True)
    risk = models.CharField(max_length=8, blank=True, default="")
    failure_reason = models.CharField(max_length=200, blank=True, default="")

    decision = models.ForeignKey(PolicyDecision, on_delete=models.PROTECT, null=True, related_name="+")
    route = models.ForeignKey(ApprovalRoute, on_delete=models.PROTECT, null=True, related_name="+")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    declined_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    held_for = models.ForeignKey("refunds.Dispute", on_delete=models.PROTECT, null=True, related_name="held")
    shield_lifted_at = models.DateTimeField(null=True, blank=True, editable=False)
    """When a person who knew of the disputes on the charge let this go on; what came later stops it again."""

    is_locked = False
    """Whether this instance was read under its row lock in the running transaction; set by the lifecycle alone."""

    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    refunded_at = models.DateTimeField(null=True, blank=True)
    reconciled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        triggers = [
            tell_live(
                name="exceptions_are_live",
                columns=("state",),
                team="NEW.team_id",
                when="OLD.state <> NEW.state AND 'exception_review' IN (OLD.state, NEW.state)",
            ),
            # Four eyes hang on who asked.
            pgtrigger.Protect(
                name="the_requester_stays", operation=pgtrigger.Update, condition=pgtrigger.AnyChange("requested_by")
            ),
        ]
        permissions = [
            ("submit_refundrequest", "Can file and submit a refund request"),
            ("withdraw_refundrequest", "Can withdraw a refund request"),
            ("review_refundrequest", "Can judge an exception from policy"),
            ("ask_refundrequest", "Can send a refund request back with a question"),
            ("hold_refundrequest", "Can hold and release a refund request"),
            ("approve_refundrequest", "Can approve a refund request"),
            ("decline_refundrequest", "Can decline a refund request"),
            ("recall_refundrequest", "Can take an approval back before the money leaves"),
            ("retry_refundrequest", "Can retry a failed refund"),
            ("reconcile_refundrequest", "Can reconcile a refund request"),
        ]
        constraints = [
            models.CheckConstraint(name="request_state_is_known", condition=Q(state__in=State.values)),
            models.CheckConstraint(
                name="approver_is_not_the_requester",
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("requested_by")),
            ),
            models.CheckConstraint(
                name="approver_is_not_the_reviewer",
                condition=Q(approved_by__isnull=True) | Q(reviewed_by__isnull=True) | ~Q(approved_by=F("reviewed_by")),
            ),
            models.CheckConstraint(
                name="reviewer_is_not_the_requester",
                condition=Q(reviewed_by__isnull=True) | ~Q(reviewed_by=F("requested_by")),
            ),
            models.CheckConstraint(
                name="decliner_is_not_the_requester",
                condition=Q(declined_by__isnull=True) | ~Q(declined_by=F("requested_by")),
            ),
            models.CheckConstraint(
                name="approved_is_within_requested",
                condition=Q(approved_minor__isnull=True)
                | Q(approved_minor__gt=0, approved_minor__lte=F("requested_minor")),
            ),
            models.CheckConstraint(
                name="money_states_carry_an_approved_amount",
                condition=~Q(state__in=["approved", "processing", "refunded", "reconciled", "failed"])
                | Q(approved_minor__isnull=False),
            ),
            models.UniqueConstraint(
                name="one_open_request_per_payment_and_lines",
                fields=["payment", "line_set"],
                condition=Q(state__in=ASKING_STATES),
            ),
        ]
        indexes = [
            models.Index(name="request_list", fields=["team", "-created_at", "-id"]),
            models.Index(name="request_by_state", fields=["state", "team", "-created_at", "-id"]),
            models.Index(name="request_of_customer", fields=["customer", "submitted_at"]),
            models.Index(name="request_of_agent", fields=["requested_by", "-created_at", "-id"]),
            models.Index(name="request_of_agent_lately", fields=["requested_by", "submitted_at"]),
        ]

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        """The request's page."""
        return reverse("refunds:request", args=[self.reference])

    @property
    def subject(self) -> Subject:
        """The request as ledgers and routes know it."""
        return Subject(KIND, self.pk)

    @property
    def amount_minor(self) -> int:
        """What will be or was paid: the approved amount once there is one."""
        return self.requested_minor if self.approved_minor is None else self.approved_minor

    @property
    def amount(self) -> Money:
        """What will be or was paid."""
        return Money(self.amount_minor, self.currency)

    @property
    def is_open(self) -> bool:
        """Whether it holds a reserve on its payment."""
        return self.state in OPEN_STATES

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
        self.approved_minor = None
        self.approved_by = None
        self.decided_at = None

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
        self.approved_minor = None
        self.approved_by = None
        self.decided_at = None

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
        source=State.PROCESSING,
        target=State.REFUNDED,
        permission="refunds.process_refundrequest",
    )
    def confirm(self, *, actor: Actor, at: datetime) -> None:
        """Note that the processor paid."""
        self.refunded_at = at

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
