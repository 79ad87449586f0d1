"""Try a document out over the API: a job whose result says what it would have changed. No customer is affected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response

from config.kernel.bodies import ExactSerializer, MomentField
from config.kernel.jobs_api import JobAnswer
from config.kernel.rest import ApiView
from policies.permissions import policies_visible_to
from policies.simulation.backtesting import RIGHT, ask_backtest

if TYPE_CHECKING:
    from rest_framework.request import Request


class SimulateBody(ExactSerializer):
    """A whole policy document, and the window of stored decisions: from its first moment until before its last."""

    document = serializers.DictField()
    to = MomentField()

    def get_fields(self) -> dict[str, Any]:
        """Add the word that Python keeps for itself."""
        return {"from": MomentField(), **super().get_fields()}


class Simulate(ApiView):
    """Backtest a document on what a policy decided."""

    asks = {"POST": RIGHT}

    @extend_schema(
        operation_id="simulate_policy",
        summary="Try a document on the stored decisions of a window",
        tags=["Policies"],
        request=SimulateBody,
        responses={status.HTTP_202_ACCEPTED: JobAnswer},
    )
    def post(self, request: Request, slug: str) -> Response:  # noqa: ARG002
        """Queue it: 202 with the job; once it is over its `result` holds counts, money per currency and signatures."""
        policy = policies_visible_to(self.caller).filter(slug=slug).first()
        if policy is None:
            raise Http404
        body = self.read(SimulateBody)
        backtest = ask_backtest(
            policy_id=policy.pk,
            document=body["document"],
            from_at=body["from"],
            until_at=body["to"],
            actor=self.caller,
            at=timezone.now(),
        )
        return Response(JobAnswer(backtest.job).data, status.HTTP_202_ACCEPTED)
