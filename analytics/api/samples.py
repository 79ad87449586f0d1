"""Quality: drawing samples of decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers

from analytics.sampling.drawing import LARGEST, LONGEST_SEED, Wanted, draw_sample
from analytics.sampling.permissions import DRAWS, samples_visible_to
from analytics.sampling.vocabulary import Method, Population
from config.kernel.bodies import ExactSerializer, WordField
from config.kernel.rest import ApiView

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.response import Response

    from analytics.models import Sample

CREATED = 201


class SampleBody(ExactSerializer):
    """From which decisions, how, and how many."""

    team = WordField(max_length=50, help_text="The slug of a team you work for.")
    population = serializers.ChoiceField(choices=Population.choices, default=Population.EVERY)
    method = serializers.ChoiceField(choices=Method.choices, default=Method.RANDOM)
    size = serializers.IntegerField(min_value=1, max_value=LARGEST)
    seed = WordField(
        max_length=LONGEST_SEED, required=False, default="", allow_blank=True, help_text="Empty: one is made."
    )

    def get_fields(self) -> dict[str, Any]:
        """Name the days as every period is named; `from` is no name Python takes."""
        return {"from": serializers.DateField(), "to": serializers.DateField(), **super().get_fields()}


class StratumAnswer(serializers.Serializer[Any]):
    """Who decided what, how many there were and how many were drawn."""

    stratum = serializers.CharField()
    decisions = serializers.IntegerField()
    drawn = serializers.IntegerField()


class SampleAnswer(serializers.Serializer[Any]):
    """A draw, with all that is needed to draw it again. What was decided is not in it: the second look is blind."""

    id = serializers.UUIDField()
    team = serializers.CharField(source="team.slug")
    population = serializers.ChoiceField(choices=Population.choices)
    method = serializers.ChoiceField(choices=Method.choices)
    size = serializers.IntegerField()
    seed = serializers.CharField()
    population_count = serializers.IntegerField()
    population_sha256 = serializers.CharField()
    strata = serializers.SerializerMethodField()
    drawn_at = serializers.DateTimeField()
    page = serializers.CharField(source="get_absolute_url")

    def get_fields(self) -> dict[str, Any]:
        """Name the days as the body names them."""
        days = {"from": serializers.DateField(source="from_on"), "to": serializers.DateField(source="to_on")}
        return {**super().get_fields(), **days}

    @extend_schema_field(StratumAnswer(many=True))
    def get_strata(self, sample: Sample) -> list[dict[str, Any]]:
        """Answer the strata by name."""
        return [{"stratum": name, **counts} for name, counts in sorted(sample.strata.items())]


class Samples(ApiView):
    """Decisions to be looked at again."""

    asks = {"POST": DRAWS}

    @extend_schema(
        operation_id="draw_sample",
        summary="Draw a sample of decisions for a second look",
        tags=["Quality"],
        request=SampleBody,
        responses={CREATED: SampleAnswer},
    )
    def post(self, request: Request) -> Response:  # noqa: ARG002
        """Draw it, and answer what there was and what was drawn."""
        body = self.read(SampleBody)
        wanted = Wanted(from_on=body.pop("from"), to_on=body.pop("to"), **body)
        sample = draw_sample(wanted=wanted, actor=self.caller, at=timezone.now())
        rows = samples_visible_to(self.caller).filter(pk=sample.pk).select_related("team")
        return self.shown(rows, SampleAnswer, CREATED)
