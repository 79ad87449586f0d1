"""A plea to give money back, with a life."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from approvals.models import ApprovalRoute
from approvals.vocabulary import Category
from config.kernel.ids import new_id
from config.kernel.live import tell_live
from config.kernel.money import Money
from config.kernel.people import Team
from config.kernel.subjects import Subject
from policies.models import PolicyDecision, ReasonCode
from policies.vocabulary import LegalBasis
from refunds.vocabulary import ASKING_STATES, OPEN_STATES, ConnectShare, Method, State

from .order import Customer, Order
from .payment import Payment
from .request_life import RequestLife

KIND = "refund_request"


class RefundRequest(RequestLife):
    """One request on one payment, or for a goodwill credit. Its state moves only through `lifecycle.advance`.

    A goodwill credit gives nothing back of a payment: it names a customer, may name an order, and goes out as store
    credit.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    reference = models.CharField(max_length=20, unique=True)

    category = models.CharField(max_length=32, choices=Category, default=Category.REFUND)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, null=True, related_name="refund_requests")
    # The index on customer and submission below begins with the customer and serves the foreign key too.
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, related_name="refund_requests", db_index=False
    )
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, null=True, related_name="refund_requests")
    line_set = models.CharField(max_length=64, blank=True, default="")
    shipping_minor = models.BigIntegerField(default=0)

    currency = models.CharField(max_length=3)
    requested_minor = models.BigIntegerField(default=0)
    reason = models.ForeignKey(ReasonCode, on_delete=models.PROTECT, null=True, related_name="+", db_column="reason")
    legal_basis = models.CharField(
        max_length=16, choices=LegalBasis, blank=True, default="", help_text="Claimed; empty goes by the reason."
    )
    method = models.CharField(max_length=16, choices=Method, default=Method.ORIGINAL)
    connect_share = models.CharField(max_length=20, choices=ConnectShare, blank=True, default="", db_default="")
    note = models.TextField(blank=True, default="")
    exception_code = models.CharField(max_length=40, blank=True, default="")
    exception_rationale = models.TextField(blank=True, default="")
    risk = models.CharField(max_length=8, blank=True, default="")

    decision = models.ForeignKey(PolicyDecision, on_delete=models.PROTECT, null=True, related_name="+")
    route = models.ForeignKey(ApprovalRoute, on_delete=models.PROTECT, null=True, related_name="+")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    shield_lifted_at = models.DateTimeField(null=True, blank=True, editable=False)
    """When a person who knew of the disputes on the charge let this go on; what came later stops it again."""

    is_locked = False
    """Whether this instance was read under its row lock in the running transaction; set by the lifecycle alone."""

    held_payments: tuple[Payment, ...] = ()
    """All payments of its order, as they were locked with it."""

    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

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
            ("propose_payout_refundrequest", "Can propose another way to pay a failed refund"),
            ("reconcile_refundrequest", "Can reconcile a refund request"),
        ]
        constraints = [
            models.CheckConstraint(name="request_state_is_known", condition=Q(state__in=State.values)),
            models.CheckConstraint(
                name="only_goodwill_has_no_order",
                condition=Q(category=Category.GOODWILL_CREDIT) | Q(order__isnull=False),
            ),
            models.CheckConstraint(
                name="goodwill_is_credited_to_a_customer",
                condition=~Q(category=Category.GOODWILL_CREDIT)
                | Q(customer__isnull=False, payment__isnull=True, shipping_minor=0, method=Method.STORE_CREDIT),
            ),
            models.CheckConstraint(
                name="connect_share_is_known", condition=Q(connect_share="") | Q(connect_share__in=ConnectShare.values)
            ),
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
            models.UniqueConstraint(
                name="one_open_goodwill_per_customer_and_amount",
                fields=["customer", "line_set"],
                condition=Q(state__in=ASKING_STATES, category=Category.GOODWILL_CREDIT),
            ),
        ]
        indexes = [
            models.Index(name="request_list", fields=["team", "-created_at", "-id"]),
            # Of several teams the newest come from here: an index that begins with the team would have to be sorted.
            models.Index(name="request_newest", fields=["-created_at", "-id"]),
            models.Index(name="request_by_state", fields=["state", "team", "-created_at", "-id"]),
            models.Index(name="request_of_customer", fields=["customer", "submitted_at"]),
            models.Index(name="request_of_agent", fields=["requested_by", "-created_at", "-id"]),
            models.Index(name="request_of_agent_lately", fields=["requested_by", "submitted_at"]),
            # Codes are counted over some weeks, from the index alone however many requests there are.
            models.Index(
                name="request_codes_by_day",
                fields=["submitted_at"],
                include=["team", "reason", "exception_code"],
                condition=Q(submitted_at__isnull=False),
            ),
            models.Index(
                name="request_money_by_day",
                fields=["refunded_at"],
                include=["team", "currency", "approved_minor", "decision", "reason", "exception_code"],
                condition=Q(refunded_at__isnull=False),
            ),
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
    def is_goodwill(self) -> bool:
        """Whether it is a goodwill credit, which takes nothing from a payment."""
        return self.category == Category.GOODWILL_CREDIT

    @property
    def amount_minor(self) -> int:
        """What will be or was paid: the approved amount once there is one."""
        return self.requested_minor if self.approved_minor is None else self.approved_minor

    @property
    def amount(self) -> Money:
        """What will be or was paid."""
        return Money(self.amount_minor, self.currency)

    @property
    def asked_minor(self) -> int:
        """What signatures are asked for: all of the request, or what another way is to pay."""
        return self.requested_minor if self.payout_id is None else self.amount_minor

    @property
    def asked(self) -> Money:
        """What signatures are asked for."""
        return Money(self.asked_minor, self.currency)

    @property
    def is_about_payout(self) -> bool:
        """Whether it waits for signatures for another way to pay it."""
        return self.payout_id is not None and self.state in {State.AWAITING_APPROVAL, State.ON_HOLD}

    @property
    def is_open(self) -> bool:
        """Whether it holds a reserve on its payment."""
        return self.state in OPEN_STATES
