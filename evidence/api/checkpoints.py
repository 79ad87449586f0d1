"""What was signed of the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers

from config.kernel.bodies import PageQuery
from config.kernel.pages import CursorPages
from config.kernel.rest import ApiView
from config.kernel.schema import page_of
from evidence.models import Checkpoint

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.response import Response


class CheckpointAnswer(serializers.Serializer[Any]):
    """A signed root over the first `size` entries of the ledger; `note` is the exact text that was signed."""

    number = serializers.IntegerField()
    size = serializers.IntegerField()
    root = serializers.CharField(source="root_hex")  # type: ignore[assignment]  # the class keeps its fields elsewhere
    previous = serializers.CharField(help_text="The SHA-256 of the note before it; empty for the first.")
    at = serializers.DateTimeField()
    key = serializers.CharField(source="key_id")
    closes_on = serializers.DateField(allow_null=True, help_text="The day (UTC) it is the last word about.")
    note = serializers.CharField()


class NewestCheckpoints(CursorPages):
    """Newest first."""

    ordering = ("-number",)


class Checkpoints(ApiView):
    """Every checkpoint."""

    asks = {"GET": "evidence.view_checkpoint"}

    @extend_schema(
        operation_id="list_checkpoints",
        summary="List signed checkpoints of the ledger, newest first",
        tags=["Evidence"],
        parameters=[PageQuery],
        responses=page_of(CheckpointAnswer),
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Answer one page. The newest `note` you keep proves later that nothing before it was rewritten."""
        self.query(PageQuery)
        return self.page(Checkpoint.objects.all(), CheckpointAnswer, NewestCheckpoints)
