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


class PreparationAnswer(serializers.Serializer[Any]):
    """What was found, now while it waits for a person, and as it was recorded once somebody decided."""

    version = serializers.IntegerField(help_text="Goes up when a finder says something else of the same facts.")
    at = serializers.DateTimeField()
    is_recorded = serializers.BooleanField()
    inputs_sha256 = serializers.CharField()
    findings = PreparedFindingAnswer(many=True)


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
        if prepared is None:
            raise Http404
        return Response(PreparationAnswer(prepared).data)
