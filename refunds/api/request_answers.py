"""A refund request as every address of it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.db.models import Prefetch
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from approvals.clock import ROUND_THE_CLOCK, hours_of
from approvals.models import ApprovalStep
from approvals.planning import expected_of
from approvals.vocabulary import RouteState
from policies.models import PolicyDecision
from refunds.bundles.asking import TAKES_REQUEST
from refunds.disputes.advice import advice_for
from refunds.evidence_map.missing import evidence_missing_of
from refunds.models import AlternatePayout, Operation, RefundLine, TicketLink
from refunds.permissions import visible_to
from refunds.vocabulary import DisputeKind, DisputeStatus, Method, PayoutState

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

    from approvals.clock import Hours
    from approvals.models import ApprovalRoute
    from config.kernel.people import User
    from refunds.models import RefundRequest


class OrderNameAnswer(serializers.Serializer[Any]):
    """Which order."""

    channel = serializers.CharField()
    external_id = serializers.CharField()


class RequestLineAnswer(serializers.Serializer[Any]):
    """How many of an order line come back, in which condition, for how much."""

    line = serializers.CharField(source="order_line.line")
    sku = serializers.CharField(source="order_line.sku")
    title = serializers.CharField(source="order_line.title")
    quantity = serializers.IntegerField()
    condition = serializers.CharField()
    amount_minor = serializers.IntegerField()


class PolicyNameAnswer(serializers.Serializer[Any]):
    """Which edition of which policy judged."""

    slug = serializers.CharField(source="policy.slug")
    version = serializers.IntegerField(source="number")


class FindingAnswer(serializers.Serializer[Any]):
    """What one rule said: the two things compared, and the sentence people read."""

    rule = serializers.CharField()
    passed = serializers.BooleanField()
    sentence = serializers.CharField()
    fact = serializers.JSONField(allow_null=True)
    limit = serializers.JSONField(allow_null=True)
    outcome_if_failed = serializers.CharField(required=False)


class DecisionAnswer(serializers.Serializer[Any]):
    """What the policy said and why."""

    id = serializers.UUIDField()
    outcome = serializers.CharField()
    mode = serializers.CharField()
    enforced = serializers.BooleanField(source="is_enforced")
    matched_rule = serializers.CharField()
    policy = PolicyNameAnswer(source="version")
    findings = FindingAnswer(many=True)
    why_not_automatic = serializers.ListField(child=serializers.CharField())
    exception_codes = serializers.ListField(child=serializers.CharField())
    decided_at = serializers.DateTimeField()


class StepAnswer(serializers.Serializer[Any]):
    """One signature of the route; its id is what a lease names."""

    id = serializers.UUIDField()
    level = serializers.IntegerField()
    role = serializers.CharField()
    quorum = serializers.IntegerField()
    out_of = serializers.IntegerField(allow_null=True, help_text="How many vote, where a no alone does not end it.")
    state = serializers.CharField()
    due_at = serializers.DateTimeField(allow_null=True, help_text="Null until its level is open.")
    expected_by = serializers.DateTimeField(
        allow_null=True, help_text="When it is signed if everybody takes the time there is; null once that is over."
    )


class RouteAnswer(serializers.Serializer[Any]):
    """Who signs, in which order, by when."""

    id = serializers.UUIDField()
    state = serializers.CharField()
    part_number = serializers.IntegerField(help_text="Which part of something larger this is; 1 for a whole.")
    together_minor = serializers.IntegerField(source="together.minor", help_text="What all parts ask for.")
    steps = serializers.SerializerMethodField()

    @extend_schema_field(StepAnswer(many=True))
    def get_steps(self, route: ApprovalRoute) -> list[dict[str, Any]]:
        """List the signatures, each with the moment it is expected by."""
        known: dict[int, Hours] = cast("dict[str, Any]", self.context).setdefault("hours", {})
        if route.state == RouteState.OPEN and route.team_id not in known:
            known[route.team_id] = hours_of(route.team_id)
        hours = known.get(route.team_id, ROUND_THE_CLOCK)
        expected = expected_of(route, hours, at=timezone.now())
        steps = list(route.steps.all())
        for step in steps:
            vars(step)["expected_by"] = expected.get(step.pk)
        return list(StepAnswer(steps, many=True).data)


class OperationAnswer(serializers.Serializer[Any]):
    """One instruction to move money."""

    id = serializers.UUIDField()
    state = serializers.CharField()
    amount_minor = serializers.IntegerField()
    currency = serializers.CharField()
    gateway = serializers.CharField()
    external_id = serializers.CharField(allow_null=True)
    attempt_count = serializers.IntegerField()
    recall_until = serializers.DateTimeField(allow_null=True, help_text="The money waits until then for a recall.")
    idempotency_key = serializers.CharField()
    failure_reason = serializers.CharField()
    created_at = serializers.DateTimeField()


class PayoutAnswer(serializers.Serializer[Any]):
    """Another way to pay what failed; of the account only its last characters."""

    method = serializers.ChoiceField(Method.choices)
    state = serializers.ChoiceField(PayoutState.choices)
    amount_minor = serializers.IntegerField()
    currency = serializers.CharField()
    account_holder = serializers.CharField()
    iban = serializers.CharField(source="iban_masked")
    rationale = serializers.CharField()
    proposed_by = serializers.CharField(source="proposed_by.username")
    proposed_at = serializers.DateTimeField()
    approved_by = serializers.CharField(source="approved_by.username", default=None, allow_null=True)


class TombstoneAnswer(serializers.Serializer[Any]):
    """Since when, and on which ground, the texts and files of a request are gone."""

    at = serializers.DateTimeField(source="erased_at")
    basis = serializers.CharField(source="erasure.basis")


class DisputeAnswer(serializers.Serializer[Any]):
    """A complaint at the customer's bank about the charge, and what it means for a refund."""

    external_id = serializers.CharField(source="dispute.external_id")
    kind = serializers.ChoiceField(DisputeKind.choices, source="dispute.kind")
    status = serializers.ChoiceField(DisputeStatus.choices, source="dispute.status")
    amount_minor = serializers.IntegerField(source="dispute.amount_minor")
    currency = serializers.CharField(source="dispute.currency")
    due_at = serializers.DateTimeField(
        source="dispute.due_at", allow_null=True, help_text="Null: no answer is asked for."
    )
    refund_helps = serializers.BooleanField(source="helps", allow_null=True, help_text="Null once it is over.")
    sentence = serializers.CharField()


