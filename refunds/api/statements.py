"""Finance: statements come in, what they disagree on comes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from config.kernel.bodies import ExactSerializer, FileBody, PageQuery
from config.kernel.jobs_api import JobAnswer
from config.kernel.pages import CursorPages
from config.kernel.rest import ApiView
from config.kernel.schema import page_of
from refunds.models import StatementLine
from refunds.reconciliation.importing import last_job_of, upload_statement
from refunds.vocabulary import LineResult

if TYPE_CHECKING:
    from rest_framework.request import Request

ACCEPTED = 202
OK = 200


class StatementBody(ExactSerializer):
    """A processor's or a bank's file; without a format it is recognised, without an account it is the format's."""

    account = serializers.RegexField(r"^[A-Za-z0-9_.-]+$", max_length=40, required=False)
    format = serializers.RegexField(r"^[a-z0-9_.-]+$", max_length=40, required=False)
    file = serializers.FileField(allow_empty_file=True)


class StatementAnswer(serializers.Serializer[Any]):
    """What a file covers."""

    id = serializers.UUIDField()
    account = serializers.CharField()
    format = serializers.CharField()
    filename = serializers.CharField()
    sha256 = serializers.CharField()
    currency = serializers.CharField()
    line_count = serializers.IntegerField()
    net_minor = serializers.IntegerField()
    from_at = serializers.DateTimeField(allow_null=True)
    to_at = serializers.DateTimeField(allow_null=True)
    uploaded_by = serializers.CharField(source="uploaded_by.username")
    uploaded_at = serializers.DateTimeField()


class ImportAnswer(JobAnswer):
    """The job that imports a file, and the file."""

    statement = StatementAnswer()


class BreakAnswer(serializers.Serializer[Any]):
    """A disagreement between a processor's record and ours."""

    id = serializers.UUIDField(source="break_id")
    kind = serializers.SerializerMethodField()
    state = serializers.SerializerMethodField()
    amount_minor = serializers.IntegerField(source="net_minor")
    currency = serializers.CharField()
    account = serializers.CharField()
    opened_at = serializers.DateTimeField(source="statement.uploaded_at")
    due_at = serializers.SerializerMethodField()
    owner = serializers.SerializerMethodField()
    reference = serializers.CharField(source="external_id")
    note = serializers.CharField(source="result_note")

    @extend_schema_field(OpenApiTypes.STR)
    def get_kind(self, line: StatementLine) -> str:  # noqa: ARG002
        """Say what disagrees."""
        return "unmatched_line"

    @extend_schema_field(OpenApiTypes.STR)
    def get_state(self, line: StatementLine) -> str:  # noqa: ARG002
        """Say that nobody resolved it yet."""
        return "open"

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_due_at(self, line: StatementLine) -> str | None:  # noqa: ARG002
        """No line has a promise yet."""
        return None

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_owner(self, line: StatementLine) -> str | None:  # noqa: ARG002
        """No line has an owner yet."""
        return None


class NewestLines(CursorPages):
    """Newest first."""

    ordering = ("-booked_at", "-id")


class Statements(ApiView):
    """Take a processor's file in."""

    asks = {"POST": "refunds.add_statement"}
    parser_classes = [FileBody]

    @extend_schema(
        operation_id="upload_statement",
        summary="Upload a statement of a processor or a bank",
        tags=["Finance"],
        request={"multipart/form-data": StatementBody},
        responses={ACCEPTED: ImportAnswer, OK: ImportAnswer},
    )
    def post(self, request: Request) -> Response:  # noqa: ARG002
        """Keep the file and queue its import: 202 with the job. The same file again answers 200 with the job it had."""
        body = self.read(StatementBody)
        statement, job = upload_statement(
            account=body.get("account", ""),
            name=body.get("format", ""),
            file=body["file"],
            actor=self.caller,
            at=timezone.now(),
        )
        told = job or last_job_of(statement)
        told.statement = statement  # type: ignore[attr-defined]  # what the answer shows beside the job
        return Response(ImportAnswer(told).data, OK if job is None else ACCEPTED)


class Breaks(ApiView):
    """What does not agree."""

    asks = {"GET": "refunds.view_statement"}

    @extend_schema(
        operation_id="list_breaks",
        summary="List statement lines that match nothing of ours",
        tags=["Finance"],
        parameters=[PageQuery],
        responses=page_of(BreakAnswer),
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Answer one page, newest first."""
        self.query(PageQuery)
        lines = StatementLine.objects.filter(result=LineResult.UNMATCHED).select_related("statement")
        return self.page(lines, BreakAnswer, NewestLines)
