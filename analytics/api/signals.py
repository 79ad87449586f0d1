"""Signals over the API: what stands out, with its numbers and when it means nothing; never a verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.db.models import OuterRef, Subquery
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers

from analytics.models import PatternMark
from analytics.patterns import kept
from analytics.patterns.kinds import KINDS
from analytics.patterns.vocabulary import Answer, SignalState
from config.kernel.bodies import PageQuery, WordField
from config.kernel.pages import CursorPages
from config.kernel.people import Team
from config.kernel.rest import ApiView
from config.kernel.schema import page_of

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.response import Response

    from analytics.models import PatternSignal
    from analytics.patterns.naming import Names

PATTERNS = [(slug, kind.name) for slug, kind in KINDS.items()]


class SignalQuery(PageQuery):
    """Which signals."""

    pattern = serializers.ChoiceField(choices=PATTERNS, required=False)
    team = WordField(required=False, help_text="That go through this team, by its slug.")
    state = serializers.ChoiceField(choices=SignalState.choices, required=False)


class NumberAnswer(serializers.Serializer[Any]):
    """A number of a signal, in words."""

    name = serializers.CharField()
    value = serializers.CharField()


class SignalAnswer(serializers.Serializer[Any]):
    """Something that stands out, and what else explains it. It says of nobody that he did wrong.

    `people` is null for callers without the right to see who is meant, whose sentence has numbers instead of names.
    """

    id = serializers.UUIDField(source="standing_id", help_text="The same in every reading that finds it again.")
    pattern = serializers.ChoiceField(choices=PATTERNS)
    sentence = serializers.SerializerMethodField()
    numbers = serializers.SerializerMethodField()
    p_value = serializers.FloatField(allow_null=True, help_text="By chance alone; null where no chance is involved.")
    looks_at = serializers.CharField(source="kind.looks_at")
    may_mean_nothing = serializers.CharField(source="kind.innocent")
    teams = serializers.SerializerMethodField()
    people = serializers.SerializerMethodField()
    request_count = serializers.IntegerField()
    first_seen_at = serializers.DateTimeField()
    is_new = serializers.BooleanField(help_text="The reading before had not found it.")
    read_at = serializers.DateTimeField(source="reading.read_at")
    state = serializers.SerializerMethodField()
    answer = serializers.ChoiceField(choices=Answer.choices, allow_null=True, help_text="What was found, if anything.")
    looked_into_at = serializers.DateTimeField(allow_null=True)
    page = serializers.CharField(source="get_absolute_url")

    @extend_schema_field(serializers.CharField())
    def get_sentence(self, signal: PatternSignal) -> str:
        """Say what was seen."""
        return self._view.names.sentence(signal)

    @extend_schema_field(NumberAnswer(many=True))
    def get_numbers(self, signal: PatternSignal) -> list[dict[str, str]]:
        """Name each number."""
        return [{"name": name, "value": value} for name, value in signal.numbers]

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_teams(self, signal: PatternSignal) -> list[str]:
        """Name the teams it goes through."""
        return [self._view.slugs[pk] for pk in signal.team_ids]

    @extend_schema_field(serializers.ListField(child=serializers.CharField(), allow_null=True))
    def get_people(self, signal: PatternSignal) -> list[str] | None:
        """Name who is meant, for those who may know."""
        names = self._view.names
        return [names.of(person) for person in signal.people] if names.are_shown else None

    @extend_schema_field(serializers.ChoiceField(choices=SignalState.choices))
    def get_state(self, signal: PatternSignal) -> str:
        """Whether somebody looked into it."""
        return SignalState.LOOKED_INTO if getattr(signal, "answer", None) else SignalState.OPEN

    @property
    def _view(self) -> Signals:
        return cast("Signals", self.context["view"])


class NewestSignals(CursorPages):
    """What was seen last comes first."""

    ordering = ("-first_seen_at", "-standing_id")


class Signals(ApiView):
    """What stands out."""

    asks = {"GET": kept.SEES}

    names: Names
    slugs: dict[int, str]

    @extend_schema(
        operation_id="list_signals",
        summary="List signals: what stands out, and what else explains it",
        description=(
            "What the last reading found in the caller's teams; patterns are read every night. One that goes through "
            "several teams is for whoever works for all of them. A signal is never a verdict."
        ),
        tags=["Analytics"],
        parameters=[SignalQuery],
        responses=page_of(SignalAnswer),
        examples=[
            OpenApiExample(
                "A split",
                response_only=True,
                value={
                    "id": "019a8f5e-2a64-7c11-9d41-3f6b7c0a5e11",
                    "pattern": "splitting",
                    "sentence": "8 times a customer's request was followed within 7 days by another; each was within "
                    "GBP 100.00 and all within 7 days above it. Entered by Asha.",
                    "numbers": [{"name": "Within a day", "value": "8"}],
                    "p_value": 3.1e-9,
                    "looks_at": KINDS["splitting"].looks_at,
                    "may_mean_nothing": KINDS["splitting"].innocent,
                    "teams": ["uk-retail"],
                    "people": ["Asha"],
                    "request_count": 16,
                    "first_seen_at": "2026-11-20T02:10:00Z",
                    "is_new": False,
                    "read_at": "2026-11-22T02:10:00Z",
                    "state": "open",
                    "answer": None,
                    "looked_into_at": None,
                    "page": "/insight/patterns/splitting/?signal=019a8f5e-2a64-7c11-9d41-3f6b7c0a5e11",
                },
            )
        ],
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Answer one page, what was seen last first."""
        asked = self.query(SignalQuery)
        self.names = kept.names_for(self.caller)
        self.slugs = dict(Team.objects.values_list("pk", "slug"))
        marks = PatternMark.objects.filter(standing_id=OuterRef("standing_id")).order_by("-made_at", "-pk")
        wanted = kept.Wanted(team=asked.get("team", ""), state=asked.get("state", ""))
        found = kept.signals_of(self.caller, wanted, pattern=asked.get("pattern", "")).annotate(
            answer=Subquery(marks.values("answer")[:1]), looked_into_at=Subquery(marks.values("made_at")[:1])
        )
        return self.page(found.defer("request_ids"), SignalAnswer, NewestSignals)