class TicketAnswer(serializers.Serializer[Any]):
    """A ticket of a helpdesk that the request answers."""

    helpdesk = serializers.CharField(source="helpdesk.slug")
    id = serializers.CharField(source="ticket_id")
    page = serializers.CharField(help_text="Where it is looked at; empty where nobody told.")


class LinksAnswer(serializers.Serializer[Any]):
    """Where the request is found; `bundle` is null for whoever may not take it."""

    self = serializers.URLField()
    page = serializers.URLField()
    bundle = serializers.URLField(allow_null=True)


class RequestAnswer(serializers.Serializer[Any]):
    """A refund request with everything that was decided about it."""

    reference = serializers.CharField()
    state = serializers.CharField()
    category = serializers.CharField()
    amount_minor = serializers.IntegerField(help_text="What will be or was paid.")
    requested_minor = serializers.IntegerField(help_text="What was asked for.")
    approved_minor = serializers.IntegerField(allow_null=True, help_text="Null until decided.")
    shipping_minor = serializers.IntegerField()
    currency = serializers.CharField()
    team = serializers.CharField(source="team.slug")
    order = OrderNameAnswer(allow_null=True, help_text="Null for a goodwill credit that names none.")
    customer = serializers.CharField(source="customer.external_id", default=None, allow_null=True)
    reason = serializers.CharField(source="reason_id", allow_null=True)
    method = serializers.CharField()
    connect_share = serializers.CharField(help_text="Who bears the refund of a destination charge; else empty.")
    legal_basis = serializers.CharField(help_text="The ground somebody claimed; empty goes by the reason.")
    note = serializers.CharField()
    question = serializers.CharField()
    exception_code = serializers.CharField(allow_null=True)
    risk = serializers.CharField()
    failure_reason = serializers.CharField()
    lines = RequestLineAnswer(many=True)
    requested_by = serializers.CharField(source="requested_by.username")
    reviewed_by = serializers.CharField(source="reviewed_by.username", default=None, allow_null=True)
    approved_by = serializers.CharField(source="approved_by.username", default=None, allow_null=True)
    declined_by = serializers.CharField(source="declined_by.username", default=None, allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    refunded_at = serializers.DateTimeField(allow_null=True)
    reconciled_at = serializers.DateTimeField(allow_null=True)
    decision = DecisionAnswer(allow_null=True)
    route = RouteAnswer(allow_null=True)
    evidence_missing = serializers.SerializerMethodField(
        help_text="Before the next decision what it demands; of what was decided, what the evidence map finds missing."
    )
    operations = OperationAnswer(many=True)
    payout = PayoutAnswer(default=None, allow_null=True, help_text="Another way it is paid, or is to be paid.")
    erased = TombstoneAnswer(source="tombstone", default=None, allow_null=True)
    disputes = serializers.SerializerMethodField()
    tickets = TicketAnswer(many=True)
    links = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_evidence_missing(self, refund_request: RefundRequest) -> list[str]:
        """Name what is missing; asked once for all requests of an answer."""
        known: dict[UUID, list[str]] = cast("dict[str, Any]", self.context).setdefault("evidence_missing", {})
        if refund_request.pk not in known:
            listed = getattr(self.parent, "instance", None) or [refund_request]
            known.update(evidence_missing_of(listed))
        return known[refund_request.pk]

    @extend_schema_field(DisputeAnswer(many=True))
    def get_disputes(self, refund_request: RefundRequest) -> list[dict[str, Any]]:
        """List the disputes there were on the charge, the latest first."""
        return list(DisputeAnswer(advice_for(refund_request), many=True).data)

    @extend_schema_field(LinksAnswer)
    def get_links(self, refund_request: RefundRequest) -> dict[str, str | None]:
        """Say where the request is found."""
        request = self.context["request"]
        itself = reverse("refunds_api:refund_request", args=[refund_request.reference], request=request)
        page = request.build_absolute_uri(refund_request.get_absolute_url())
        bundle = None
        if request.user.has_perm(TAKES_REQUEST):
            bundle = reverse("refunds_api:request_bundle", args=[refund_request.reference], request=request)
        return {"self": itself, "page": page, "bundle": bundle}

    def to_representation(self, instance: RefundRequest) -> dict[str, Any]:
        """Say null where no exception was granted."""
        shown: dict[str, Any] = super().to_representation(instance)
        return {**shown, "exception_code": shown["exception_code"] or None}


def shown_to(viewer: User) -> QuerySet[RefundRequest]:
    """Select what this viewer may see, with everything the answer needs in a fixed number of queries."""
    return (
        visible_to(viewer)
        # Few tables: with the other nine joined too PostgreSQL thinks longer about their order than it then reads.
        .select_related("team", "order", "customer", "requested_by", "route", "tombstone__erasure")
        .prefetch_related(
            Prefetch(
                "decision",
                PolicyDecision.objects.select_related("version__policy").defer("facts", "version__document"),
            ),
            "reviewed_by",
            "approved_by",
            "declined_by",
            Prefetch("payout", AlternatePayout.objects.select_related("proposed_by", "approved_by")),
            Prefetch("lines", RefundLine.objects.select_related("order_line").order_by("pk")),
            Prefetch("route__steps", ApprovalStep.objects.order_by("level", "place")),
            "payment__disputes",
            Prefetch("tickets", TicketLink.objects.select_related("helpdesk").order_by("pk")),
            Prefetch("operations", Operation.objects.order_by("created_at", "pk")),
        )
    )
