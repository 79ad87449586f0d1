"""Finance: statements come in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from config.kernel.bodies import ExactSerializer, FileBody
from config.kernel.jobs_api import JobAnswer
from config.kernel.rest import ApiView
from refunds.reconciliation.importing import last_job_of, upload_statement

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
    uploaded_by = serializers.CharField(source="uploaded_by.username", default=None, allow_null=True)
    fetched_by = serializers.CharField()
    uploaded_at = serializers.DateTimeField()


class ImportAnswer(JobAnswer):
    """The job that imports a file, and the file."""

    statement = StatementAnswer()


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
