"""Many refund requests in one call: kept, then filed by a job that answers each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.response import Response

from config.kernel.bodies import ExactSerializer, WordField
from config.kernel.jobs import Job
from config.kernel.jobs_api import JobAnswer
from config.kernel.problems import told_of
from config.kernel.refusals import Refused
from config.kernel.rest import ApiView
from refunds.batches.taking import KIND, MOST_ROWS, Row, cancel_batch, check_count, take_batch
from refunds.models.batch import LONGEST_KEY

from .request_bodies import NewRequestBody

if TYPE_CHECKING:
    from uuid import UUID

    from rest_framework.request import Request


class BatchRowBody(NewRequestBody):
    """One of many: a new refund request, and the caller's own key for it."""

    key = WordField(
        max_length=LONGEST_KEY,
        required=False,
        help_text="Your own name for this request. Sent again, in this call or a later one, it is not filed twice.",
    )


@extend_schema_field(BatchRowBody(many=True, min_length=1, max_length=MOST_ROWS))  # type: ignore[call-arg]  # as above
class RowsField(serializers.ListField):
    """Rows that are each read by itself, so that a fault of one is no fault of the others."""

    def to_internal_value(self, data: Any) -> list[Row]:
        """Read every row.

        :raises Refused: for none or too many
        """
        if not isinstance(data, list):
            raise serializers.ValidationError("Send a list.", code="invalid")
        check_count(len(data))
        shape = BatchRowBody()
        return [_row(shape, one) for one in data]


class BatchBody(ExactSerializer):
    """Up to a thousand refund requests."""

    requests = RowsField()


class Batches(ApiView):
    """Many requests."""

    asks = {"POST": "refunds.submit_refundrequest"}

    @extend_schema(
        operation_id="file_refund_requests",
        summary="File up to 1,000 refund requests in one call",
        tags=["Refund requests"],
        request=BatchBody,
        responses={status.HTTP_202_ACCEPTED: JobAnswer},
    )
    def post(self, request: Request) -> Response:  # noqa: ARG002
        """Keep them all: 202 with the job that files each as a call of its own would.

        `GET /api/v1/jobs/{id}` tells how far it is. Its `result` counts `filed` and `refused` and has an item for each
        request that was answered: `number` in the call, `key`, `status`; with 201 `reference`, `state`, `amount_minor`,
        `currency` and `evidence_missing`; with 200 the same of a request that was filed under its key before; else
        `code`, `detail` and `errors`.
        """
        body = self.read(BatchBody)
        job = take_batch(rows=body["requests"], actor=self.caller, at=timezone.now())
        return Response(JobAnswer(job).data, status.HTTP_202_ACCEPTED)


class CancelBatch(ApiView):
    """Stopping."""

    asks = {"POST": "refunds.submit_refundrequest"}

    @extend_schema(
        operation_id="cancel_refund_requests",
        summary="Stop filing the requests of one call",
        tags=["Refund requests"],
        request=None,
        responses=JobAnswer,
    )
    def post(self, request: Request, job_id: UUID) -> Response:  # noqa: ARG002
        """Ask the job to stop: what was filed stays filed; one that is over stays as it is."""
        job = Job.objects.filter(pk=job_id, kind=KIND, requested_by=self.caller).first()
        if job is None:
            raise Http404
        cancel_batch(job=job)
        job.refresh_from_db()
        return Response(JobAnswer(job).data)


def _row(shape: BatchRowBody, told: Any) -> Row:
    try:
        body = dict(shape.run_validation(told))
    except (serializers.ValidationError, Refused) as fault:
        key = told.get("key", "") if isinstance(told, dict) else ""
        is_key = isinstance(key, str) and len(key) <= LONGEST_KEY and key.isprintable()
        return Row(key=key if is_key else "", body=None, problem=told_of(fault))
    return Row(key=body.pop("key", ""), body=body, problem=None)
