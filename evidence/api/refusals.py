"""What was refused, for auditors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers

from config.kernel.bodies import MomentQuery, PageQuery
from config.kernel.pages import CursorPages
from config.kernel.rest import ApiView
from config.kernel.schema import page_of
from evidence.models import RefusedAction

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.response import Response

FILTERS = {
    "actor": "actor__username",
    "action": "action",
    "about": "about",
    "code": "code",
    "created_after": "at__gt",
    "created_before": "at__lt",
}


class RefusalQuery(PageQuery):
    """Which refusals; every filter narrows."""

    actor = serializers.CharField(max_length=150, required=False, help_text="A username.")
    action = serializers.CharField(max_length=100, required=False)
    about = serializers.CharField(max_length=80, required=False, help_text="A reference such as RR-7F3K.")
    code = serializers.CharField(max_length=60, required=False)
    created_after = MomentQuery(required=False)
    created_before = MomentQuery(required=False)


class RefusalAnswer(serializers.Serializer[Any]):
    """One no: `action` names the address, `about` what it was spoken to."""

    id = serializers.IntegerField()
    actor = serializers.CharField(source="actor.username")
    at = serializers.DateTimeField()
    action = serializers.CharField()
    about = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    request_id = serializers.CharField(help_text="As the answer and our logs named the call; empty for a page.")


class NewestRefusals(CursorPages):
    """Newest first."""

    ordering = ("-at", "-id")


class Refusals(ApiView):
    """Every no to a verb."""

    asks = {"GET": "evidence.view_refusedaction"}

    @extend_schema(
        operation_id="list_refusals",
        summary="List refused actions, newest first",
        tags=["Evidence"],
        parameters=[RefusalQuery],
        responses=page_of(RefusalAnswer),
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Answer one page: what somebody wanted to do, on a page or over the API, and heard 403 or 422."""
        asked = self.query(RefusalQuery)
        wanted = {column: asked[name] for name, column in FILTERS.items() if name in asked}
        rows = RefusedAction.objects.select_related("actor").filter(**wanted)
        return self.page(rows, RefusalAnswer, NewestRefusals)
