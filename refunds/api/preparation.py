"""What was looked up for whoever decides on a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from config.kernel.rest import ApiView
from refunds.preparation.base import Tone
from refunds.preparation.finders import FINDERS
from refunds.preparation.preparing import preparation_for
from refunds.proposing.answering import latest_call
from refunds.proposing.vocabulary import AskOutcome, ProposalKind, ProposalState
from refunds.selectors import request_page

if TYPE_CHECKING:
    from rest_framework.request import Request


class SourceAnswer(serializers.Serializer[Any]):
    """Which record a sentence rests on, which field of it, and its page, empty where it has none."""

    record = serializers.CharField()
    field = serializers.CharField()
    page = serializers.CharField()


class PreparedFindingAnswer(serializers.Serializer[Any]):
    """One sentence: as expected (`fine`), worth a look (`look`), or nothing is known (`unknown`)."""

    finder = serializers.ChoiceField([finder.name for finder in FINDERS])
    tone = serializers.ChoiceField([tone.value for tone in Tone])
    sentence = serializers.CharField()
    sources = SourceAnswer(many=True)


class ProposalAnswer(serializers.Serializer[Any]):
    """What a language model proposed, and what a person made of it; the text is the model's, word for word."""

    field = serializers.ChoiceField(ProposalKind.choices, source="kind")
    text = serializers.CharField()
    confidence = serializers.IntegerField(min_value=0, max_value=100, help_text="What the model says of itself.")
    state = serializers.ChoiceField(ProposalState.choices)
    answered_by = serializers.CharField(source="answered_by.username", default=None, allow_null=True)


class AskedAnswer(serializers.Serializer[Any]):
    """What came of asking a language model."""

    model = serializers.CharField(source="model_name")
    asked_at = serializers.DateTimeField()
    outcome = serializers.ChoiceField([*AskOutcome.values, ""], help_text="Empty while it is under way.")
    proposals = ProposalAnswer(many=True)


class PreparationAnswer(serializers.Serializer[Any]):
    """What was found, now while it waits for a person, and as it was recorded once somebody decided."""

    version = serializers.IntegerField(help_text="Goes up when a finder says something else of the same facts.")
    at = serializers.DateTimeField()
    is_recorded = serializers.BooleanField()
    inputs_sha256 = serializers.CharField()
    findings = PreparedFindingAnswer(many=True)
    asked = AskedAnswer(allow_null=True, help_text="Null where no language model was asked.")


class RequestPreparation(ApiView):
    """What was looked up."""

    asks = {"GET": "refunds.view_refundrequest"}

    @extend_schema(
        operation_id="read_preparation",
        summary="Read what was looked up for whoever decides",
        tags=["Refund requests"],
        responses=PreparationAnswer,
    )
    def get(self, request: Request, reference: str) -> Response:  # noqa: ARG002
        """Answer the findings; they decide nothing. 404 where no person ever had to decide."""
        found = request_page(self.caller, reference)
        prepared = None if found is None else preparation_for(self.caller, found, at=timezone.now())
        if found is None or prepared is None:
            raise Http404
        asked = latest_call(found)
        told = {name: getattr(prepared, name) for name in ("version", "at", "is_recorded", "inputs_sha256", "findings")}
        return Response(PreparationAnswer({**told, "asked": asked}).data)
