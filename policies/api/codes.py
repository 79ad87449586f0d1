"""The catalogues over the API: which codes there are, who answers for them, and what is used instead of an old one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers

from config.kernel.bodies import PageQuery
from config.kernel.pages import CursorPages
from config.kernel.rest import ApiView
from config.kernel.schema import page_of
from policies.models import CODE_MODELS
from policies.vocabulary import CodeKind, CodeState

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.response import Response


class ByCode(CursorPages):
    """In the order of their words."""

    ordering = ("code",)


class CodeQuery(PageQuery):
    """Which codes to list; without a state, all of them."""

    state = serializers.MultipleChoiceField(
        choices=CodeState.choices, required=False, help_text="May be given more than once."
    )


class CodeAnswer(serializers.Serializer[Any]):
    """A standard code. Only an active one may be used for something new; `merged_into` names what is used instead."""

    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # the class keeps its fields elsewhere
    hint = serializers.CharField()
    state = serializers.CharField()
    merged_into = serializers.CharField(source="merged_into_id", allow_null=True)
    retired_at = serializers.DateTimeField(allow_null=True)
    owner = serializers.CharField()
    playbook = serializers.CharField()
    sla_hours = serializers.IntegerField()
    leakage_class = serializers.CharField()
    evidence_kinds = serializers.ListField(child=serializers.CharField())
    when_to_use = serializers.CharField()
    when_not_to_use = serializers.CharField()
    most_share_basis_points = serializers.IntegerField(allow_null=True)


class Codes(ApiView):
    """One of the two catalogues."""

    kind: CodeKind

    def codes(self) -> Response:
        """Answer one page."""
        states = self.query(CodeQuery).get("state")
        found = CODE_MODELS[self.kind].objects.all()
        return self.page(found.filter(state__in=states) if states else found, CodeAnswer, ByCode)


class ReasonCodes(Codes):
    """Why customers ask."""

    kind = CodeKind.REASON
    asks = {"GET": "policies.view_reasoncode"}

    @extend_schema(
        operation_id="list_reason_codes",
        summary="List the reasons a request may give",
        tags=["Codes"],
        parameters=[CodeQuery],
        responses=page_of(CodeAnswer),
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Answer one page."""
        return self.codes()


class ExceptionCodes(Codes):
    """Why we depart from policy."""

    kind = CodeKind.EXCEPTION
    asks = {"GET": "policies.view_exceptioncode"}

    @extend_schema(
        operation_id="list_exception_codes",
        summary="List the codes an exception is granted under",
        tags=["Codes"],
        parameters=[CodeQuery],
        responses=page_of(CodeAnswer),
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Answer one page."""
        return self.codes()
