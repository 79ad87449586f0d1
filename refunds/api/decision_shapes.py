"""What is asked about a governed action, and what is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from approvals.rationale import LONGEST_RATIONALE
from approvals.vocabulary import Category
from config.kernel.bodies import (
    CurrencyField,
    ExactSerializer,
    FlagField,
    MinorField,
    MomentField,
    PageQuery,
    WordField,
)
from policies.vocabulary import ActionState, Outcome

from .request_answers import FindingAnswer, PolicyNameAnswer, RouteAnswer

if TYPE_CHECKING:
    from policies.models import GovernedAction

LONGEST_ID = 120

OUTCOMES = [
    (Outcome.ALLOW.value, "it may be done"),
    (Outcome.REQUIRE_APPROVAL.value, "people sign first; what a refund request would send to a reviewer is here too"),
    (Outcome.BLOCK.value, "it must not be done"),
]
"""The engine's `exception` is answered as `require_approval`: nobody stands between the policy and the signatures."""


class SubjectBody(ExactSerializer):
    """What it is done to: the processor and its id of the transfer, fee, dispute or payment."""

    gateway = WordField(max_length=40, required=False, default="stripe")
    external_id = WordField(max_length=LONGEST_ID, required=False, allow_blank=True, default="")


class ContextBody(ExactSerializer):
    """What else the policy may want to know."""

    customer = WordField(
        max_length=80,
        required=False,
        allow_null=True,
        allow_blank=True,
        default=None,
        help_text="The shop's id of her.",
    )
    dispute_due_at = MomentField(required=False, allow_null=True, default=None)
    destination = WordField(
        max_length=LONGEST_ID,
        required=False,
        allow_null=True,
        allow_blank=True,
        default=None,
        help_text="The connected account a transfer goes to.",
    )


class AskBody(ExactSerializer):
    """An action somebody wants to do."""

    category = serializers.ChoiceField(Category.choices)
    amount_minor = MinorField(min_value=1)
    currency = CurrencyField(max_length=3)
    reason = WordField(max_length=40, required=False, allow_blank=True, default="")
    team = WordField(max_length=50)
    subject = SubjectBody(required=False, default=lambda: {"gateway": "stripe", "external_id": ""})
    context = ContextBody(  # type: ignore[assignment]  # the class keeps its fields elsewhere
        required=False, default=lambda: {"customer": None, "dispute_due_at": None, "destination": None}
    )
    execute = FlagField(
        required=False,
        default=False,
        help_text=(
            "True: Redress carries it out once it is allowed, exactly once. Possible for `payout`, `transfer` (names "
            "`context.destination`), `transfer_reversal`, `application_fee_refund`, `dispute` (accepts it) and "
            "`goodwill_credit` (to the customer's balance), which name `subject.external_id`. In shadow mode people "
            "decide first."
        ),
    )


class SignBody(ExactSerializer):
    """Why; a no needs it."""

    rationale = WordField(max_length=LONGEST_RATIONALE, allow_blank=True, required=False, default="")


class ActionQuery(PageQuery):
    """Which actions to list; every filter narrows."""

    # Left out it is null: the framework reads a flag that a query does not name as false.
    ungoverned = serializers.BooleanField(
        required=False, allow_null=True, help_text="Only what left without a decision, or only the rest."
    )
    state = serializers.ChoiceField(ActionState.choices, required=False)
    category = serializers.ChoiceField(Category.choices, required=False)
    team = serializers.CharField(max_length=50, required=False)


class ActionSubjectAnswer(serializers.Serializer[Any]):
    """What it is done to."""

    gateway = serializers.CharField()
    external_id = serializers.CharField(source="about")


class ActionContextAnswer(serializers.Serializer[Any]):
    """What else was told."""

    customer = serializers.CharField()
    dispute_due_at = serializers.DateTimeField(allow_null=True)
    destination = serializers.CharField()


class ActionLinksAnswer(serializers.Serializer[Any]):
    """Where the action is found."""

    self = serializers.URLField()
    page = serializers.URLField()


class ActionAnswer(serializers.Serializer[Any]):
    """A governed action: what was asked, what the policy said, who signs, what became of it.

    Of what left without a decision `outcome` is what the policy would have said, and null for a team without one.
    """

    id = serializers.UUIDField()
    reference = serializers.CharField()
    state = serializers.ChoiceField(ActionState.choices)
    category = serializers.ChoiceField(Category.choices)
    amount_minor = serializers.IntegerField()
    currency = serializers.CharField()
    reason = serializers.CharField()
    team = serializers.CharField(source="team.slug")
    subject = ActionSubjectAnswer(source="*")
    context = ActionContextAnswer(source="*")  # type: ignore[assignment]  # the class keeps its fields elsewhere
    outcome = serializers.SerializerMethodField()
    mode = serializers.CharField(source="decision.mode", default=None, allow_null=True)
    enforced = serializers.BooleanField(source="is_enforced", help_text="False in shadow: the outcome gated nothing.")
    matched_rule = serializers.CharField(source="decision.matched_rule", default=None, allow_null=True)
    policy = PolicyNameAnswer(source="decision.version", default=None, allow_null=True)
    findings = FindingAnswer(source="decision.findings", many=True, default=list)
    why_not_automatic = serializers.ListField(
        source="decision.why_not_automatic", child=serializers.CharField(), default=list
    )
    approval = RouteAnswer(source="route", allow_null=True)
    execute = serializers.BooleanField(source="is_to_be_executed")
    ungoverned = serializers.BooleanField(source="is_ungoverned")
    external_id = serializers.SerializerMethodField()
    failure = serializers.CharField(help_text="Why carrying it out failed.")
    explanation = serializers.CharField(help_text="The code finance gave for what left without a decision.")
    requested_by = serializers.CharField(source="requested_by.username", default=None, allow_null=True)
    created_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    occurred_at = serializers.DateTimeField(allow_null=True, help_text="When it left, as the processor says.")
    links = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ChoiceField(OUTCOMES, allow_null=True))
    def get_outcome(self, action: GovernedAction) -> str | None:
        """Answer in the three words that a caller acts on."""
        if action.decision is None:
            return None
        is_referred = action.decision.outcome == Outcome.EXCEPTION
        return Outcome.REQUIRE_APPROVAL.value if is_referred else str(action.decision.outcome)

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_external_id(self, action: GovernedAction) -> str | None:
        """Name what left, at the processor."""
        return action.external_id or None

    @extend_schema_field(ActionLinksAnswer)
    def get_links(self, action: GovernedAction) -> dict[str, str]:
        """Say where the action is found."""
        request = cast("Any", self.context)["request"]
        itself = reverse("refunds_api:decision", args=[action.pk], request=request)
        return {"self": itself, "page": request.build_absolute_uri(action.get_absolute_url())}
