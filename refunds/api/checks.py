"""Check: what would become of a refund request, before anybody files it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from config.kernel.refusals import Refused
from config.kernel.rest import ApiView
from policies.vocabulary import Mode, Outcome
from refunds.checking import check_draft
from refunds.pleas import draft_of

from .request_answers import FindingAnswer, PolicyNameAnswer
from .request_bodies import NewRequestBody

if TYPE_CHECKING:
    from rest_framework.request import Request


class CheckAnswer(serializers.Serializer[Any]):
    """What the policy in force would say of it now; in shadow `enforced` is false and a person would decide."""

    outcome = serializers.ChoiceField(Outcome.choices, source="judged.verdict.outcome")
    mode = serializers.ChoiceField(Mode.choices, source="judged.mode")
    enforced = serializers.SerializerMethodField()
    amount_minor = serializers.IntegerField(source="amount.minor")
    currency = serializers.CharField(source="amount.currency")
    matched_rule = serializers.CharField(source="judged.verdict.matched_rule")
    policy = PolicyNameAnswer(source="judged.version")
    findings = FindingAnswer(many=True, source="judged.verdict.findings")
    why_not_automatic = serializers.ListField(child=serializers.CharField(), source="judged.verdict.why_not_automatic")
    exception_codes = serializers.ListField(child=serializers.CharField(), source="judged.verdict.exception_codes")
    evidence_missing = serializers.ListField(child=serializers.CharField())
    plan = serializers.CharField(source="plan.sentence", default=None, allow_null=True, help_text="Who would sign.")

    def get_enforced(self, checked: Any) -> bool:
        """Say whether the verdict would count."""
        return bool(checked.judged.mode is Mode.ENFORCE)


class Checks(ApiView):
    """A request that is not filed."""

    asks = {"POST": "refunds.submit_refundrequest"}

    @extend_schema(
        operation_id="check_refund_request",
        summary="Say what would become of a refund request",
        tags=["Refund requests"],
        request=NewRequestBody,
        responses=CheckAnswer,
    )
    def post(self, request: Request) -> Response:  # noqa: ARG002
        """Judge it as if it was filed now. Nothing is kept or reserved, so filing it later may go otherwise."""
        draft = draft_of(self.read(NewRequestBody))
        if not draft.reason:
            raise Refused("refused", "Say why the customer wants the money back.", "reason")
        checked = check_draft(draft=draft, actor=self.caller, at=timezone.now())
        return Response(CheckAnswer(checked, context={"request": self.request}).data)
