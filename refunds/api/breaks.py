"""Finance: what a processor's record and ours disagree on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers

from config.kernel.bodies import CurrencyField, ExactSerializer, PageQuery, WordField
from config.kernel.pages import CursorPages
from config.kernel.rest import ApiView
from config.kernel.schema import page_of
from refunds.breaks.holding import LONGEST_NOTE
from refunds.breaks.permissions import RESOLVES, SEES, breaks_visible_to
from refunds.breaks.resolving import confirm_resolution, resolve_break
from refunds.breaks.vocabulary import BY_PEOPLE, BreakKind, BreakState, Resolution

if TYPE_CHECKING:
    from uuid import UUID

    from rest_framework.request import Request
    from rest_framework.response import Response

OK = 200
ACCEPTED = 202


class BreakQuery(PageQuery):
    """Which breaks."""

    state = serializers.ChoiceField(choices=BreakState.choices, required=False)
    kind = serializers.ChoiceField(choices=BreakKind.choices, required=False)
    account = serializers.CharField(max_length=40, required=False)
    currency = CurrencyField(required=False)
    owner = serializers.CharField(max_length=150, required=False, help_text="A username.")


class BreakAnswer(serializers.Serializer[Any]):
    """A disagreement between a processor's record and ours.

    `amount_minor` is what nobody explained yet: below zero more left at the processor than we know of.
    """

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=BreakKind.choices)
    state = serializers.ChoiceField(choices=BreakState.choices)
    amount_minor = serializers.IntegerField()
    currency = serializers.CharField()
    account = serializers.CharField()
    opened_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    owner = serializers.CharField(source="owner.username", allow_null=True, default=None)
    reference = serializers.CharField()
    note = serializers.CharField(source="finding", help_text="What disagrees, in a sentence.")
    resolution = serializers.ChoiceField(choices=[("", ""), *Resolution.choices])
    resolution_note = serializers.CharField(source="note")
    proposed_by = serializers.CharField(source="proposed_by.username", allow_null=True, default=None)
    confirmed_by = serializers.CharField(source="confirmed_by.username", allow_null=True, default=None)
    resolved_at = serializers.DateTimeField(allow_null=True)


class ResolveBody(ExactSerializer):
    """What it was, and why."""

    resolution = serializers.ChoiceField(choices=[(one.value, one.label) for one in BY_PEOPLE])
    note = WordField(max_length=LONGEST_NOTE)


class NewestBreaks(CursorPages):
    """Newest first."""

    ordering = ("-opened_at", "-id")


class Breaks(ApiView):
    """What does not agree."""

    asks = {"GET": SEES}

    @extend_schema(
        operation_id="list_breaks",
        summary="List breaks: what statements and our own record disagree on",
        tags=["Finance"],
        parameters=[BreakQuery],
        responses=page_of(BreakAnswer),
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Answer one page, newest first."""
        asked = self.query(BreakQuery)
        names = {"state": "state", "kind": "kind", "account": "account", "currency": "currency"}
        wanted = {
            column: asked[name] for name, column in {**names, "owner": "owner__username"}.items() if name in asked
        }
        found = breaks_visible_to(self.caller).filter(**wanted)
        return self.page(found.select_related("owner", "proposed_by", "confirmed_by"), BreakAnswer, NewestBreaks)


class ResolveBreak(ApiView):
    """Say what a break was."""

    asks = {"POST": RESOLVES}

    @extend_schema(
        operation_id="resolve_break",
        summary="Resolve a break, or propose how",
        description=(
            "Up to the limit of its currency the break is `resolved`: 200. Above, it is `proposed` and waits for a "
            "second person: 202. The same call by somebody else, with the same `resolution`, is that second signature."
        ),
        tags=["Finance"],
        request=ResolveBody,
        responses={OK: BreakAnswer, ACCEPTED: BreakAnswer},
    )
    def post(self, request: Request, break_id: UUID) -> Response:  # noqa: ARG002
        """Say it, and answer how the break stands."""
        found = breaks_visible_to(self.caller)
        known = found.filter(pk=break_id).first()
        if known is None:
            raise Http404
        body = self.read(ResolveBody)
        words: dict[str, Any] = {"break_id": break_id, "actor": self.caller, "at": timezone.now()}
        is_second = known.state == BreakState.PROPOSED and known.proposed_by_id != self.caller.pk
        if is_second and known.resolution == body["resolution"]:
            told = confirm_resolution(**words)
        else:
            told = resolve_break(resolution=body["resolution"], note=body["note"], **words)
        rows = found.filter(pk=break_id).select_related("owner", "proposed_by", "confirmed_by")
        return self.shown(rows, BreakAnswer, OK if told.is_resolved else ACCEPTED)
