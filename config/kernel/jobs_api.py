"""Long work as its owner sees it over the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from .jobs import Job
from .rest import ApiView

if TYPE_CHECKING:
    from uuid import UUID

    from rest_framework.request import Request


class JobAnswer(serializers.Serializer[Any]):
    """How far a piece of long work is, and what came of it."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    state = serializers.CharField()
    done = serializers.IntegerField()
    total = serializers.IntegerField(allow_null=True)
    result = serializers.JSONField(allow_null=True)
    error = serializers.CharField()
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class OneJob(ApiView):
    """One job."""

    @extend_schema(operation_id="read_job", summary="Read how far a job is", tags=["Jobs"], responses=JobAnswer)
    def get(self, request: Request, job_id: UUID) -> Response:  # noqa: ARG002
        """Answer one's own job; finance reads every import."""
        seen = Q(requested_by=self.caller)
        if self.caller.has_perm("refunds.view_statement"):
            seen |= Q(kind="import_statement")
        job = Job.objects.filter(seen, pk=job_id).first()
        if job is None:
            raise Http404
        return Response(JobAnswer(job).data)
